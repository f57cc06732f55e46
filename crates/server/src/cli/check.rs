//! `attache check`

use std::process::ExitCode;

use attache_core::ask::{Access, Denial};
use attache_core::catalogue::Pattern;
use attache_core::model::Subject;
use attache_core::{State, Timestamp};
use clap::Args;

use super::CliError;
use super::arguments::{NAMES, locator, parameter, resource_name, source_name, subject, time};
use super::data::{self, Place};
use super::output::say;
use crate::tenants::Tenants;

/// May somebody do something on a resource, and why?
///
/// Ends with 0 if so, with 1 if not, with 2 if the question makes no sense.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache check ada customers.users.list customer:harbour-bakery
  attache check ada customers.users.list customer:harbour-bakery --at 2026-03-03
  attache check group:sales customers.view tenant
  attache check '#7' chatbots.conversations.list chatbot:concierge --param inboxId=7

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Check {
    /// Who: a user, or group:… or service:….
    user: String,
    /// The permission, such as customers.users.list.
    permission: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// The part of the resource that it is about: NAME=VALUE. Can stand more than once.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// As it was then: a day (its beginning in UTC) or a time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Check {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        data::within(place.open().await?, async |tenants| {
            self.within(tenants).await
        })
        .await
    }

    async fn within(&self, tenants: &Tenants) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, self.tenant.as_deref())?;
        let (state, at) = data::state(tenants, &row, self.at).await?;
        let permission = Pattern::new(&self.permission)
            .map_err(|reason| CliError::new(format!("the permission {reason}")))?;
        let node = state
            .find(&locator(&self.resource))
            .ok_or_else(|| CliError::new(format!("there is no {}", self.resource)))?;
        let subject = subject(&state, &self.user)?;
        let parameters = self.parameters.iter().cloned().collect();
        let who = subject_name(&state, subject);
        let place = resource_name(&state, node);
        match state.access(subject, &permission, node, &parameters, at) {
            Access::Allowed(source) => {
                say(format!("yes: {who} may {permission} on {place}"))?;
                say(format!("because {who} {}", source_name(&state, &source)))?;
                Ok(ExitCode::SUCCESS)
            }
            Access::Denied(denial) => {
                say(format!("no: {who} may not {permission} on {place}"))?;
                say(format!("because {}", why_not(&state, &who, denial)))?;
                Ok(ExitCode::from(1))
            }
        }
    }
}

fn subject_name(state: &State, subject: Subject) -> String {
    let named = match subject {
        Subject::User(number) => state
            .user(number)
            .map(attache_core::model::User::display_name),
        Subject::Group(number) => state
            .group_node(number)
            .map(|row| row.group.name.to_string()),
        Subject::Service(number) => state
            .service_node(number)
            .map(|row| row.service.name.to_string()),
    };
    named
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this user".to_owned())
}

fn why_not(state: &State, who: &str, denial: Denial<'_>) -> String {
    match denial {
        Denial::Nothing => format!("{who} is not there"),
        Denial::Inactive => format!("{who} is inactive"),
        Denial::Expired(source) => {
            format!(
                "this does not count any more: {who} {}",
                source_name(state, &source)
            )
        }
        Denial::OtherParameters(source) => {
            format!("{who} only {}", source_name(state, &source))
        }
        Denial::Lacks => format!("{who} holds other permissions there, not this one"),
        Denial::HoldsNothing => {
            format!("{who} holds no permission there: to {who}, it does not exist")
        }
    }
}
