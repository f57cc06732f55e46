//! Short constructors of commands.

use attache_core::catalogue::{Catalogue, Pattern, Role};
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{Key, ResourceId, RoleId, TenantId, TokenId};
use attache_core::model::{Name, Parameters};
use attache_core::{Command, Locator, Ref, Timestamp};
use attache_http::api_token::ApiToken;
use uuid::Uuid;

use super::ids;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Makes a key from a valid text.
pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Returns a locator by kind and number.
pub fn at((kind, number): (&str, u32)) -> Locator {
    Locator::of(kind, Ref::Number(number))
}

/// The root of every tenant.
pub const ROOT: (&str, u32) = ("tenant", 1);

/// Returns the command that starts a tenant.
pub fn begin(tenant: TenantId, slug: &str, catalogue: Catalogue) -> Command {
    Command::CreateTenant {
        root: ResourceId(tenant.0),
        name: name(slug),
        catalogue: Box::new(catalogue),
    }
}

/// Returns the command that replaces the catalogue.
pub fn catalogue(catalogue: Catalogue) -> Command {
    let catalogue = Box::new(catalogue);
    Command::SetCatalogue { catalogue }
}

/// Makes a role of a kind with these permissions.
pub fn role(number: u32, name: &str, kind: &str, permissions: &[String]) -> Role {
    let pattern = |text: &String| Pattern::new(text).unwrap();
    Role {
        id: RoleId(ids::role(number)),
        name: name.into(),
        kind: kind.into(),
        label: name.to_owned(),
        description: String::new(),
        permissions: permissions.iter().map(pattern).collect(),
        scoped: Vec::new(),
        parameters: Vec::new(),
    }
}

/// Returns the command that adds a resource under another. Its key, if it has one, is
/// given as text.
pub fn resource(
    (kind, number): (&str, u32),
    under: (&str, u32),
    known_as: Option<&str>,
    called: &str,
) -> Command {
    Command::AddResource {
        id: ids::resource(kind, number),
        kind: kind.into(),
        parent: at(under),
        number: Some(number),
        key: known_as.map(key),
        name: name(called),
    }
}

/// Returns the command that adds a group.
pub fn group(number: u32, known_as: Option<&str>, called: &str) -> Command {
    Command::AddGroup {
        id: ids::group(number),
        number: Some(number),
        key: known_as.map(key),
        name: name(called),
    }
}

/// Returns the command that adds a user to a group.
pub fn into_group(group: u32, user: u32) -> Command {
    Command::AddGroupUser {
        group: Ref::Number(group),
        user: Ref::Number(user),
    }
}

/// Returns the command that adds a service. Its key is its name, so that it can be named.
pub fn service(number: u32, called: &str) -> Command {
    Command::AddService {
        id: ids::service(number),
        number: Some(number),
        key: Some(key(called)),
        name: name(called),
    }
}

/// Returns the command that adds an API token of a service.
pub fn token(id: Uuid, service: &str, token: &ApiToken, expires_at: Option<Timestamp>) -> Command {
    Command::CreateToken {
        id: TokenId(id),
        service: Ref::text(service),
        hash: token.hash(),
        hint: token.hint().into(),
        expires_at,
    }
}

/// Returns the command that attaches a user to a resource, without an end.
pub fn attach(on: (&str, u32), user: u32) -> Command {
    attach_until(on, user, None)
}

/// Returns the command that attaches a user to a resource until an end.
pub fn attach_until(on: (&str, u32), user: u32, expires_at: Option<Timestamp>) -> Command {
    Command::AddMember {
        resource: at(on),
        user: Ref::Number(user),
        expires_at,
    }
}

/// Returns a reference to a user by number.
pub fn user_of(number: u32) -> SubjectRef {
    SubjectRef::User(Ref::Number(number))
}

/// Returns a reference to a group by number.
pub fn group_of(number: u32) -> SubjectRef {
    SubjectRef::Group(Ref::Number(number))
}

/// Returns a reference to a service by key.
pub fn service_named(name: &str) -> SubjectRef {
    SubjectRef::Service(Ref::text(name))
}

/// Returns the command that grants a role, without an end.
pub fn grant(on: (&str, u32), to: SubjectRef, role: &str) -> Command {
    grant_until(on, to, role, None)
}

/// Returns the command that grants a role until an end.
pub fn grant_until(
    on: (&str, u32),
    subject: SubjectRef,
    role: &str,
    expires_at: Option<Timestamp>,
) -> Command {
    let grant = GrantRef {
        resource: at(on),
        subject,
        role: role.into(),
        parameters: Parameters::none(),
    };
    Command::Grant { grant, expires_at }
}
