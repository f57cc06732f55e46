//! Names of kinds or roles, each at an index of its own for ever.

use std::collections::HashSet;

use crate::catalogue::{Kind, Role};
use crate::model::Creation;

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
    list: Vec<Known>,
    /// The indices in the order of their names, where these are not few.
    sorted: Vec<u16>,
}

/// A name that has an index.
#[derive(Clone, Debug)]
struct Known {
    name: Box<str>,
    /// Where in the catalogue stands what has the name.
    position: Option<usize>,
    /// When that came into the catalogue, or what last had the name.
    creation: Creation,
}

impl From<Vec<(Box<str>, Creation)>> for Names {
    fn from(names: Vec<(Box<str>, Creation)>) -> Self {
        let list = names.into_iter().take(MOST);
        let list = list.map(|(name, creation)| Known {
            name,
            position: None,
            creation,
        });
        let mut names = Self {
            list: list.collect(),
            sorted: Vec::new(),
        };
        names.sort();
        names
    }
}

impl Names {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Creation)> {
        self.list.iter().map(|known| (&*known.name, known.creation))
    }

    /// When the kind or role of a name came into the catalogue. `None` if there is none.
    pub(super) fn creation(&self, name: &str) -> Option<Creation> {
        let known = self.list.get(usize::from(self.index(name)?))?;
        known.position.map(|_| known.creation)
    }

    /// Where in the catalogue stands what has the name at an index.
    pub(super) fn position(&self, index: u16) -> Option<usize> {
        self.list.get(usize::from(index))?.position
    }

    pub(super) fn index(&self, name: &str) -> Option<u16> {
        if self.sorted.is_empty() {
            let at = self.list.iter().position(|known| *known.name == *name);
            return at.and_then(|at| u16::try_from(at).ok());
        }
        let found = self.find(name).ok()?;
        self.sorted.get(found).copied()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|index| {
            let known = self.list.get(usize::from(*index));
            known.map_or("", |known| &known.name).cmp(name)
        })
    }

    fn sort(&mut self) {
        if self.list.len() > FEW {
            self.sorted = (0..=u16::MAX).take(self.list.len()).collect();
            let list = &self.list;
            let name = |index: &u16| list.get(usize::from(*index)).map(|known| &known.name);
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
    /// `creation` is that of a name that had none before.
    fn put(&mut self, name: &str, position: usize, creation: Creation) -> Option<&mut Known> {
        let index = match self.index(name) {
            Some(index) => usize::from(index),
            None if self.list.len() < MOST => {
                let place = match self.sorted.is_empty() {
                    true => None,
                    false => self.find(name).err(),
                };
                if let (Some(place), Ok(index)) = (place, u16::try_from(self.list.len())) {
                    self.sorted.insert(place, index);
                }
                self.list.push(Known {
                    name: name.into(),
                    position: None,
                    creation,
                });
                if self.sorted.is_empty() {
                    self.sort();
                }
                self.list.len() - 1
            }
            None => return None,
        };
        let known = self.list.get_mut(index)?;
        known.position.get_or_insert(position);
        Some(known)
    }

    /// Let these be all that there is. `creation` is that of all that come; `None` where
    /// that is known already.
    pub(super) fn place<T: Named>(&mut self, all: &[T], creation: Option<Creation>) {
        let take = |known: &mut Known| known.position.take().is_some();
        let were_there: Vec<bool> = self.list.iter_mut().map(take).collect();
        for (position, one) in all.iter().enumerate() {
            self.put(one.name(), position, creation.unwrap_or(Creation::UNKNOWN));
        }
        let Some(creation) = creation else {
            return;
        };
        for (known, was_there) in self.list.iter_mut().zip(were_there) {
            if known.position.is_some() && !was_there {
                known.creation = creation;
            }
        }
    }

    /// Let some go, and others come: in the place of what has their name, or at the end.
    pub(super) fn change<T: Named>(
        &mut self,
        all: &mut Vec<T>,
        set: &[T],
        removed: &HashSet<&str>,
        creation: Creation,
    ) {
        if !removed.is_empty() {
            all.retain(|one| !removed.contains(one.name()));
            self.place(all, None);
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
                    if let Some(known) = self.put(one.name(), all.len(), creation) {
                        known.creation = creation;
                    }
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
    use crate::model::Giver;
    use crate::time::Timestamp;

    fn roles(names: impl Iterator<Item = String>) -> Vec<Role> {
        let one = Catalogue::starting().unwrap().roles[0].clone();
        names
            .map(|name| Role {
                name: name.as_str().into(),
                ..one.clone()
            })
            .collect()
    }

    fn at(millis: i64) -> Creation {
        Creation {
            at: Timestamp::from_millis(millis),
            by: Giver::UNKNOWN,
        }
    }

    #[test]
    fn few_and_many_names_are_found_alike() {
        for many in [3, FEW, FEW + 1, 500] {
            let all = roles((0..many).map(|n| format!("r{}", n * 7 % many)));
            let mut names = Names::default();
            names.place(&all, Some(at(1)));
            let read = names.iter().map(|(name, creation)| (name.into(), creation));
            let read = Names::from(read.collect::<Vec<_>>());
            for (at, role) in all.iter().enumerate() {
                let index = u16::try_from(at).unwrap();
                assert_eq!(names.index(role.name()), Some(index));
                assert_eq!(names.position(index), Some(at));
                assert_eq!(read.index(role.name()), Some(index));
                assert_eq!(read.position(index), None);
            }
            assert_eq!(names.index("other"), None);
            assert!(names.iter().eq(read.iter()));
        }
    }

    #[test]
    fn a_name_is_as_old_as_what_has_it_without_a_break() {
        let mut all = roles(["a", "b"].map(str::to_owned).into_iter());
        let mut names = Names::default();
        names.place(&all, Some(at(1)));
        let creations = |names: &Names| ["a", "b", "c"].map(|name| names.creation(name));
        assert_eq!(creations(&names), [Some(at(1)), Some(at(1)), None]);
        // What is changed or stands elsewhere stays as old, what comes is new.
        let others = roles(["a", "c"].map(str::to_owned).into_iter());
        names.change(&mut all, &others, &HashSet::new(), at(2));
        assert_eq!(creations(&names), [1, 1, 2].map(|it| Some(at(it))));
        all.reverse();
        names.place(&all, Some(at(3)));
        assert_eq!(creations(&names), [1, 1, 2].map(|it| Some(at(it))));
        // What is gone is of no age, and new where it comes back.
        let gone = HashSet::from(["a", "b"]);
        names.change(&mut all, &[], &gone, at(4));
        assert_eq!(creations(&names), [None, None, Some(at(2))]);
        let back = roles(["a".to_owned()].into_iter());
        names.change(&mut all, &back, &HashSet::new(), at(5));
        assert_eq!(creations(&names), [Some(at(5)), None, Some(at(2))]);
        let all = roles(["c", "b", "a"].map(str::to_owned).into_iter());
        names.place(&all, Some(at(6)));
        assert_eq!(creations(&names), [5, 6, 2].map(|it| Some(at(it))));
    }

    #[test]
    fn what_goes_keeps_its_index_and_what_comes_back_has_it_again() {
        let mut all = roles((0..40).map(|n| format!("r{n}")));
        let mut names = Names::default();
        names.place(&all, Some(at(1)));
        let removed = HashSet::from(["r3", "r39", "nobody"]);
        names.change(&mut all, &[], &removed, at(2));
        assert_eq!((all.len(), names.position(3)), (38, None));
        assert_eq!(names.position(4), Some(3));
        let back = roles(["r3", "new", "r5"].map(str::to_owned).into_iter());
        names.change(&mut all, &back, &HashSet::new(), at(3));
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
            .map(|n| (format!("n{n}").into(), at(1)))
            .collect::<Vec<_>>();
        let mut names = Names::from(full);
        let mut all = roles(["n65535", "more"].map(str::to_owned).into_iter());
        assert!(!names.have_room_for(&all));
        names.place(&all, Some(at(2)));
        assert_eq!(
            (names.index("more"), names.index("n65535")),
            (None, Some(u16::MAX))
        );
        let again = all[1].clone();
        names.change(&mut all, &[again], &HashSet::new(), at(3));
        assert_eq!(all.len(), 2);
        all.pop();
        assert!(names.have_room_for(&all));
    }
}
