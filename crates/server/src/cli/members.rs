//! `attache members`

use std::process::ExitCode;

use attache_core::Timestamp;
use attache_core::ask::{Field, List, Member};
use attache_core::id::Node;
use attache_core::model::Email;
use clap::{Args, ValueEnum};

use super::CliError;
use super::arguments::{NAMES, locator, time};
use super::data::{self, Place};
use super::output::{note, say, table};
use crate::tenants::Tenants;

/// Who is attached to a resource, and in which roles?
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache members customer:harbour-bakery
  attache members customer:harbour-bakery --at 2026-03-03 --format json
  attache members tenant --sort added

{NAMES}"))]
pub(super) struct Members {
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// As it was then: a day (its beginning in UTC) or a time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// The order.
    #[arg(long, value_enum, default_value = "name")]
    sort: Order,
    /// A table for people, or JSON for programs.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    Name,
    Email,
    Added,
    Number,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
}

impl Members {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        data::within(place.open().await?, async |tenants| {
            self.within(tenants).await
        })
        .await
    }

    async fn within(&self, tenants: &Tenants) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, self.tenant.as_deref())?;
        let (state, at) = data::state(tenants, &row, self.at).await?;
        let node = state
            .find(&locator(&self.resource))
            .ok_or_else(|| CliError::new(format!("there is no {}", self.resource)))?;
        let list = List::all(match self.sort {
            Order::Name => Field::FullName,
            Order::Email => Field::Email,
            Order::Added => Field::Added,
            Order::Number => Field::Number,
        });
        let members = state.list(node, at, &list).items;
        match self.format {
            Format::Table => {
                let rows: Vec<Vec<String>> = members
                    .iter()
                    .map(|member| cells(&state, node, member, at))
                    .collect();
                table(
                    &[
                        "number", "name", "e-mail", "status", "roles", "added", "expires",
                    ],
                    &rows,
                )?;
                note(format!(
                    "{} users, at revision {}",
                    rows.len(),
                    state.revision()
                ))?;
            }
            Format::Json => {
                let rows: Vec<serde_json::Value> = members
                    .iter()
                    .map(|member| json(&state, node, member, at))
                    .collect();
                say(serde_json::to_string_pretty(&rows)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn roles(
    state: &attache_core::State,
    node: Node,
    member: &Member<'_>,
    at: Timestamp,
) -> Vec<String> {
    let roles = state.roles_on(node, member.user.number, at);
    roles.iter().map(|role| role.name.to_string()).collect()
}

fn cells(
    state: &attache_core::State,
    node: Node,
    member: &Member<'_>,
    at: Timestamp,
) -> Vec<String> {
    let user = member.user;
    let expires = member.membership.expires_at.instant();
    vec![
        user.number.to_string(),
        user.display_name(),
        user.profile
            .email
            .as_ref()
            .map(Email::to_string)
            .unwrap_or_default(),
        format!("{:?}", user.status).to_lowercase(),
        roles(state, node, member, at).join(" "),
        member.membership.added_at.to_string(),
        expires.map(|at| at.to_string()).unwrap_or_default(),
    ]
}

fn json(
    state: &attache_core::State,
    node: Node,
    member: &Member<'_>,
    at: Timestamp,
) -> serde_json::Value {
    let user = member.user;
    serde_json::json!({
        "id": user.id,
        "number": user.number,
        "key": user.key,
        "name": user.display_name(),
        "email": user.profile.email,
        "status": user.status,
        "roles": roles(state, node, member, at),
        "added_at": member.membership.added_at,
        "expires_at": member.membership.expires_at.instant(),
    })
}
