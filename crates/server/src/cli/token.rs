//! `attache token`

use std::process::ExitCode;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{Key, ServiceId, TenantId, TokenId};
use attache_core::model::{Name, Parameters};
use attache_core::reference::Ref;
use attache_core::{Command, Locator, Timestamp};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{NAMES, end, locator};
use super::data::{self, Place, operator};
use super::listing::{Column, Output};
use super::output::{note, say};
use attache_ambient::Ambient;
use attache_http::api_token::ApiToken;
use attache_log::TenantRow;
use attache_tenants::Tenants;

/// The API tokens of services.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Create an API token for a service, which is made if it is missing.
///
/// The token goes to standard output, once. attache keeps only a hash.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache token create --service billing --grant customer-reader
  attache token create --service north-portal --grant reseller-manager@reseller:nordlicht
  attache token create --service nightly --until 2030-12-31

{NAMES}"))]
pub(super) struct Create {
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// The service's key.
    #[arg(long, value_name = "KEY")]
    service: String,
    /// A role to grant the service: ROLE on the whole tenant, or ROLE@RESOURCE. Can stand more than once.
    #[arg(long = "grant", value_name = "ROLE[@RESOURCE]")]
    grants: Vec<String>,
    /// When the token ends: a day, through which it is still accepted (in UTC), or a time.
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<Timestamp>,
}

/// List the tokens that were not revoked.
///
/// When a token was last used is shown to within ten minutes, and a few seconds after a
/// running server has seen it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache token list
  attache token list --output csv")]
pub(super) struct List {
    #[command(flatten)]
    output: Output,
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

/// Revoke a token. A running server refuses it when it next looks at the database
/// (`tenants.poll_millis`), or answers nobody after `tenants.silent_seconds`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  attache token revoke 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34")]
pub(super) struct Revoke {
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// The token's id, as `attache token list` shows it.
    id: TokenId,
}

impl Token {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = match &self {
            Self::Create(Create { tenant, .. })
            | Self::List(List { tenant, .. })
            | Self::Revoke(Revoke { tenant, .. }) => tenant.clone(),
        };
        if let Some(api) = place.server(tenant.as_deref())? {
            return self.of_server(&api).await;
        }
        data::within(place.open().await?, async |tenants| {
            self.within(tenants).await
        })
        .await
    }

    async fn of_server(self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => {
                let service = create.service.as_str();
                let mut operations = Vec::new();
                if api.find(&["services", service]).await?.is_none() {
                    operations.push(json!({"op": "add_service", "key": service, "name": service}));
                }
                operations.extend(create.grants.iter().map(|text| {
                    let (role, resource) = text.split_once('@').unwrap_or((text, "tenant"));
                    let subject = format!("service:{service}");
                    json!({"op": "grant", "resource": resource, "subject": subject, "role": role})
                }));
                if !operations.is_empty() {
                    api.bulk(operations).await?;
                }
                let body = json!({"expires_at": create.until});
                let path = ["services", service, "tokens"];
                let made = api.write(Method::POST, &path, Some(&body)).await?.json;
                let secret = made["secret"].as_str().ok_or_else(|| {
                    CliError::new(
                        "the token was made, and its answer was lost: revoke it and make another",
                    )
                })?;
                note(format!("The token of {service}. It is not shown again:"))?;
                say(secret)?;
            }
            Self::List(list) => {
                let mut rows = Vec::new();
                for service in api.all(&["services"], &[]).await? {
                    let id = plain(&service["id"]);
                    let path = ["services", id.as_str(), "tokens"];
                    for mut token in api.all(&path, &[]).await? {
                        token["service"] = service["name"].clone();
                        rows.push(token);
                    }
                }
                list.output.list(COLUMNS, &rows)?;
            }
            Self::Revoke(revoke) => {
                let id = revoke.id.to_string();
                for service in api.all(&["services"], &[]).await? {
                    let service = plain(&service["id"]);
                    let path = ["services", service.as_str(), "tokens"];
                    let tokens = api.all(&path, &[]).await?;
                    if tokens.iter().any(|token| token["id"] == id.as_str()) {
                        let path = ["services", service.as_str(), "tokens", id.as_str()];
                        api.write(Method::DELETE, &path, None).await?;
                        note("The token is revoked.")?;
                        return Ok(ExitCode::SUCCESS);
                    }
                }
                return Err(CliError::new("token: no such token"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn within(self, tenants: &Tenants) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => {
                let row = data::tenant(tenants, create.tenant.as_deref())?;
                let grants: Vec<(String, Locator)> =
                    create.grants.iter().map(|text| grant(text)).collect();
                let token =
                    self::create(tenants, &row, &create.service, &grants, create.until).await?;
                note(format!(
                    "The token of {}. It is not shown again:",
                    create.service
                ))?;
                say(token.reveal())?;
            }
            Self::List(list) => {
                let row = data::tenant(tenants, list.tenant.as_deref())?;
                self::list(tenants, &row, list.output).await?;
            }
            Self::Revoke(revoke) => {
                let row = data::tenant(tenants, revoke.tenant.as_deref())?;
                let command = Command::RevokeToken { token: revoke.id };
                let correlation_id = tenants.ambient().id().to_string();
                tenants
                    .write(operator(row.id), &correlation_id, &[command])
                    .await?;
                note("The token is revoked.")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn grant(text: &str) -> (String, Locator) {
    match text.split_once('@') {
        Some((role, resource)) => (role.to_owned(), locator(resource)),
        None => (text.to_owned(), Locator::root()),
    }
}

/// What a list of tokens shows.
const COLUMNS: &[Column] = &[
    Column::field("id", "id"),
    Column::field("service", "service"),
    Column::made("hint", "token", |token| {
        format!("…{}", plain(&token["hint"]))
    }),
    Column::field("created_at", "created"),
    Column::untabled("created_by"),
    Column::field("expires_at", "expires"),
    Column::field("last_used_at", "last used"),
    Column::made("state", "state", state),
];

/// Whether a token is accepted, as far as its end is concerned.
fn state(token: &Value) -> String {
    let end = token["expires_at"].as_str();
    let end = end.and_then(|end| end.parse::<Timestamp>().ok());
    let has_ended = end.is_some_and(|end| end <= Ambient::of_the_machine().now());
    if has_ended { "expired" } else { "good" }.to_owned()
}

async fn list(tenants: &Tenants, row: &TenantRow, output: Output) -> Result<(), CliError> {
    let (state, _) = data::state(tenants, row, None).await?;
    let uses = tenants.token_uses(row.id).await?;
    let tokens = state.tokens().map(|token| {
        let service = state.service_node(token.service);
        json!({
            "id": token.id,
            "service": service.map(|row| row.service.name.to_string()),
            "hint": token.hint,
            "created_at": token.created_at,
            "created_by": state.giver(token.created_by),
            "expires_at": token.expires_at.instant(),
            "last_used_at": uses.get(&token.id),
        })
    });
    let tokens: Vec<Value> = tokens.collect();
    output.list(COLUMNS, &tokens)
}

/// A new token for a service, with what it is granted: one entry.
pub(super) async fn create(
    tenants: &Tenants,
    row: &TenantRow,
    service: &str,
    grants: &[(String, Locator)],
    expires_at: Option<Timestamp>,
) -> Result<ApiToken, CliError> {
    let (state, _) = data::state(tenants, row, None).await?;
    let ambient = tenants.ambient();
    let mut all = Vec::new();
    if state.find_service(&Ref::text(service)).is_none() {
        all.push(add_service(ambient, service)?);
    }
    let (token, more) = commands(ambient, row.id, service, grants, expires_at);
    all.extend(more);
    let correlation_id = ambient.id().to_string();
    tenants
        .write(operator(row.id), &correlation_id, &all)
        .await?;
    Ok(token)
}

/// The command that makes a service of this key.
pub(super) fn add_service(ambient: &Ambient, service: &str) -> Result<Command, CliError> {
    let wrong = |reason: &str| CliError::new(format!("--service {reason}"));
    Ok(Command::AddService {
        id: ServiceId(ambient.id()),
        number: None,
        key: Some(Key::new(service).map_err(wrong)?),
        name: Name::new(service).map_err(wrong)?,
    })
}

/// A new token, and the commands that grant its service roles and make it count.
pub(super) fn commands(
    ambient: &Ambient,
    tenant: TenantId,
    service: &str,
    grants: &[(String, Locator)],
    expires_at: Option<Timestamp>,
) -> (ApiToken, Vec<Command>) {
    let token = ApiToken::new(tenant, ambient);
    let grant = |(role, resource): &(String, Locator)| Command::Grant {
        grant: GrantRef {
            resource: resource.clone(),
            subject: SubjectRef::Service(Ref::text(service)),
            role: role.as_str().into(),
            parameters: Parameters::none(),
        },
        expires_at: None,
    };
    let mut commands: Vec<Command> = grants.iter().map(grant).collect();
    commands.push(Command::CreateToken {
        id: TokenId(ambient.id()),
        service: Ref::text(service),
        hash: token.hash(),
        hint: token.hint().into(),
        expires_at,
    });
    (token, commands)
}
