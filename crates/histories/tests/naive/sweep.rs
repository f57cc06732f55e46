//! Writing down what has run out.

use attache_core::Refusal;
use attache_core::id::ResourceId;
use attache_core::model::SubjectId;
use attache_core::time::Timestamp;

use super::gate::not_found;
use super::run::is_of_the_house;
use super::{Act, Attached, Granted, Tenant};

impl Tenant {
    /// At most so many things, the earliest first.
    pub(crate) fn expire(&mut self, act: &Act, most: usize) -> Result<(), Refusal> {
        if !is_of_the_house(self, &act.by) {
            return Err(not_found("tenant"));
        }
        for _ in 0..most {
            let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= act.at);
            let memberships = self.memberships.iter().filter(|one| over(one.end));
            let grants = self.grants.iter().filter(|one| over(one.end));
            let membership = memberships
                .min_by_key(|one| self.turn_of_member(one))
                .cloned();
            let grant = grants.min_by(|a, b| self.turn_of_grant(a).cmp(&self.turn_of_grant(b)));
            let grant = grant.cloned();
            match (membership, grant) {
                (None, None) => break,
                // At the same instant memberships go first: their grants go with them.
                (Some(one), grant) if grant.as_ref().is_none_or(|it| one.end <= it.end) => {
                    self.detach(one.resource, one.user);
                }
                (_, grant) => self.grants.retain(|other| Some(other) != grant.as_ref()),
            }
        }
        Ok(())
    }

    fn turn_of_member(&self, one: &Attached) -> (Option<Timestamp>, usize, u32) {
        let number = self.user(one.user).map_or(0, |user| user.number.0);
        (one.end, self.age(one.resource), number)
    }

    #[allow(clippy::type_complexity, reason = "an order by five things")]
    fn turn_of_grant<'a>(
        &self,
        one: &'a Granted,
    ) -> (
        Option<Timestamp>,
        usize,
        (u8, u32),
        usize,
        &'a attache_core::model::Parameters,
    ) {
        let subject = match one.subject {
            SubjectId::User(id) => (0, self.user(id).map_or(0, |it| it.number.0)),
            SubjectId::Group(id) => {
                let found = self.groups.iter().find(|it| it.id == id);
                (1, found.map_or(0, |it| it.number.0))
            }
            SubjectId::Service(id) => {
                let found = self.services.iter().find(|it| it.id == id);
                (2, found.map_or(0, |it| it.number.0))
            }
        };
        let role = self.roles_ever.iter().position(|it| *it == one.role);
        let place = self.age(one.resource);
        (one.end, place, subject, role.unwrap_or(0), &one.parameters)
    }

    /// Which resource came how early.
    fn age(&self, id: ResourceId) -> usize {
        let found = self.places.iter().position(|it| it.resource.id == id);
        found.unwrap_or(0)
    }
}
