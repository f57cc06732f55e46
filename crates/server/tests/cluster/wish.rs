//! What the writers ask for: few things and many who want them, so that they
//! get into each other's way.

use attache_core::id::Node;
use attache_core::{Change, Entry, Locator, Ref, State};
use http::Method;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::shape;

pub(crate) const USERS: &[&str] = &["ada", "ben", "cleo", "dan", "eve", "finn"];
pub(crate) const GROUPS: &[&str] = &["day", "night"];
pub(crate) const CUSTOMERS: &[&str] = &["bakery", "harbour"];

type Key = &'static str;

/// A write that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    AddUser(Key),
    Rename(Key),
    RemoveUser(Key),
    Attach(Key, Key),
    Detach(Key, Key),
    AddGroup(Key),
    RemoveGroup(Key),
    Join(Key, Key),
    Leave(Key, Key),
}

/// What a state would have answered, and whether it would be another afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) changes: bool,
}

impl Wish {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let user = dice.one_of(USERS);
        let customer = dice.one_of(CUSTOMERS);
        let group = dice.one_of(GROUPS);
        match dice.below(16) {
            0..3 => Self::AddUser(user),
            3..6 => Self::Rename(user),
            6 => Self::RemoveUser(user),
            7..10 => Self::Attach(customer, user),
            10 => Self::Detach(customer, user),
            11 => Self::AddGroup(group),
            12 => Self::RemoveGroup(group),
            13 | 14 => Self::Join(group, user),
            _ => Self::Leave(group, user),
        }
    }

    /// How it is asked. What it writes bears the name of the write.
    pub(crate) fn request(self, name: &str) -> (Method, String, Option<Value>) {
        let (put, post, delete) = (Method::PUT, Method::POST, Method::DELETE);
        match self {
            Self::AddUser(user) => {
                let body = json!({"key": user, "first_name": name});
                (post, "/users".to_owned(), Some(body))
            }
            Self::Rename(user) => {
                let body = json!({"first_name": name});
                (Method::PATCH, format!("/users/{user}"), Some(body))
            }
            Self::RemoveUser(user) => (delete, format!("/users/{user}"), None),
            Self::Attach(customer, user) => (put, member(customer, user), None),
            Self::Detach(customer, user) => (delete, member(customer, user), None),
            Self::AddGroup(group) => {
                let body = json!({"key": group, "name": name});
                (post, "/groups".to_owned(), Some(body))
            }
            Self::RemoveGroup(group) => (delete, format!("/groups/{group}"), None),
            Self::Join(group, user) => (put, format!("/groups/{group}/users/{user}"), None),
            Self::Leave(group, user) => (delete, format!("/groups/{group}/users/{user}"), None),
        }
    }

    /// What a state would answer.
    pub(crate) fn on(self, state: &State) -> Expected {
        let user = |key: &str| state.find_user(&Ref::text(key));
        let group = |key: &str| state.find_group(&Ref::text(key));
        let add = |is_taken: bool| match is_taken {
            true => (409, false),
            false => (201, true),
        };
        let on_existing = |exists: bool, status: u16| match exists {
            true => (status, true),
            false => (404, false),
        };
        let (status, changes) = match self {
            Self::AddUser(key) => add(user(key).is_some()),
            Self::AddGroup(key) => add(group(key).is_some()),
            Self::Rename(key) => on_existing(user(key).is_some(), 200),
            Self::RemoveUser(key) => on_existing(user(key).is_some(), 204),
            Self::RemoveGroup(key) => on_existing(group(key).is_some(), 204),
            Self::Attach(customer, key) | Self::Detach(customer, key) => {
                let attach = matches!(self, Self::Attach(..));
                let node = node(state, customer);
                user(key).map_or((404, false), |user| {
                    let changes = state.view(state.at()).is_member(node, user) != attach;
                    let status = match (attach, changes) {
                        (true, true) => 201,
                        (true, false) => 200,
                        (false, _) => 204,
                    };
                    (status, changes)
                })
            }
            Self::Join(name, key) | Self::Leave(name, key) => {
                let join = matches!(self, Self::Join(..));
                let row = group(name).and_then(|group| state.group_node(group));
                row.zip(user(key)).map_or((404, false), |(row, user)| {
                    let changes = row.users.contains(&user) != join;
                    (if join && changes { 201 } else { 204 }, changes)
                })
            }
        };
        Expected { status, changes }
    }

    /// What is shown of it in a state, once an entry was made of it. `None` if
    /// it is not there.
    pub(crate) fn shown(self, state: &State, entry: Option<&Entry>) -> Option<Value> {
        let changes = entry.map(|entry| entry.changes.list.iter());
        let mut changes = changes.into_iter().flatten();
        match self {
            Self::AddUser(_) | Self::Rename(_) => {
                let id = changes.find_map(|change| match change {
                    Change::UserAdded { user, .. } | Change::UserProfileSet { user } => Some(*user),
                    _ => None,
                })?;
                let user = state.user(state.find_user(&id.into())?)?;
                Some(shape::user(user))
            }
            Self::AddGroup(_) => {
                let id = changes.find_map(|change| match change {
                    Change::GroupAdded { group, .. } => Some(*group),
                    _ => None,
                })?;
                let row = state.group_node(state.find_group(&id.into())?)?;
                Some(shape::group(&row.group))
            }
            Self::Attach(customer, user) => {
                let user = state.find_user(&Ref::text(user))?;
                let member = state.view(state.at()).member(node(state, customer), user)?;
                Some(shape::member(state, &member))
            }
            _ => Some(Value::Null),
        }
    }
}

/// A customer, which is always there.
pub(crate) fn node(state: &State, customer: &str) -> Node {
    let locator = Locator::of("customer", Ref::text(customer));
    state
        .find(&locator)
        .expect("the customers are never removed")
}

fn member(customer: &str, user: &str) -> String {
    format!("/resources/customer:{customer}/members/{user}")
}
