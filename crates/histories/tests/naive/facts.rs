//! What is written down about a tenant.

use std::sync::Arc;

use attache_core::catalogue::{ADMIN_ROLE, Catalogue, Kind, Role};
use attache_core::id::{GroupId, ResourceId, TenantId, UserId};
use attache_core::model::{
    Group, Issuer, Parameters, Resource, Service, Status, SubjectId, Token, User,
};
use attache_core::time::Timestamp;
use attache_core::{Actor, Origin};

use super::Act;
use super::invitations::Invited;

/// A resource and what it stands under.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) resource: Resource,
    pub(crate) parent: Option<ResourceId>,
}

/// A membership, whether or not it has run out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attached {
    pub(crate) number: u32,
    pub(crate) resource: ResourceId,
    pub(crate) user: UserId,
    pub(crate) added_at: Timestamp,
    pub(crate) added_by: Actor,
    pub(crate) origin: Origin,
    /// When it came, got another end, or the user's own roles there changed.
    pub(crate) updated_at: Timestamp,
    pub(crate) end: Option<Timestamp>,
}

/// A grant, whether or not it has run out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Granted {
    pub(crate) resource: ResourceId,
    pub(crate) subject: SubjectId,
    pub(crate) role: Arc<str>,
    pub(crate) parameters: Parameters,
    pub(crate) granted_at: Timestamp,
    pub(crate) granted_by: Actor,
    pub(crate) origin: Origin,
    pub(crate) end: Option<Timestamp>,
}

/// A user in a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InGroup {
    pub(crate) group: GroupId,
    pub(crate) user: UserId,
    pub(crate) added_at: Timestamp,
    pub(crate) added_by: Actor,
    pub(crate) origin: Origin,
}

/// Something that was made, of a type, by an id or name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) what: (&'static str, Arc<str>),
    pub(crate) at: Timestamp,
    pub(crate) by: Actor,
}

/// The tenant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) at: Timestamp,
    pub(crate) catalogue: Option<Arc<Catalogue>>,
    /// Every kind and every role that ever was, in the order in which it came.
    pub(crate) kinds_ever: Vec<Arc<str>>,
    pub(crate) roles_ever: Vec<Arc<str>>,
    /// In the order in which they were added; the root is the first.
    pub(crate) places: Vec<Place>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) in_groups: Vec<InGroup>,
    pub(crate) services: Vec<Service>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) invitations: Vec<Invited>,
    pub(crate) memberships: Vec<Attached>,
    /// How many memberships there ever were.
    pub(crate) memberships_ever: u32,
    /// When the roles of users on the root last changed.
    pub(crate) root_roles: Vec<(UserId, Timestamp)>,
    /// Through which door each user came.
    pub(crate) user_origins: Vec<(UserId, Origin)>,
    pub(crate) grants: Vec<Granted>,
    /// All that was ever made, besides users.
    pub(crate) made: Vec<Made>,
    /// Every number that was ever in use: of which kind or type, and which.
    pub(crate) used: Vec<(Arc<str>, u32)>,
}

/// When something ends; nothing, if it does not.
pub(crate) type End = Option<Timestamp>;

pub(crate) fn earlier(one: End, other: End) -> End {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

pub(crate) fn later(one: End, other: End) -> End {
    Some(one?.max(other?))
}

/// Whether something that ends then still counts. At the very instant it does not.
pub(crate) fn counts(end: Option<Timestamp>, at: Timestamp) -> bool {
    end.is_none_or(|end| at < end)
}

impl Tenant {
    pub(crate) fn new(id: TenantId) -> Self {
        Self {
            id,
            at: Timestamp::MIN,
            catalogue: None,
            kinds_ever: Vec::new(),
            roles_ever: Vec::new(),
            places: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            in_groups: Vec::new(),
            services: Vec::new(),
            tokens: Vec::new(),
            issuers: Vec::new(),
            invitations: Vec::new(),
            memberships: Vec::new(),
            memberships_ever: 0,
            root_roles: Vec::new(),
            user_origins: Vec::new(),
            grants: Vec::new(),
            made: Vec::new(),
            used: Vec::new(),
        }
    }

    /// Write down that somebody makes something now.
    pub(super) fn note(&mut self, act: &Act, what: &'static str, name: &(impl ToString + ?Sized)) {
        self.made.push(Made {
            what: (what, name.to_string().into()),
            at: act.stamp,
            by: act.by.actor,
        });
    }

    /// Who made what has an id or name now, and when.
    pub(crate) fn made(
        &self,
        what: &'static str,
        name: &(impl ToString + ?Sized),
    ) -> Option<(Timestamp, Actor)> {
        let name = name.to_string();
        let is_it = |it: &&Made| it.what.0 == what && *it.what.1 == *name;
        self.made.iter().rfind(is_it).map(|it| (it.at, it.by))
    }

    pub(crate) fn root(&self) -> Option<ResourceId> {
        self.places.first().map(|place| place.resource.id)
    }

    pub(crate) fn place(&self, id: ResourceId) -> Option<&Place> {
        self.places.iter().find(|place| place.resource.id == id)
    }

    pub(crate) fn user(&self, id: UserId) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        let kinds = &self.catalogue.as_ref()?.kinds;
        kinds.iter().find(|kind| kind.name.as_str() == name)
    }

    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        let roles = &self.catalogue.as_ref()?.roles;
        roles.iter().find(|role| role.name.as_str() == name)
    }

    /// A resource and those above it, from it up to the root.
    pub(crate) fn path(&self, id: ResourceId) -> Vec<ResourceId> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(place) = next.and_then(|id| self.place(id)) {
            path.push(place.resource.id);
            next = place.parent;
        }
        path
    }

    pub(crate) fn kind_of(&self, id: ResourceId) -> &str {
        self.place(id)
            .map_or("", |place| place.resource.kind.as_str())
    }

    /// Whether only members of the resource above can be members of this one.
    pub(crate) fn is_from_parent(&self, id: ResourceId) -> bool {
        self.kind(self.kind_of(id))
            .is_some_and(|kind| kind.members_from_parent)
    }

    pub(crate) fn groups_of(&self, user: UserId) -> Vec<GroupId> {
        let mine = self.in_groups.iter().filter(|one| one.user == user);
        mine.map(|one| one.group).collect()
    }

    pub(crate) fn is_in_group(&self, group: GroupId, user: UserId) -> bool {
        self.groups_of(user).contains(&group)
    }

    pub(crate) fn exists(&self, subject: SubjectId) -> bool {
        match subject {
            SubjectId::User(id) => self.user(id).is_some(),
            SubjectId::Group(id) => self.groups.iter().any(|group| group.id == id),
            SubjectId::Service(id) => self.services.iter().any(|service| service.id == id),
        }
    }

    /// Whether a grant is one that this subject has: its own, or one of a group
    /// that it is in.
    pub(crate) fn has(&self, subject: SubjectId, granted: &Granted) -> bool {
        granted.subject == subject
            || match (subject, granted.subject) {
                (SubjectId::User(user), SubjectId::Group(group)) => self.is_in_group(group, user),
                _ => false,
            }
    }

    /// Whether an active user holds `admin` on the root with no end.
    pub(crate) fn has_lasting_admin(&self) -> bool {
        let lasting = |granted: &&Granted| {
            Some(granted.resource) == self.root()
                && &*granted.role == ADMIN_ROLE
                && granted.end.is_none()
        };
        self.grants.iter().filter(lasting).any(|granted| {
            self.users.iter().any(|user| {
                user.status == Status::Active && self.has(SubjectId::User(user.id), granted)
            })
        })
    }

    /// When the next thing runs out, or ran out and was not yet swept.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        let memberships = self.memberships.iter().filter_map(|one| one.end);
        memberships
            .chain(self.grants.iter().filter_map(|one| one.end))
            .min()
    }
}
