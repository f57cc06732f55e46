//! Users, groups and services: each found by number, id or key.

use std::sync::Arc;

use uuid::Uuid;

use super::index::{Index, hash};
use super::numbers::Numbers;
use super::space::Space;
use super::sparse_map::SparseMap;
use crate::id::Key;
use crate::key::Meaning;
use crate::reference::Ref;

/// What a table holds.
pub(crate) trait Row: Clone {
    type Number: Copy + Ord + From<u32> + Into<u32>;

    fn number(&self) -> Self::Number;
    fn id(&self) -> Uuid;
    fn key(&self) -> Option<&Key>;
}

/// Rows of one type, with the indices that find them.
#[derive(Clone, Debug)]
pub(crate) struct Table<R: Row> {
    rows: SparseMap<Arc<R>>,
    ids: Index,
    keys: Index,
    numbers: Numbers,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: SparseMap::default(),
            ids: Index::default(),
            keys: Index::default(),
            numbers: Numbers::default(),
        }
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn from_rows(numbers: Numbers, rows: impl IntoIterator<Item = R>) -> Self {
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        let mut table = Self {
            numbers,
            ..Self::default()
        };
        for row in rows {
            let number = row.number().into();
            ids.push((hash(row.id()), number));
            keys.extend(row.key().map(|key| (hash(key.meaning()), number)));
            table.numbers.take(number);
            table.rows.insert(number, Arc::new(row));
        }
        table.ids = ids.into_iter().collect();
        table.keys = keys.into_iter().collect();
        table
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, number: R::Number) -> Option<&R> {
        self.rows.get(number.into()).map(|row| &**row)
    }

    pub(crate) fn get_mut(&mut self, number: R::Number) -> Option<&mut R> {
        self.rows.get_mut(number.into()).map(Arc::make_mut)
    }

    /// The numbers that are in use, from one on.
    pub(crate) fn numbers_from(&self, first: R::Number) -> impl Iterator<Item = R::Number> {
        self.rows.iter_from(first.into()).map(|row| row.number())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().map(|row| &**row)
    }

    pub(crate) fn number_of(&self, id: Uuid) -> Option<R::Number> {
        let mut found = self.ids.find(hash(id));
        found.find_map(|number| {
            let row = self.rows.get(number)?;
            (row.id() == id).then(|| row.number())
        })
    }

    pub(crate) fn find(&self, reference: &Ref) -> Option<R::Number> {
        self.meant(reference)
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Whether a number was never in use.
    pub(crate) fn is_new(&self, number: u32) -> bool {
        self.rows.get(number).is_none() && !self.numbers.is_gone(number)
    }

    pub(crate) fn insert(&mut self, row: R) {
        let number = row.number().into();
        self.numbers.take(number);
        self.ids.insert(hash(row.id()), number);
        if let Some(key) = row.key() {
            self.keys.insert(hash(key.meaning()), number);
        }
        self.rows.insert(number, Arc::new(row));
    }

    pub(crate) fn remove(&mut self, number: R::Number) {
        if let Some(row) = self.rows.remove(number.into()) {
            let number = number.into();
            self.ids.remove(hash(row.id()), number);
            if let Some(key) = row.key() {
                self.keys.remove(hash(key.meaning()), number);
            }
            self.numbers.retire(number);
        }
    }

    /// Change a row, and with it what finds it.
    pub(crate) fn update(&mut self, number: R::Number, change: impl FnOnce(&mut R)) {
        let Some(row) = self.rows.get_mut(number.into()) else {
            return;
        };
        let row = Arc::make_mut(row);
        let old = row.key().cloned();
        change(row);
        if old.as_ref() != row.key() {
            if let Some(old) = old {
                self.keys.remove(hash(old.meaning()), number.into());
            }
            if let Some(key) = row.key() {
                self.keys.insert(hash(key.meaning()), number.into());
            }
        }
    }
}

impl<R: Row> Space for Table<R> {
    type Thing = R::Number;

    fn keyed(&self, text: &str) -> impl Iterator<Item = (R::Number, bool)> {
        let meaning = Meaning::of(text);
        let found = self.keys.find(hash(&meaning));
        found.filter_map(move |number| {
            let row = self.rows.get(number)?;
            let own = row.key()?;
            let alike = own.as_str() == text;
            (alike || own.meaning() == meaning).then(|| (row.number(), alike))
        })
    }

    fn identified(&self, id: Uuid) -> Option<R::Number> {
        self.number_of(id)
    }

    fn numbered(&self, number: u32) -> Option<R::Number> {
        Some(self.rows.get(number)?.number())
    }
}
