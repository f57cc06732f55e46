//! Users, groups and services: each found by number, id or key.

use std::sync::Arc;

use imbl::OrdMap;
use uuid::Uuid;

use super::numbers::Numbers;
use crate::id::Key;
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
    rows: OrdMap<R::Number, Arc<R>>,
    by_id: OrdMap<Uuid, R::Number>,
    by_key: OrdMap<Key, R::Number>,
    numbers: Numbers,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: OrdMap::new(),
            by_id: OrdMap::new(),
            by_key: OrdMap::new(),
            numbers: Numbers::default(),
        }
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn from_rows(numbers: Numbers, rows: impl IntoIterator<Item = R>) -> Self {
        let mut table = Self {
            numbers,
            ..Self::default()
        };
        for row in rows {
            table.insert(row);
        }
        table
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, number: R::Number) -> Option<&R> {
        self.rows.get(&number).map(|row| &**row)
    }

    pub(crate) fn get_mut(&mut self, number: R::Number) -> Option<&mut R> {
        self.rows.get_mut(&number).map(Arc::make_mut)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.values().map(|row| &**row)
    }

    pub(crate) fn number_of(&self, id: Uuid) -> Option<R::Number> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<R::Number> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn find(&self, reference: &Ref) -> Option<R::Number> {
        match reference {
            Ref::Id(id) => self.number_of(*id),
            Ref::Number(number) => {
                let number = R::Number::from(*number);
                self.rows.contains_key(&number).then_some(number)
            }
            Ref::Text(text) => self
                .by_key(text)
                .or_else(|| self.number_of(Uuid::parse_str(text).ok()?)),
        }
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Whether a number was never in use.
    pub(crate) fn is_new(&self, number: u32) -> bool {
        !self.rows.contains_key(&R::Number::from(number)) && !self.numbers.is_gone(number)
    }

    pub(crate) fn insert(&mut self, row: R) {
        let number = row.number();
        self.numbers.take(number.into());
        self.by_id.insert(row.id(), number);
        if let Some(key) = row.key() {
            self.by_key.insert(key.clone(), number);
        }
        self.rows.insert(number, Arc::new(row));
    }

    pub(crate) fn remove(&mut self, number: R::Number) {
        if let Some(row) = self.rows.remove(&number) {
            self.by_id.remove(&row.id());
            if let Some(key) = row.key() {
                self.by_key.remove(key);
            }
            self.numbers.retire(number.into());
        }
    }

    /// Change a row, and with it what finds it.
    pub(crate) fn update(&mut self, number: R::Number, change: impl FnOnce(&mut R)) {
        let Some(row) = self.rows.get_mut(&number) else {
            return;
        };
        let row = Arc::make_mut(row);
        let old = row.key().cloned();
        change(row);
        if old.as_ref() != row.key() {
            if let Some(old) = old {
                self.by_key.remove(&old);
            }
            if let Some(key) = row.key() {
                self.by_key.insert(key.clone(), number);
            }
        }
    }
}
