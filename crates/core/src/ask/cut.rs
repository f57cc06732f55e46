//! Pages: parts of lists.

use std::ops::Range;

/// Which part of a list a page is. `P` is a place in the list: where something of it stands,
/// or stood when the place was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut<P> {
    /// The page begins with the list.
    #[default]
    Start,
    /// The page begins after so many things.
    Skip(usize),
    /// The page begins right after a place.
    After(P),
    /// The page ends right before a place.
    Before(P),
}

impl<P> Cut<P> {
    /// The positions of a page of at most `take` things in a list of `total`. `standing` tells
    /// how many things stand before a place, or before and at it where its second argument is
    /// `true`.
    pub(super) fn range(
        &self,
        total: usize,
        take: usize,
        standing: impl Fn(&P, bool) -> usize,
    ) -> Range<usize> {
        let (begin, end) = match self {
            Self::Start => (0, take),
            Self::Skip(count) => (*count, count.saturating_add(take)),
            Self::After(place) => {
                let begin = standing(place, true);
                (begin, begin.saturating_add(take))
            }
            Self::Before(place) => {
                let end = standing(place, false);
                (end.saturating_sub(take), end)
            }
        };
        let end = end.min(total);
        begin.min(end)..end
    }
}

/// A page of a list, and where the pages beside it are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, P> {
    /// What stands on the page.
    pub items: Vec<T>,
    /// How many things stand on all pages.
    pub total: usize,
    /// The place of the first thing, if something stands before it: a page with
    /// [`Cut::Before`] this place is the one before.
    pub previous: Option<P>,
    /// The place of the last thing, if something stands after it: a page with
    /// [`Cut::After`] this place is the one after.
    pub next: Option<P>,
}

impl<T, P> Page<T, P> {
    /// The page of an empty list.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            items: Vec::new(),
            total: 0,
            previous: None,
            next: None,
        }
    }

    /// A page with these things, of a list of `total`. `beside` tells whether anything stands
    /// before and after them.
    pub(super) fn new(
        items: Vec<T>,
        total: usize,
        beside: (bool, bool),
        place: impl Fn(&T) -> P,
    ) -> Self {
        let (before, after) = beside;
        Self {
            previous: items.first().filter(|_| before).map(&place),
            next: items.last().filter(|_| after).map(&place),
            items,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(all: &[u8], cut: Cut<u8>, take: usize) -> Page<u8, u8> {
        let standing =
            |place: &u8, with_it| all.partition_point(|one| one < place || with_it && one == place);
        let range = cut.range(all.len(), take, standing);
        let beside = (range.start > 0, range.end < all.len());
        Page::new(all[range].to_vec(), all.len(), beside, |one| *one)
    }

    proptest! {
        #[test]
        fn pages_forwards_and_backwards_are_the_whole_list(
            all in prop::collection::btree_set(any::<u8>(), 0..40),
            take in 1usize..9,
        ) {
            let all: Vec<u8> = all.into_iter().collect();
            let mut walked = Vec::new();
            let mut cut = Cut::Start;
            loop {
                let page = page(&all, cut, take);
                walked.extend(page.items);
                let Some(next) = page.next else { break };
                cut = Cut::After(next);
            }
            prop_assert_eq!(&walked, &all);
            let Some(last) = all.last() else { return Ok(()) };
            let (mut walked, mut cut) = (vec![*last], Cut::Before(*last));
            loop {
                let page = page(&all, cut, take);
                walked.splice(0..0, page.items);
                let Some(previous) = page.previous else { break };
                cut = Cut::Before(previous);
            }
            prop_assert_eq!(walked, all);
        }

        #[test]
        fn skipping_past_the_end_is_an_empty_page(all in prop::collection::btree_set(any::<u8>(), 0..9)) {
            let all: Vec<u8> = all.into_iter().collect();
            let page = page(&all, Cut::Skip(usize::MAX), usize::MAX);
            prop_assert_eq!(page, Page { items: vec![], total: all.len(), previous: None, next: None });
        }
    }
}
