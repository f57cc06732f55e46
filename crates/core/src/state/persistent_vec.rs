//! Things at places that are counted from 0: an array that is copied on write a
//! piece at a time. A look into it takes four steps, however long it is.

use std::sync::Arc;

/// How many things make a piece, which a write copies. For things that are
/// shared: whoever copies a piece counts one more for each of them, and each lies
/// anywhere in memory. With pieces of 64, and 256 of them in a row, that was most
/// of what a write took.
pub(crate) const SHARED: usize = 32;
/// For things that stand in the piece itself: the fewer pieces, the sooner one
/// is found.
pub(crate) const PLAIN: usize = 512;
/// How many pieces make a row, and how many rows a shelf.
const ROW: usize = 32;
const SHELF: usize = 32;

type Piece<T, const PIECE: usize> = Arc<[Option<T>; PIECE]>;
type Row<T, const PIECE: usize> = Arc<[Option<Piece<T, PIECE>>; ROW]>;
type Shelf<T, const PIECE: usize> = Arc<[Option<Row<T, PIECE>>; SHELF]>;

/// An array with gaps.
#[derive(Clone, Debug)]
pub(crate) struct PersistentVec<T, const PIECE: usize = SHARED> {
    shelves: Arc<Vec<Shelf<T, PIECE>>>,
    end: usize,
}

impl<T, const PIECE: usize> Default for PersistentVec<T, PIECE> {
    fn default() -> Self {
        Self {
            shelves: Arc::default(),
            end: 0,
        }
    }
}

impl<T: Clone, const PIECE: usize> PersistentVec<T, PIECE> {
    /// The place after the last one that was ever taken.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        let shelf = self.shelves.get(place / (PIECE * ROW * SHELF))?;
        let row = shelf.get(place / (PIECE * ROW) % SHELF)?.as_ref()?;
        let piece = row.get(place / PIECE % ROW)?.as_ref()?;
        piece.get(place % PIECE)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        // Nothing is copied for what is not there.
        self.get(place)?;
        self.place(place)?.as_mut()
    }

    /// Put something at a place. What was there.
    pub(crate) fn set(&mut self, place: usize, thing: T) -> Option<T> {
        self.make_room(place + 1);
        self.place(place)?.replace(thing)
    }

    /// Take what is at a place. What becomes empty takes no more memory.
    pub(crate) fn take(&mut self, place: usize) -> Option<T> {
        self.get(place)?;
        let shelf = Arc::make_mut(&mut self.shelves).get_mut(place / (PIECE * ROW * SHELF))?;
        let in_shelf = Arc::make_mut(shelf).get_mut(place / (PIECE * ROW) % SHELF)?;
        let row = Arc::make_mut(in_shelf.as_mut()?);
        let in_row = row.get_mut(place / PIECE % ROW)?;
        let piece = Arc::make_mut(in_row.as_mut()?);
        let taken = piece.get_mut(place % PIECE)?.take();
        if piece.iter().all(Option::is_none) {
            *in_row = None;
            if row.iter().all(Option::is_none) {
                *in_shelf = None;
            }
        }
        taken
    }

    /// All that is there, with its place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let rows = self.shelves.iter().flat_map(|shelf| shelf.iter());
        rows.enumerate().flat_map(|(row_at, row)| {
            let pieces = row.iter().flat_map(|row| row.iter()).enumerate();
            pieces.flat_map(move |(piece_at, piece)| {
                let first = (row_at * ROW + piece_at) * PIECE;
                let things = piece.iter().flat_map(|piece| piece.iter()).enumerate();
                things.filter_map(move |(at, thing)| Some((first + at, thing.as_ref()?)))
            })
        })
    }

    /// Let places up to an end be taken.
    pub(crate) fn make_room(&mut self, end: usize) {
        self.end = self.end.max(end);
    }

    /// A place before the end, all of its own from here on.
    fn place(&mut self, place: usize) -> Option<&mut Option<T>> {
        let shelves = Arc::make_mut(&mut self.shelves);
        while shelves.len() <= place / (PIECE * ROW * SHELF) {
            shelves.push(empty());
        }
        let shelf = shelves.get_mut(place / (PIECE * ROW * SHELF))?;
        let row = Arc::make_mut(shelf).get_mut(place / (PIECE * ROW) % SHELF)?;
        let row = Arc::make_mut(row.get_or_insert_with(empty));
        let piece = row.get_mut(place / PIECE % ROW)?;
        let piece = Arc::make_mut(piece.get_or_insert_with(empty));
        piece.get_mut(place % PIECE)
    }
}

fn empty<T, const LENGTH: usize>() -> Arc<[Option<T>; LENGTH]> {
    Arc::new([const { None }; LENGTH])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_behaves_like_a_map(
            steps in prop::collection::vec((any::<bool>(), prop_oneof![0usize..80, 0usize..40_000], any::<u8>()), 0..60),
        ) {
            // Small pieces, so that there are several shelves.
            let mut places = PersistentVec::<u8, 4>::default();
            let mut model = BTreeMap::new();
            let mut end = 0;
            for (set, place, value) in steps {
                let (before, old) = (places.clone(), model.clone());
                if set {
                    prop_assert_eq!(places.set(place, value), model.insert(place, value));
                    end = end.max(place + 1);
                } else {
                    prop_assert_eq!(places.take(place), model.remove(&place));
                }
                prop_assert_eq!(places.get(place), model.get(&place));
                prop_assert_eq!(places.get_mut(place), model.get_mut(&place));
                prop_assert_eq!(places.end(), end);
                prop_assert!(before.iter().eq(old.iter().map(|(place, value)| (*place, value))));
            }
            prop_assert!(places.iter().eq(model.iter().map(|(place, value)| (*place, value))));
        }
    }

    #[test]
    fn what_becomes_empty_takes_no_memory() {
        let mut places = PersistentVec::<u8, 4>::default();
        for place in 0..1_000 {
            places.set(place, 1);
        }
        for place in 0..1_000 {
            places.take(place);
        }
        let shelves = places.shelves.iter();
        assert!(shelves.flat_map(|shelf| shelf.iter()).all(Option::is_none));
        places.set(7, 2);
        assert_eq!(places.get(7), Some(&2));
    }
}
