//! Whether the users of a resource pass the filters of a list.

use std::ops::ControlFlow;

use super::member::{Include, Listed};
use super::query::{Filter, MemberQuery};
use super::{Branch, Source, SourceKind};
use crate::id::UserNumber;
use crate::state::texts_of;

impl<'a> Branch<'a> {
    /// The numbers of the users among whom all are that a list holds, where an index finds
    /// them, whether or not they are members.
    pub(super) fn few_wanted(&self, query: &MemberQuery) -> Option<Vec<UserNumber>> {
        if query.include != Include::Direct {
            return None;
        }
        query.filters.iter().find_map(|filter| match filter {
            Filter::Key(key) => Some(self.state().users_by_key(key)),
            Filter::ExternalId(id) => Some(self.state().users_by_external_id(id).collect()),
            _ => None,
        })
    }

    /// Whether a filter holds of a user.
    pub(super) fn passes(&self, one: &impl Listed<'a>, filter: &Filter) -> bool {
        let row = one.row();
        let user = &*row.user;
        match filter {
            Filter::Is(field, value) => self.value(row, one.membership(), *field) == *value,
            Filter::Reads(field, wanted) => {
                let text = field.text(user);
                text.is_some_and(|text| wanted.is(&text))
            }
            Filter::Admin(wanted) => self.is_admin(row) == *wanted,
            Filter::Status(status) => user.status == *status,
            Filter::StatusIsNot(status) => user.status != *status,
            Filter::Group(group) => row.groups.contains(group),
            Filter::Role(role) => {
                let visit = |source: Source<'_>| match source.kind {
                    SourceKind::Grant { key, .. }
                        if source.live && key.role == *role && self.is_shown(&source) =>
                    {
                        ControlFlow::Break(())
                    }
                    _ => ControlFlow::Continue(()),
                };
                self.sources(row, visit).is_break()
            }
            Filter::Text(text) => texts_of(user).any(|it| it.contains(text.as_str())),
            Filter::Key(key) => self.state().users_by_key(key).contains(&user.number),
            Filter::ExternalId(id) => {
                let own = user.facts.external_auth_id.as_ref();
                own.is_some_and(|own| own.meaning() == id.meaning())
            }
        }
    }
}
