//! `attache token`

use std::process::ExitCode;

use attache_core::Timestamp;
use attache_core::catalogue::ROOT_KIND;
use attache_core::id::TokenId;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{NAMES, end};
use super::listing::{Column, Output};
use super::output::{note, say};
use super::things::{InTenant, Verb};
use attache_ambient::Ambient;
use attache_core::nearest::near;

pub(super) type Token = InTenant<TokenVerb>;

#[derive(Debug, Subcommand)]
pub(super) enum TokenVerb {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Create an API token for a service. Adds the service if it is missing.
///
/// Prints the token on standard output, once. attache stores only a hash.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache token create --service billing --grant customer-reader
  attache token create --service north-portal --grant reseller-manager@reseller:nordlicht
  attache token create --service nightly --until 2030-12-31

{NAMES}"))]
pub(super) struct Create {
    /// The service's key.
    #[arg(long, value_name = "KEY")]
    service: String,
    /// A role to grant to the service: ROLE on the whole tenant, or ROLE@RESOURCE. Can be
    /// repeated.
    #[arg(long = "grant", value_name = "ROLE[@RESOURCE]")]
    grants: Vec<String>,
    /// The end of the token: a day (accepted until its end, in UTC), or a time.
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<Timestamp>,
}

/// List the tokens that are not revoked.
///
/// The last use of a token is accurate to ten minutes, and appears a few seconds after a
/// running server has seen it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache token list
  attache token list --output csv")]
pub(super) struct List {
    #[command(flatten)]
    output: Output,
}

/// Revoke a token. A running server refuses it when it next looks at the database
/// (`tenants.poll_every`), or refuses all reads after `tenants.silent_for`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  attache token revoke 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34")]
pub(super) struct Revoke {
    /// The token's id, from `attache token list`.
    #[arg(value_parser = token_id)]
    id: TokenId,
}

impl Verb for TokenVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) => false,
            Self::Create(_) | Self::Revoke(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => {
                let service = create.service.as_str();
                let roles = api.all(&["roles"], &[]).await.unwrap_or_default();
                let roles: Vec<(&str, &str)> = roles
                    .iter()
                    .filter_map(|role| Some((role["name"].as_str()?, role["kind"].as_str()?)))
                    .collect();
                // The server itself reports to a caller that may not read them.
                for text in create.grants.iter().filter(|_| !roles.is_empty()) {
                    let (role, resource) = text.split_once('@').unwrap_or((text, ROOT_KIND));
                    check_role(role, resource == ROOT_KIND, &roles)?;
                }
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
}

/// Checks that a role exists, and that its kind is the tenant's if it is granted there.
/// `roles`: all roles, with their kinds.
fn check_role(name: &str, on_tenant: bool, roles: &[(&str, &str)]) -> Result<(), CliError> {
    let Some((_, kind)) = roles.iter().find(|(known, _)| *known == name) else {
        let nearest = near(name, roles.iter().map(|(known, _)| *known));
        let nearest = nearest.map(|it| format!("; the nearest is {it}"));
        return Err(CliError::new(format!(
            "--grant {name}: there is no such role{}",
            nearest.unwrap_or_default()
        )));
    };
    match on_tenant && *kind != ROOT_KIND {
        true => Err(CliError::new(format!(
            "--grant {name}: the role is granted on a {kind} only: --grant {name}@{kind}:…"
        ))),
        false => Ok(()),
    }
}

/// Parses the id of a token.
fn token_id(text: &str) -> Result<TokenId, String> {
    text.parse()
        .map_err(|_| "is no id of a token: `attache token list` shows the ids".to_owned())
}

/// The columns of a list of tokens.
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

/// Returns whether a token has ended.
fn state(token: &Value) -> String {
    let end = token["expires_at"].as_str();
    let end = end.and_then(|end| end.parse::<Timestamp>().ok());
    let has_ended = end.is_some_and(|end| end <= Ambient::of_the_machine().now());
    if has_ended { "expired" } else { "good" }.to_owned()
}
