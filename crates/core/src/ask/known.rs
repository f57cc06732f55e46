//! Which subject a name means, as far as the caller may know.

use uuid::Uuid;

use super::authority::Authority;
use crate::command::SubjectRef;
use crate::id::{Node, UserNumber};
use crate::model::{Subject, SubjectId};
use crate::reference::Ref;

impl Authority<'_> {
    /// The subject that a name means in the present, if the caller may know which one that is:
    /// as [`Authority::known_user`] says of a user; the caller itself, or any group or service for
    /// a caller that may list the tenant's groups or services. An id means its own subject to
    /// every caller, since facts of access are shown with ids.
    #[must_use]
    pub fn known_subject(self, name: &SubjectRef) -> Option<SubjectId> {
        let state = self.present.state;
        let (found, name, is_known) = match name {
            SubjectRef::User(name) => {
                let found = Subject::User(state.find_user(name)?);
                (found, name, self.known_user(name).is_some())
            }
            SubjectRef::Group(name) => {
                let found = Subject::Group(state.find_group(name)?);
                (found, name, self.knows_subject(found, "groups.list"))
            }
            SubjectRef::Service(name) => {
                let found = Subject::Service(state.find_service(name)?);
                (found, name, self.knows_subject(found, "services.list"))
            }
        };
        let id = state.subject_id(found)?;
        (is_known || is_id(name, id)).then_some(id)
    }

    /// The user that a name means in the present, if the caller may know of it: itself, any
    /// user for a caller that may list the tenant's users, and else the users of the resources
    /// whose users it may list. Takes a check for each resource that the user is attached to,
    /// at most.
    #[must_use]
    pub fn known_user(self, name: &Ref) -> Option<UserNumber> {
        let (present, state) = (self.present, self.present.state);
        let user = state.find_user(name)?;
        if self.knows_subject(Subject::User(user), "users.list") {
            return Some(user);
        }
        let mut resources = state.user_node(user)?.resources.keys();
        let lists = |node: &Node| {
            let permission = present.permission_for(*node, "users.list");
            present.is_member(*node, user) && self.holds(present, &permission, *node)
        };
        resources.any(lists).then_some(user)
    }

    /// Whether the caller is a subject, or may list all subjects of its type.
    fn knows_subject(self, subject: Subject, list: &str) -> bool {
        self.is(subject) || self.authorize_tenant(list).is_ok()
    }
}

/// Whether a name is the id of the subject that it means, and neither a key nor a number.
fn is_id(name: &Ref, subject: SubjectId) -> bool {
    match name {
        Ref::Id(_) => true,
        Ref::Text(text) => Uuid::parse_str(text) == Ok(subject.id()),
        Ref::Number(_) | Ref::Key(_) | Ref::OfMembership(_) => false,
    }
}
