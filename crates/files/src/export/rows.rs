//! The rows of each file.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use attache_core::ask::View;
use attache_core::id::{GroupNumber, Key, Node, ServiceNumber, UserNumber};
use attache_core::model::{Email, ExternalId, Grant, GrantKey, Name, Parameters, Subject};
use attache_core::state::ResourceNode;
use attache_core::{State, Timestamp};

use super::Step;
use crate::EXTERNAL_AUTH_ID;

type Cell<'a> = Cow<'a, str>;

/// The columns of a row whose cells are no valid new values.
pub(super) type Odd = Vec<&'static str>;

/// A file, as a table of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Resources,
    Users,
    Groups,
    Services,
    GroupUsers,
    Memberships,
    Grants,
}

/// The subject of one or several rows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Thing {
    Place(Node),
    User(UserNumber),
    Group(GroupNumber),
    Service(ServiceNumber),
}

const NAMED: &[&str] = &["key", "number", "name", "id"];

impl Table {
    pub(super) const ALL: [Self; 7] = [
        Self::Resources,
        Self::Users,
        Self::Groups,
        Self::Services,
        Self::GroupUsers,
        Self::Memberships,
        Self::Grants,
    ];

    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Resources => "resources.csv",
            Self::Users => "users.csv",
            Self::Groups => "groups.csv",
            Self::Services => "services.csv",
            Self::GroupUsers => "group_users.csv",
            Self::Memberships => "memberships.csv",
            Self::Grants => "grants.csv",
        }
    }

    pub(super) fn head(self) -> &'static [&'static str] {
        match self {
            Self::Resources => &["kind", "key", "number", "name", "parent", "id"],
            Self::Users => &[
                "key",
                "number",
                "first_name",
                "last_name",
                "email",
                "phone",
                "status",
                "email_verified",
                "first_login",
                EXTERNAL_AUTH_ID,
                "id",
            ],
            Self::Groups | Self::Services => NAMED,
            Self::GroupUsers => &["group", "user"],
            Self::Memberships => &["resource", "user", "expires_at"],
            Self::Grants => &["subject", "role", "resource", "parameters", "expires_at"],
        }
    }

    pub(super) fn first_step(self) -> Step {
        match self {
            Self::Resources | Self::Users | Self::Groups | Self::Services | Self::Grants => {
                Step::Odd
            }
            Self::GroupUsers | Self::Memberships => Step::Writing,
        }
    }

    /// Returns the things that have rows in this table, in order.
    pub(super) fn things(self, state: &State, places: &[Node]) -> Arc<[Thing]> {
        let places = places.iter().copied();
        let root = state.root();
        match self {
            Self::Resources | Self::Memberships => places
                .filter(|node| *node != root)
                .map(Thing::Place)
                .collect(),
            Self::Grants => places.map(Thing::Place).collect(),
            Self::Users => state
                .users()
                .map(|row| Thing::User(row.user.number))
                .collect(),
            Self::Groups | Self::GroupUsers => state
                .groups()
                .map(|row| Thing::Group(row.group.number))
                .collect(),
            Self::Services => state
                .services()
                .map(|row| Thing::Service(row.service.number))
                .collect(),
        }
    }
}

/// Returns all resources by kind and number, in an order that does not depend on the
/// tree.
pub(super) fn places(state: &State) -> Arc<[Node]> {
    let kinds = state
        .catalogue()
        .map(|catalogue| catalogue.kinds.as_slice());
    let position = |found: &ResourceNode| {
        let kinds = kinds.unwrap_or_default().iter();
        let mut names = kinds.map(|kind| &kind.name);
        names.position(|name| *name == found.resource.kind)
    };
    let mut places: Vec<_> = state.resources().collect();
    places.sort_by_cached_key(|(_, found)| (position(found), found.resource.number));
    places.into_iter().map(|(node, _)| node).collect()
}

/// Returns the name by which an import finds a thing again: its key, or its id if it has
/// no key or one that reads as a number.
fn named(key: Option<&Key>, id: uuid::Uuid) -> String {
    match key {
        Some(key) if key.is_name() => key.to_string(),
        _ => id.to_string(),
    }
}

fn key(key: Option<&Key>) -> Cell<'_> {
    key.map(Key::as_str).unwrap_or_default().into()
}

fn name(name: Option<&Name>) -> Cell<'_> {
    name.map(Name::as_str).unwrap_or_default().into()
}

fn time(time: Option<Timestamp>) -> Cell<'static> {
    time.map(|time| time.to_string()).unwrap_or_default().into()
}

/// The rows of a view.
pub(super) struct Rows<'s> {
    view: View<'s>,
}

impl<'s> Rows<'s> {
    pub(super) fn new(view: View<'s>) -> Self {
        Self { view }
    }

    /// Returns the columns whose cells are no valid new values, in a thing's rows of a
    /// table.
    pub(super) fn odd(&self, table: Table, thing: Thing) -> Odd {
        let state = self.view.state();
        let mut odd = Odd::new();
        if let (Table::Grants, Thing::Place(node)) = (table, thing) {
            let grants = state.node(node).into_iter().flat_map(|it| it.grants.keys());
            return grants
                .map(|key| odd_parameters(&key.parameters))
                .find(|odd| !odd.is_empty())
                .unwrap_or_default();
        }
        let key = |odd: &mut Odd, key: Option<&Key>| {
            if key.is_some_and(|key| state.check_new_key(key).is_err()) {
                odd.push("key");
            }
        };
        let name = |odd: &mut Odd, column, name: Option<&Name>| {
            let is_new = |name: &Name| Name::new(name.as_str()).as_ref() == Ok(name);
            if name.is_some_and(|name| !is_new(name)) {
                odd.push(column);
            }
        };
        match thing {
            Thing::Place(node) => {
                if let Some(resource) = state.resource(node) {
                    key(&mut odd, resource.key.as_ref());
                    name(&mut odd, "name", Some(&resource.name));
                }
            }
            Thing::Group(number) => {
                if let Some(row) = state.group_node(number) {
                    key(&mut odd, row.group.key.as_ref());
                    name(&mut odd, "name", Some(&row.group.name));
                }
            }
            Thing::Service(number) => {
                if let Some(row) = state.service_node(number) {
                    key(&mut odd, row.service.key.as_ref());
                    name(&mut odd, "name", Some(&row.service.name));
                }
            }
            Thing::User(number) => {
                let Some(user) = state.user(number) else {
                    return odd;
                };
                let profile = &user.profile;
                key(&mut odd, user.key.as_ref());
                name(&mut odd, "first_name", profile.first_name.as_ref());
                name(&mut odd, "last_name", profile.last_name.as_ref());
                let is_new = |email: &Email| Email::new(email.as_str()).as_ref() == Ok(email);
                if profile.email.as_ref().is_some_and(|email| !is_new(email)) {
                    odd.push("email");
                }
                name(&mut odd, "phone", profile.phone.as_ref());
                let is_new = |id: &ExternalId| ExternalId::new(&id.to_string()).is_ok();
                let is_shared = |id: &ExternalId| state.users_by_external_id(id).nth(1).is_some();
                let external = user.facts.external_auth_id.as_ref();
                if external.is_some_and(|id| is_shared(id) || !is_new(id)) {
                    odd.push(EXTERNAL_AUTH_ID);
                }
            }
        }
        odd
    }

    /// Writes each row of a thing in a table, with the cell `as_is` if the table has that
    /// column.
    pub(super) fn each(
        &self,
        table: Table,
        thing: Thing,
        has_as_is: bool,
        write: &mut dyn FnMut(Vec<Cell<'s>>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut with = |mut cells: Vec<Cell<'s>>, odd: &Odd| {
            if has_as_is {
                cells.push(odd.join(" ").into());
            }
            write(cells)
        };
        let mut one = |cells: Option<Vec<Cell<'s>>>| match cells {
            Some(cells) if has_as_is => with(cells, &self.odd(table, thing)),
            Some(cells) => with(cells, &Odd::new()),
            None => Ok(()),
        };
        match (table, thing) {
            (Table::Resources, Thing::Place(node)) => one(self.resource(node)),
            (Table::Users, Thing::User(number)) => one(self.user(number)),
            (Table::Groups, Thing::Group(number)) => one(self.group(number)),
            (Table::Services, Thing::Service(number)) => one(self.service(number)),
            (Table::GroupUsers, Thing::Group(number)) => {
                let mut rows = self.group_users(number);
                rows.try_for_each(|cells| one(Some(cells)))
            }
            (Table::Memberships, Thing::Place(node)) => {
                let mut rows = self.memberships(node);
                rows.try_for_each(|cells| one(Some(cells)))
            }
            (Table::Grants, Thing::Place(node)) => {
                let mut rows = self.grants(node).into_iter();
                rows.try_for_each(|(cells, odd)| with(cells, &odd))
            }
            _ => Ok(()),
        }
    }

    /// Returns the name of a resource in rows.
    fn place(&self, node: Node) -> String {
        match self.view.state().resource(node) {
            Some(_) if node == self.view.state().root() => "tenant".to_owned(),
            Some(found) => {
                let name = named(found.key.as_ref(), found.id.0);
                format!("{}:{name}", found.kind)
            }
            None => String::new(),
        }
    }

    fn resource(&self, node: Node) -> Option<Vec<Cell<'s>>> {
        let found = self.view.state().node(node)?;
        let facts = &found.resource;
        let parent = found.parent.map(|parent| self.place(parent));
        Some(vec![
            facts.kind.as_str().into(),
            key(facts.key.as_ref()),
            facts.number.to_string().into(),
            facts.name.as_str().into(),
            parent.unwrap_or_default().into(),
            facts.id.to_string().into(),
        ])
    }

    fn user(&self, number: UserNumber) -> Option<Vec<Cell<'s>>> {
        let user = self.view.state().user(number)?;
        let profile = &user.profile;
        let email = profile.email.as_ref();
        Some(vec![
            key(user.key.as_ref()),
            user.number.to_string().into(),
            name(profile.first_name.as_ref()),
            name(profile.last_name.as_ref()),
            email.map(Email::as_str).unwrap_or_default().into(),
            name(profile.phone.as_ref()),
            format!("{:?}", user.status).to_lowercase().into(),
            user.facts.email_verified.to_string().into(),
            user.facts.first_login.to_string().into(),
            user.facts
                .external_auth_id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
                .into(),
            user.id.to_string().into(),
        ])
    }

    fn group(&self, number: GroupNumber) -> Option<Vec<Cell<'s>>> {
        let group = &self.view.state().group_node(number)?.group;
        Some(vec![
            key(group.key.as_ref()),
            group.number.to_string().into(),
            group.name.as_str().into(),
            group.id.to_string().into(),
        ])
    }

    fn service(&self, number: ServiceNumber) -> Option<Vec<Cell<'s>>> {
        let service = &self.view.state().service_node(number)?.service;
        Some(vec![
            key(service.key.as_ref()),
            service.number.to_string().into(),
            service.name.as_str().into(),
            service.id.to_string().into(),
        ])
    }

    fn group_users(&self, number: GroupNumber) -> impl Iterator<Item = Vec<Cell<'s>>> {
        let state = self.view.state();
        let row = state.group_node(number).into_iter();
        row.flat_map(move |row| {
            let group = named(row.group.key.as_ref(), row.group.id.0);
            let users = row.users.keys().filter_map(|number| state.user(*number));
            users.map(move |user| {
                let user = named(user.key.as_ref(), user.id.0);
                vec![group.clone().into(), user.into()]
            })
        })
    }

    fn memberships(&self, node: Node) -> impl Iterator<Item = Vec<Cell<'s>>> {
        let place = self.place(node);
        self.view.members(node).map(move |member| {
            let user = named(member.user().key.as_ref(), member.user().id.0);
            let expires_at = member.membership.expires_at().instant();
            vec![place.clone().into(), user.into(), time(expires_at)]
        })
    }

    /// Returns the rows of the grants on a resource, each with the columns whose cells
    /// are no valid new values.
    fn grants(&self, node: Node) -> Vec<(Vec<Cell<'s>>, Odd)> {
        let state = self.view.state();
        let Some(found) = state.node(node) else {
            return Vec::new();
        };
        let place = self.place(node);
        let grants = found
            .grants
            .iter()
            .filter(|(key, grant)| counts(self.view, node, key, grant));
        let mut grants: Vec<_> = grants
            .filter_map(|(key, grant)| Some((key, state.role(key.role)?.name.as_str(), grant)))
            .collect();
        grants.sort_by_key(|(key, role, _)| (key.subject, *role, &key.parameters));
        let row = |(key, role, grant): (&GrantKey, &'s str, &Grant)| {
            let cells = vec![
                subject(state, key.subject)?.into(),
                role.into(),
                place.clone().into(),
                parameters(&key.parameters).into(),
                time(grant.expires_at().instant()),
            ];
            Some((cells, odd_parameters(&key.parameters)))
        };
        grants.into_iter().filter_map(row).collect()
    }
}

/// Returns whether a grant counts in a view: it has not expired, and a user with it is
/// attached to the resource.
pub(crate) fn counts(view: View<'_>, node: Node, key: &GrantKey, grant: &Grant) -> bool {
    grant.expires_at().is_live(view.at())
        && match key.subject {
            Subject::User(user) => view.is_member(node, user),
            Subject::Group(_) | Subject::Service(_) => true,
        }
}

fn odd_parameters(parameters: &Parameters) -> Odd {
    let mut values = parameters.iter().map(|(_, value)| value);
    let is_odd = values.any(|value| Parameters::check_value(value).is_err())
        || parameters.canonical() != *parameters;
    match is_odd {
        true => vec!["parameters"],
        false => Odd::new(),
    }
}

/// Returns parameters as `name=value`, or as JSON if that would be ambiguous.
fn parameters(parameters: &Parameters) -> String {
    let plain = |text: &str| !text.contains([';', '=', '{']) && text.trim() == text;
    let is_plain = parameters
        .iter()
        .all(|(name, value)| plain(name) && !name.is_empty() && plain(value));
    if is_plain {
        let all: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        return all.join(";");
    }
    // Serialising fails only for maps whose keys are not strings.
    serde_json::to_string(parameters).unwrap_or_default()
}

fn subject(state: &State, subject: Subject) -> Option<String> {
    Some(match subject {
        Subject::User(number) => {
            let user = state.user(number)?;
            format!("user:{}", named(user.key.as_ref(), user.id.0))
        }
        Subject::Group(number) => {
            let group = &state.group_node(number)?.group;
            format!("group:{}", named(group.key.as_ref(), group.id.0))
        }
        Subject::Service(number) => {
            let service = &state.service_node(number)?.service;
            format!("service:{}", named(service.key.as_ref(), service.id.0))
        }
    })
}
