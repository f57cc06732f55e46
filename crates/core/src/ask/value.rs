//! What is known of a user, seen from a resource.

use super::Branch;
use crate::catalogue::Role;
use crate::model::{Field, Membership, Value};
use crate::state::UserNode;

impl<'a> Branch<'a> {
    /// What is known of a user, seen from the resource, to which it may be attached.
    pub(super) fn value(
        &self,
        row: &'a UserNode,
        membership: Option<&Membership>,
        field: Field,
    ) -> Value {
        let own = field.of(&row.user, membership);
        own.unwrap_or_else(|| {
            let roles = self.roles(row);
            let first = roles.first();
            first.map_or(Value::Nothing, |role: &&Role| {
                Value::text(role.name.as_str())
            })
        })
    }
}
