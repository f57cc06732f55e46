//! Records what has expired. It stopped counting at its end; the entry only records that,
//! and frees what it took.

use super::Draft;
use super::members::Because;
use crate::caller::Actor;
use crate::refusal::Refusal;
use crate::state::Expiring;

impl Draft {
    pub(super) fn expire(&mut self, most: usize) -> Result<(), Refusal> {
        let is_ours = self.by.tenant == self.state.tenant();
        if !is_ours || !matches!(self.by.actor, Actor::Attache | Actor::Operator) {
            return Err(Refusal::not_found("tenant"));
        }
        for _ in 0..most {
            let Some(what) = self.state.next_expired(self.at) else {
                break;
            };
            match what {
                Expiring::Membership(node, user) => self.push_gone(node, user, Because::Expired),
                Expiring::Grant(node, key) => self.push_grant_expired(node, &key),
            }
        }
        Ok(())
    }
}
