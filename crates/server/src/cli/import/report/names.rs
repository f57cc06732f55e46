//! The names of things, as a dry run shows them.

use attache_core::id::{Key, ResourceId};
use attache_core::model::{Subject, SubjectId};
use attache_core::{Locator, State, Timestamp};

use super::Report;
use crate::cli::arguments::resource_name;

impl Report<'_> {
    /// The key or number of a subject, with its name, as it was before.
    pub(super) fn name(&self, id: SubjectId) -> String {
        let state = match self.before.subject(id) {
            Some(_) => self.before,
            None => self.after,
        };
        let named = |key: Option<String>, number: u32, name: String| {
            let key = key.unwrap_or_else(|| format!("#{number}"));
            match name.is_empty() || name == key {
                true => key,
                false => format!("{key} ({name})"),
            }
        };
        let text = |key: &Key| key.to_string();
        let name = match state.subject(id) {
            Some(Subject::User(number)) => state
                .user(number)
                .map(|user| named(user.key.as_ref().map(text), number.0, user.display_name())),
            Some(Subject::Group(number)) => state.group_node(number).map(|row| {
                let group = &row.group;
                format!(
                    "group {}",
                    named(
                        group.key.as_ref().map(text),
                        number.0,
                        group.name.to_string()
                    )
                )
            }),
            Some(Subject::Service(number)) => state.service_node(number).map(|row| {
                let service = &row.service;
                format!(
                    "service {}",
                    named(
                        service.key.as_ref().map(text),
                        number.0,
                        service.name.to_string()
                    )
                )
            }),
            None => None,
        };
        name.unwrap_or_default()
    }

    /// A resource, as it was before.
    pub(super) fn place(&self, id: ResourceId) -> String {
        let locator = Locator::id(id);
        let of = |state: &State| {
            let node = state.find(&locator)?;
            match node == state.root() {
                true => Some("tenant".to_owned()),
                false => Some(resource_name(state, node)),
            }
        };
        of(self.before)
            .or_else(|| of(self.after))
            .unwrap_or_default()
    }
}

pub(super) fn end(expires_at: Option<Timestamp>) -> String {
    expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())
}

pub(super) fn until(expires_at: Option<Timestamp>) -> String {
    expires_at
        .map(|end| format!(", until {end}"))
        .unwrap_or_default()
}
