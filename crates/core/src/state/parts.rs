//! Facts in parts: what is large is written and read a part at a time, or
//! several parts at the same time.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, ResourceFacts, Unsound, UserRow};

/// A part of a state's facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part(Inner);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Inner {
    /// What is in no other part, and how many users and resources those hold.
    First(Box<Facts>, u64, u64),
    Users(Vec<UserRow>),
    Resources(Vec<ResourceFacts>),
}

impl Facts {
    /// The same in parts, each with so many things at the most.
    pub fn into_parts(mut self, most: usize) -> impl Iterator<Item = Part> {
        let users = std::mem::take(&mut self.users);
        let resources = std::mem::take(&mut self.resources);
        let (some, others) = (users.len() as u64, resources.len() as u64);
        let first = Inner::First(Box::new(self), some, others);
        let users = in_chunks(users, most).map(Inner::Users);
        let resources = in_chunks(resources, most).map(Inner::Resources);
        let parts = std::iter::once(first).chain(users).chain(resources);
        parts.map(Part)
    }

    /// The facts whose parts these are, in their order.
    ///
    /// # Errors
    /// If one is missing, or there is one too many.
    pub fn from_parts(parts: Vec<Part>) -> Result<Self, Unsound> {
        let (mut of_users, mut of_resources) = (0, 0);
        for Part(part) in &parts {
            match part {
                Inner::First(..) => {}
                Inner::Users(some) => of_users += some.len(),
                Inner::Resources(some) => of_resources += some.len(),
            }
        }
        let mut first = None;
        let mut users = Vec::with_capacity(of_users);
        let mut resources = Vec::with_capacity(of_resources);
        for Part(part) in parts {
            match part {
                Inner::First(..) if first.is_some() => {
                    return Err(Unsound("a part is there twice"));
                }
                Inner::First(facts, some, others) => first = Some((facts, some, others)),
                Inner::Users(mut some) => users.append(&mut some),
                Inner::Resources(mut some) => resources.append(&mut some),
            }
        }
        let (facts, some, others) = first.ok_or(Unsound("the first part is missing"))?;
        if (users.len() as u64, resources.len() as u64) != (some, others) {
            return Err(Unsound("a part is missing, or there is one too many"));
        }
        let mut facts = *facts;
        (facts.users, facts.resources) = (users, resources);
        Ok(facts)
    }
}

fn in_chunks<T>(all: Vec<T>, most: usize) -> impl Iterator<Item = Vec<T>> {
    let mut all = all.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<T> = all.by_ref().take(most.max(1)).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::State;
    use crate::id::TenantId;

    #[test]
    fn without_its_first_part_or_with_two_it_is_nothing() {
        let facts = State::empty(TenantId(uuid::Uuid::nil())).facts();
        let parts: Vec<Part> = facts.clone().into_parts(1).collect();
        assert_eq!(Facts::from_parts(parts.clone()), Ok(facts));
        assert!(Facts::from_parts(Vec::new()).is_err());
        assert!(Facts::from_parts([parts.clone(), parts].concat()).is_err());
    }

    proptest! {
        #[test]
        fn chunks_hold_all_in_order(all in prop::collection::vec(any::<u8>(), 0..50), most in 0usize..9) {
            let chunks: Vec<Vec<u8>> = in_chunks(all.clone(), most).collect();
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= most.max(1)));
            prop_assert_eq!(chunks.concat(), all);
        }
    }
}
