//! Names of kinds or roles, each at an index of its own for ever.

use std::collections::HashSet;

use crate::catalogue::{Kind, Role};

/// Up to how many names are looked through one by one.
const FEW: usize = 32;
/// How many names have an index.
const MOST: usize = 1 << 16;

/// What has a name in the catalogue.
pub(super) trait Named: Clone {
    fn name(&self) -> &str;
}

impl Named for Kind {
    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Named for Role {
    fn name(&self) -> &str {
        self.name.as_str()
    }
}

/// Every name that a tenant's kinds, or its roles, ever had, by index, and where
/// in the catalogue stands what has it now. Names beyond the 65,536th have none.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    list: Vec<(Box<str>, Option<usize>)>,
    /// The indices in the order of their names, where these are not few.
    sorted: Vec<u16>,
}

impl From<Vec<Box<str>>> for Names {
    fn from(names: Vec<Box<str>>) -> Self {
        let list = names.into_iter().take(MOST).map(|name| (name, None));
        let mut names = Self {
            list: list.collect(),
            sorted: Vec::new(),
        };
        names.sort();
        names
    }
}

impl Names {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| &**name)
    }

    /// Where in the catalogue stands what has the name at an index.
    pub(super) fn position(&self, index: u16) -> Option<usize> {
        self.list.get(usize::from(index))?.1
    }

    pub(super) fn index(&self, name: &str) -> Option<u16> {
        if self.sorted.is_empty() {
            let at = self.list.iter().position(|(known, _)| **known == *name);
            return at.and_then(|at| u16::try_from(at).ok());
        }
        let found = self.find(name).ok()?;
        self.sorted.get(found).copied()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|index| {
            let known = self.list.get(usize::from(*index));
            known.map_or("", |(known, _)| known).cmp(name)
        })
    }

    fn sort(&mut self) {
        if self.list.len() > FEW {
            self.sorted = (0..=u16::MAX).take(self.list.len()).collect();
            let list = &self.list;
            let name = |index: &u16| list.get(usize::from(*index)).map(|(name, _)| name);
            self.sorted.sort_by_key(name);
        }
    }

    /// Whether all of these have an index, or would get one.
    pub(super) fn have_room_for<T: Named>(&self, all: &[T]) -> bool {
        let room = MOST.saturating_sub(self.list.len());
        if all.len() <= room {
            return true;
        }
        let names = all.iter().map(Named::name);
        let new = names.filter(|name| self.index(name).is_none());
        new.collect::<HashSet<_>>().len() <= room
    }

    /// Let a name have what stands at a position. The first that has a name keeps it.
    fn put(&mut self, name: &str, position: usize) {
        match self.index(name) {
            Some(index) => {
                if let Some((_, known)) = self.list.get_mut(usize::from(index)) {
                    known.get_or_insert(position);
                }
            }
            None if self.list.len() < MOST => {
                let place = match self.sorted.is_empty() {
                    true => None,
                    false => self.find(name).err(),
                };
                if let (Some(place), Ok(index)) = (place, u16::try_from(self.list.len())) {
                    self.sorted.insert(place, index);
                }
                self.list.push((name.into(), Some(position)));
                if self.sorted.is_empty() {
                    self.sort();
                }
            }
            None => {}
        }
    }

    /// Let these be all that there is.
    pub(super) fn place<T: Named>(&mut self, all: &[T]) {
        for (_, position) in &mut self.list {
            *position = None;
        }
        for (position, one) in all.iter().enumerate() {
            self.put(one.name(), position);
        }
    }

    /// Let some go, and others come: in the place of what has their name, or at the end.
    pub(super) fn change<T: Named>(
        &mut self,
        all: &mut Vec<T>,
        set: &[T],
        removed: &HashSet<&str>,
    ) {
        if !removed.is_empty() {
            all.retain(|one| !removed.contains(one.name()));
            self.place(all);
        }
        for one in set {
            let position = match self.index(one.name()) {
                Some(index) => self.position(index),
                // It has no index, and may be there all the same.
                None if self.list.len() >= MOST => {
                    all.iter().position(|old| old.name() == one.name())
                }
                None => None,
            };
            match position.and_then(|position| all.get_mut(position)) {
                Some(old) => old.clone_from(one),
                None => {
                    self.put(one.name(), all.len());
                    all.push(one.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn roles(names: impl Iterator<Item = String>) -> Vec<Role> {
        let one = Catalogue::starting().unwrap().roles[0].clone();
        names
            .map(|name| Role {
                name: name.as_str().into(),
                ..one.clone()
            })
            .collect()
    }

    #[test]
    fn few_and_many_names_are_found_alike() {
        for many in [3, FEW, FEW + 1, 500] {
            let all = roles((0..many).map(|n| format!("r{}", n * 7 % many)));
            let mut names = Names::default();
            names.place(&all);
            let read = Names::from(names.iter().map(Box::from).collect::<Vec<_>>());
            for (at, role) in all.iter().enumerate() {
                let index = u16::try_from(at).unwrap();
                assert_eq!(names.index(role.name()), Some(index));
                assert_eq!(names.position(index), Some(at));
                assert_eq!(read.index(role.name()), Some(index));
                assert_eq!(read.position(index), None);
            }
            assert_eq!(names.index("other"), None);
        }
    }

    #[test]
    fn what_goes_keeps_its_index_and_what_comes_back_has_it_again() {
        let mut all = roles((0..40).map(|n| format!("r{n}")));
        let mut names = Names::default();
        names.place(&all);
        let removed = HashSet::from(["r3", "r39", "nobody"]);
        names.change(&mut all, &[], &removed);
        assert_eq!((all.len(), names.position(3)), (38, None));
        assert_eq!(names.position(4), Some(3));
        let back = roles(["r3", "new", "r5"].map(str::to_owned).into_iter());
        names.change(&mut all, &back, &HashSet::new());
        assert_eq!((names.index("r3"), names.position(3)), (Some(3), Some(38)));
        assert_eq!(
            (names.index("new"), names.position(40)),
            (Some(40), Some(39))
        );
        assert_eq!((all.len(), names.position(5)), (40, Some(4)));
    }

    #[test]
    fn names_beyond_the_last_index_have_none() {
        let full = (0..MOST)
            .map(|n| format!("n{n}").into())
            .collect::<Vec<_>>();
        let mut names = Names::from(full);
        let mut all = roles(["n65535", "more"].map(str::to_owned).into_iter());
        assert!(!names.have_room_for(&all));
        names.place(&all);
        assert_eq!(
            (names.index("more"), names.index("n65535")),
            (None, Some(u16::MAX))
        );
        let again = all[1].clone();
        names.change(&mut all, &[again], &HashSet::new());
        assert_eq!(all.len(), 2);
        all.pop();
        assert!(names.have_room_for(&all));
    }
}
