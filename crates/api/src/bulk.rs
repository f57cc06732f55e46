//! Bulks: many operations, all or none.

use attache_core::command::GrantRef;
use attache_core::id::{GroupId, ResourceId, ServiceId, UserId};
use attache_core::{Change, Command, Timestamp};
use axum::Json;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Call, at_its_place};
use super::{body, grants, groups, parameters, resources, services, user_bodies};
use attache_http::{App, Current, Problem};
use attache_http::{json_body, naming};

/// The bytes of operations that are parsed in the time of a weight of 1.
const BYTES_OF_ONE: usize = 256;

/// Operations that are done together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Bulk)]
pub(super) struct Bulk<'a> {
    /// At most `limits.bulk_operations` (10,000). Each operation is decided on the state
    /// that the ones before it leave, so an operation can refer by key to what another
    /// one adds.
    #[schema(value_type = Vec<Described>)]
    #[serde(borrow)]
    operations: Vec<&'a RawValue>,
}

/// The most values of an operation, more than any valid one has.
const MOST_VALUES: usize = 4_096;

/// Declares an operation twice. The described form, for the document, has the operation's
/// name in `op`, and the fields of the request's body beside the names of its path. The
/// parsed form has the body in a field of its own (`BODY`), so that faults get their
/// place.
macro_rules! operation {
    ($read:ident, $described:ident { $(
        $(#[$about:meta])*
        $name:ident
        $( ( $alone:ty ) )?
        $( {
            $( $(#[$of:meta])* $field:ident: $kind:ty, )*
            $( ..$body:ident: $whole:ty )?
        } )?
    ),* $(,)? }) => {
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case", deny_unknown_fields)]
        enum $read { $(
            $name
            $( ( $alone ) )?
            $( {
                $( $(#[$of])* $field: $kind, )*
                $( $body: $whole, )?
            } )?
        ),* }

        /// An operation. Its fields are those of the request that does the same alone:
        /// the names in its path, and the fields of its body.
        #[derive(Deserialize, ToSchema)]
        #[serde(tag = "op", rename_all = "snake_case")]
        #[schema(as = Operation)]
        #[allow(dead_code, reason = "made by the macro from the operation that is read")]
        enum $described { $(
            $(#[$about])*
            $name
            $( ( $alone ) )?
            $( {
                $( $(#[$of])* $field: $kind, )*
                $( #[serde(flatten)] $body: $whole, )?
            } )?
        ),* }
    };
}

/// Operations whose request has names in its path and fields in its body, with the names
/// in the path.
const IN_PATH: &[(&str, &[&str])] = &[
    ("change_user", &["user"]),
    ("put_user", &["user"]),
    ("change_group", &["group"]),
    ("change_service", &["service"]),
    ("change_resource", &["resource"]),
    ("grant", &["resource"]),
];

/// The field with the body of such a request during parsing.
const BODY: &str = "body";

/// The former fields around the fields of such operations.
const NESTED: &[&str] = &["change", "grant"];

operation! { Operation, Described {
    AddUser(user_bodies::NewUser),
    ChangeUser {
        #[schema(example = "freya.holm")]
        user: String,
        ..body: user_bodies::UserPatch
    },
    /// Add a user, or replace it.
    PutUser {
        #[schema(example = "freya.holm")]
        user: String,
        ..body: user_bodies::UserPut
    },
    RemoveUser {
        user: String,
    },
    AddGroup(groups::NewGroup),
    ChangeGroup {
        group: String,
        ..body: groups::GroupPatch
    },
    RemoveGroup {
        group: String,
    },
    AddGroupUser {
        group: String,
        user: String,
    },
    RemoveGroupUser {
        group: String,
        user: String,
    },
    AddService(services::NewService),
    ChangeService {
        service: String,
        ..body: services::ServicePatch
    },
    RemoveService {
        service: String,
    },
    AddResource(resources::NewResource),
    ChangeResource {
        #[schema(example = "customer:harbour-bakery")]
        resource: String,
        ..body: resources::ResourcePatch
    },
    MoveResource {
        resource: String,
        parent: String,
    },
    RemoveResource {
        resource: String,
    },
    /// Attach a user. An existing membership stays as it is.
    AddMember {
        resource: String,
        user: String,
        #[serde(default)]
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
    },
    /// Set another end of a membership, or none.
    ChangeMember {
        resource: String,
        user: String,
        #[serde(default)]
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
    },
    RemoveMember {
        resource: String,
        user: String,
    },
    Grant {
        resource: String,
        ..body: grants::NewGrant
    },
    Revoke {
        resource: String,
        #[schema(example = "user:freya.holm")]
        subject: String,
        role: String,
        #[serde(default)]
        parameters: BTreeMap<String, String>,
    },
} }

impl Operation {
    /// Parses the operation at a place. Only one operation at a time is in memory as
    /// values.
    fn read(place: usize, text: &RawValue) -> Result<Self, Problem> {
        let here = format!("operations[{place}]");
        let value = json_body::value(text.get().as_bytes(), MOST_VALUES);
        let value = value.map_err(|_| {
            let reason = format!("must have at most {MOST_VALUES} values");
            Problem::invalid(here.clone(), reason)
        })?;
        let mut fields: Map<String, Value> =
            body::parse(value).map_err(|fault| Problem::invalid(here.clone(), fault.reason))?;
        let name = match fields.remove("op") {
            Some(Value::String(name)) => name,
            Some(_) => return Err(Problem::invalid(format!("{here}.op"), "must be a string")),
            None => return Err(Problem::invalid(format!("{here}.op"), "is required")),
        };
        let in_path = IN_PATH.iter().find(|(operation, _)| *operation == name);
        let fields = match in_path {
            Some((_, in_path)) => apart(fields, in_path, &here)?,
            None => fields,
        };
        let named = Value::Object(Map::from_iter([(name.clone(), Value::Object(fields))]));
        body::parse(named).map_err(|fault| match fault.field.strip_prefix(&name) {
            Some(below) => {
                let of_body = in_path
                    .and_then(|_| below.strip_prefix(".")?.strip_prefix(BODY))
                    .unwrap_or(below);
                Problem::invalid(format!("{here}{of_body}"), fault.reason)
            }
            None => Problem::invalid(format!("{here}.op"), fault.reason),
        })
    }

    fn command(self, id: impl Fn() -> Uuid) -> Command {
        match self {
            Self::AddUser(new) => new.command(UserId(id())),
            Self::ChangeUser { user, body } => body.command(naming::reference(&user)),
            Self::PutUser { user, body } => body.command(UserId(id()), naming::reference(&user)),
            Self::RemoveUser { user } => Command::RemoveUser {
                user: naming::reference(&user),
            },
            Self::AddGroup(new) => new.command(GroupId(id())),
            Self::ChangeGroup { group, body } => body.command(naming::reference(&group)),
            Self::RemoveGroup { group } => Command::RemoveGroup {
                group: naming::reference(&group),
            },
            Self::AddGroupUser { group, user } => Command::AddGroupUser {
                group: naming::reference(&group),
                user: naming::reference(&user),
            },
            Self::RemoveGroupUser { group, user } => Command::RemoveGroupUser {
                group: naming::reference(&group),
                user: naming::reference(&user),
            },
            Self::AddService(new) => new.command(ServiceId(id())),
            Self::ChangeService { service, body } => body.command(naming::reference(&service)),
            Self::RemoveService { service } => Command::RemoveService {
                service: naming::reference(&service),
            },
            Self::AddResource(new) => new.command(ResourceId(id())),
            Self::ChangeResource { resource, body } => body.command(naming::locator(&resource)),
            Self::MoveResource { resource, parent } => Command::MoveResource {
                resource: naming::locator(&resource),
                parent: naming::locator(&parent),
            },
            Self::RemoveResource { resource } => Command::RemoveResource {
                resource: naming::locator(&resource),
            },
            Self::AddMember {
                resource,
                user,
                expires_at,
            } => Command::AddMember {
                resource: naming::locator(&resource),
                user: naming::reference(&user),
                expires_at,
            },
            Self::ChangeMember {
                resource,
                user,
                expires_at,
            } => Command::ChangeMember {
                resource: naming::locator(&resource),
                user: naming::reference(&user),
                expires_at,
            },
            Self::RemoveMember { resource, user } => Command::RemoveMember {
                resource: naming::locator(&resource),
                user: naming::reference(&user),
            },
            Self::Grant { resource, body } => body.command(naming::locator(&resource)),
            Self::Revoke {
                resource,
                subject,
                role,
                parameters,
            } => Command::Revoke {
                grant: GrantRef {
                    resource: naming::locator(&resource),
                    subject: naming::subject_ref(&subject),
                    role: role.into(),
                    parameters: parameters.into_iter().collect(),
                },
            },
        }
    }
}

/// Separates the fields of an operation from those of its request's body.
fn apart(
    fields: Map<String, Value>,
    in_path: &[&str],
    here: &str,
) -> Result<Map<String, Value>, Problem> {
    let nested =
        |(name, value): &(&String, &Value)| NESTED.contains(&name.as_str()) && value.is_object();
    if let Some((name, _)) = fields.iter().find(nested) {
        let reason = "is gone: its fields stand in the operation itself now";
        return Err(Problem::invalid(format!("{here}.{name}"), reason));
    }
    let (mut path, body): (Map<_, _>, Map<_, _>) = fields
        .into_iter()
        .partition(|(name, _)| in_path.contains(&name.as_str()));
    path.insert(BODY.to_owned(), Value::Object(body));
    Ok(path)
}

/// The result of a bulk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkResult)]
pub(super) struct BulkResult {
    /// The number of changed things. 0 if the operations changed nothing.
    changes: usize,
    /// The ids of added things, in the order of the operations that add.
    added: Vec<Uuid>,
}

/// Do many operations at once.
///
/// All of them are done, as one entry, or none. If one is refused, `operation` of the
/// problem is its index, from 0. Each operation needs what the request that does the same
/// alone needs.
#[utoipa::path(
    post,
    operation_id = "run_bulk",
    path = "/bulk",
    tag = "bulk",
    params(parameters::IdempotencyKey),
    request_body = Bulk,
    responses((status = 200, description = "All operations were done.", body = BulkResult)),
)]
pub(super) async fn run(Shared(app): Shared<App>, mut call: Call) -> Result<Response, Problem> {
    let text = call.text().object()?;
    let most = app.limits().bulk_operations;
    let weight = text.len() / BYTES_OF_ONE;
    let commands = call.session.weigh(weight, || {
        let bulk: Bulk<'_> = body::read_text(&text)?;
        if bulk.operations.len() > most {
            let reason = format!("must be at most {most}");
            return Err(Problem::invalid("operations", reason));
        }
        let operations = bulk.operations.into_iter().enumerate();
        let commands = operations.map(|(place, text)| {
            let operation = Operation::read(place, text)?;
            Ok(operation.command(|| call.id()))
        });
        commands.collect::<Result<Vec<Command>, Problem>>()
    });
    let commands = commands.await??;
    // No read shows anything at this path.
    let done = call.write_all(commands, |_| Current::Absent).await;
    let done = done.map_err(at_its_place)?;
    let added = done.all().iter().filter_map(|change| match change {
        Change::UserAdded { user, .. } => Some(user.0),
        Change::GroupAdded { group, .. } => Some(group.0),
        Change::ServiceAdded { service, .. } => Some(service.0),
        Change::ResourceAdded { resource, .. } => Some(resource.0),
        _ => None,
    });
    let outcome = BulkResult {
        changes: done.all().len(),
        added: added.collect(),
    };
    let outcome = done.shown(Some(outcome))?;
    let mut response = Json(outcome).into_response();
    done.mark(response.headers_mut());
    Ok(response)
}
