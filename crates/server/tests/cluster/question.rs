//! What the readers ask.

use attache_core::{Ref, State};
use serde_json::Value;

use crate::dice::Dice;
use crate::shape;
use crate::wish::{self, CUSTOMERS, GROUPS, USERS};

/// A read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    User(&'static str),
    Users,
    Members(&'static str),
    Groups,
    GroupUsers(&'static str),
}

impl Question {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        match dice.below(6) {
            0 => Self::User(dice.one_of(USERS)),
            1 | 2 => Self::Users,
            3 => Self::Members(dice.one_of(CUSTOMERS)),
            4 => Self::Groups,
            _ => Self::GroupUsers(dice.one_of(GROUPS)),
        }
    }

    /// All that is asked of a tenant to know it whole.
    pub(crate) fn all() -> Vec<Self> {
        let members = CUSTOMERS.iter().copied().map(Self::Members);
        let group_users = GROUPS.iter().copied().map(Self::GroupUsers);
        let lists = [Self::Users, Self::Groups];
        lists
            .into_iter()
            .chain(members)
            .chain(group_users)
            .collect()
    }

    pub(crate) fn path(self) -> String {
        match self {
            Self::User(user) => format!("/users/{user}"),
            Self::Users => "/users".to_owned(),
            Self::Members(customer) => {
                format!("/resources/customer:{customer}/members?sort=number")
            }
            Self::Groups => "/groups".to_owned(),
            Self::GroupUsers(group) => format!("/groups/{group}/users"),
        }
    }

    /// What a state answers: the status, and what is compared of the body.
    pub(crate) fn on(self, state: &State) -> (u16, Value) {
        let found = match self {
            Self::User(key) => shape::user_of(state, key).map(shape::user),
            Self::Users => {
                let users = state.users().map(|row| shape::user(&row.user));
                Some(shape::list(users))
            }
            Self::Members(customer) => {
                let members = state.view(state.at()).members(wish::node(state, customer));
                let members = members.map(|member| shape::member(state, &member));
                Some(shape::list(members))
            }
            Self::Groups => {
                let groups = state.groups().map(|row| shape::group(&row.group));
                Some(shape::list(groups))
            }
            Self::GroupUsers(key) => {
                let group = state.find_group(&Ref::text(key));
                group.and_then(|group| state.group_node(group)).map(|row| {
                    let users = row.users.keys().filter_map(|user| state.user_node(*user));
                    let group = row.group.number;
                    shape::list(users.map(|user| shape::group_user(state, user, group)))
                })
            }
        };
        found.map_or((404, Value::Null), |found| (200, found))
    }

    /// What is compared of an answer.
    pub(crate) fn shown(self, status: u16, body: &Value) -> Value {
        match (status, self) {
            (200, Self::User(_)) => shape::shown(body),
            (200, _) => shape::shown_list(body),
            _ => Value::Null,
        }
    }
}
