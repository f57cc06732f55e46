//! What the rows of an import name by a number alone.

use std::collections::HashMap;

use attache_core::{Locator, Ref, State, Timestamp};
use uuid::Uuid;

use super::grants::{GrantRow, SubjectName};
use super::identify::Describes;
use super::plan::Sheets;
use super::thing::{What, number_of};
use attache_http::naming::{locator, reference};

impl Sheets<'_> {
    /// The things of a tenant that the rows name by a number alone, and the
    /// instants at which they were added.
    pub(super) fn named_by_number(&self, state: &State) -> HashMap<Uuid, Timestamp> {
        let mut things = HashMap::new();
        let mut named = |what: What<'_>, number: u32| {
            if let Some(thing) = what.find(state, &Ref::Number(number)) {
                things.insert(thing.id, thing.created_at);
            }
        };
        alone(&self.resources, &mut named);
        alone(&self.users, &mut named);
        alone(&self.groups, &mut named);
        alone(&self.services, &mut named);
        let mut name = |what: What<'_>, text: &str| {
            if text.starts_with('#')
                && let Some(number) = number_of(&reference(text))
            {
                named(what, number);
            }
        };
        for row in &self.group_users {
            name(What::Group, &row.group);
            name(What::User, &row.user);
        }
        for row in &self.memberships {
            name(What::User, &row.user);
        }
        for row in &self.grants {
            match &row.subject {
                SubjectName::User(user) => name(What::User, user),
                SubjectName::Group(group) => name(What::Group, group),
                SubjectName::Service(service) => name(What::Service, service),
                SubjectName::Nobody => {}
            }
        }
        let parents = self
            .resources
            .iter()
            .filter_map(|row| row.parent.as_deref());
        let of_members = self.memberships.iter().map(|row| row.resource.as_str());
        let of_grants = self.grants.iter().map(|row| row.resource.as_str());
        for text in parents.chain(of_members).chain(of_grants) {
            if text.contains(":#") {
                let Locator {
                    kind, reference, ..
                } = locator(text);
                if let Some((kind, number)) = kind.zip(number_of(&reference)) {
                    named(What::Resource(kind.as_str()), number);
                }
            }
        }
        things
    }

    /// Whether any row names anything by a number alone.
    pub(super) fn names_by_number(&self) -> bool {
        let is_number = |text: &str| text.contains('#');
        let subject = |row: &GrantRow| match &row.subject {
            SubjectName::User(name) | SubjectName::Group(name) | SubjectName::Service(name) => {
                is_number(name)
            }
            SubjectName::Nobody => false,
        };
        self.resources.iter().any(|row| {
            row.is_number_alone() || is_number(row.parent.as_deref().unwrap_or_default())
        }) || self.users.iter().any(Describes::is_number_alone)
            || self.groups.iter().any(Describes::is_number_alone)
            || self.services.iter().any(Describes::is_number_alone)
            || self
                .group_users
                .iter()
                .any(|row| is_number(&row.group) || is_number(&row.user))
            || self
                .memberships
                .iter()
                .any(|row| is_number(&row.resource) || is_number(&row.user))
            || self
                .grants
                .iter()
                .any(|row| subject(row) || is_number(&row.resource))
    }
}

/// The numbers of the rows that name their thing by nothing else.
fn alone(rows: &[impl Describes], named: &mut impl FnMut(What<'_>, u32)) {
    for row in rows.iter().filter(|row| row.is_number_alone()) {
        if let Some(number) = row.number() {
            named(row.what(), number);
        }
    }
}
