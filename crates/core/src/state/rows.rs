//! Users, groups and services, each with what is indexed with it.

use std::sync::Arc;

use uuid::Uuid;

use super::Sorted;
use super::table::Row;
use crate::id::{GroupNumber, Key, Node, ServiceNumber, TokenId, UserNumber};
use crate::model::{Giver, Group, GroupUser, Service, User};

/// A user, and what is indexed with it.
#[derive(Clone, Debug)]
pub struct UserNode {
    /// The user itself.
    pub user: Arc<User>,
    /// Who added it, and through which door.
    pub added_by: Giver,
    /// Where it is attached, the root left out.
    pub resources: Sorted<Node, ()>,
    /// The groups that it is in, since when, and by whom.
    pub groups: Sorted<GroupNumber, GroupUser>,
    /// Where it was granted a role itself.
    pub granted: Sorted<Node, ()>,
}

/// A group, and what is indexed with it.
#[derive(Clone, Debug)]
pub struct GroupNode {
    /// The group itself.
    pub group: Arc<Group>,
    /// Who is in it.
    pub users: Sorted<UserNumber, ()>,
    /// Where it was granted a role.
    pub granted: Sorted<Node, ()>,
}

/// A service, and what is indexed with it.
#[derive(Clone, Debug)]
pub struct ServiceNode {
    /// The service itself.
    pub service: Arc<Service>,
    /// Its tokens.
    pub tokens: Sorted<TokenId, ()>,
    /// Where it was granted a role.
    pub granted: Sorted<Node, ()>,
}

macro_rules! row {
    ($node:ty, $field:ident, $number:ty) => {
        impl Row for $node {
            type Number = $number;

            fn number(&self) -> $number {
                self.$field.number
            }

            fn id(&self) -> Uuid {
                self.$field.id.0
            }

            fn key(&self) -> Option<&Key> {
                self.$field.key.as_ref()
            }
        }
    };
}

row!(UserNode, user, UserNumber);
row!(GroupNode, group, GroupNumber);
row!(ServiceNode, service, ServiceNumber);

impl UserNode {
    pub(crate) fn new(user: Arc<User>, added_by: Giver) -> Self {
        Self {
            user,
            added_by,
            resources: Sorted::default(),
            groups: Sorted::default(),
            granted: Sorted::default(),
        }
    }
}

impl From<Group> for GroupNode {
    fn from(group: Group) -> Self {
        Self {
            group: Arc::new(group),
            users: Sorted::default(),
            granted: Sorted::default(),
        }
    }
}

impl From<Service> for ServiceNode {
    fn from(service: Service) -> Self {
        Self {
            service: Arc::new(service),
            tokens: Sorted::default(),
            granted: Sorted::default(),
        }
    }
}
