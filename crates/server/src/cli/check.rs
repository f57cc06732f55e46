//! `attache check`

use std::collections::BTreeMap;
use std::process::ExitCode;

use attache_core::ask::{Access, Denial};
use attache_core::catalogue::Pattern;
use attache_core::model::Subject;
use attache_core::{State, Timestamp};
use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{
    NAMES, entity, locator, moment, parameter, resource_name, source_name, subject,
};
use super::data::{self, Place};
use super::output::say;
use attache_tenants::Tenants;

/// Check whether a subject may do something on a resource, and why.
///
/// Exit code 0 for yes, 1 for no, 2 for a question that makes no sense.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache check freya.holm customers.users.list customer:harbour-bakery
  attache check freya.holm customers.users.list customer:harbour-bakery --at 2026-03-03
  attache check group:support customers.view customer:harbour-bakery
  attache check '#7' chatbots.conversations.list chatbot:concierge --param inboxId=7

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Check {
    /// The subject: a user, or group:… or service:….
    user: String,
    /// The permission, such as customers.users.list.
    permission: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// A parameter that selects a part of the resource: NAME=VALUE. Can be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Answer as of then: a day (its beginning in UTC), a time, or an age: 1h, 2d.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    at: Option<Timestamp>,
    /// The tenant. Can be left out if there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Check {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let permission = Pattern::new(&self.permission)
            .map_err(|reason| CliError::new(format!("the permission {reason}")))?;
        let tenant = self.tenant.as_deref();
        let Some(at) = self.at else {
            return place.ask(tenant, async |api| self.now(api).await).await;
        };
        if place.server(tenant)?.is_some() {
            return Err(CliError::new(
                "--at asks the data folder: a server knows the present only",
            ));
        }
        data::within(place.open().await?, async |tenants| {
            self.then(tenants, &permission, at).await
        })
        .await
    }

    /// Asks about the present, by AuthZEN.
    async fn now(&self, api: &Api) -> Result<ExitCode, CliError> {
        let (kind, user) = match self.user.split_once(':') {
            Some((kind @ ("user" | "group" | "service"), name)) => (kind, name),
            _ => ("user", self.user.as_str()),
        };
        let (resource_kind, resource) = entity(api, &self.resource).await?;
        let parameters = self.parameters.iter().cloned();
        let question = json!({
            "subject": {"type": kind, "id": user},
            "action": {"name": self.permission},
            "resource": {
                "type": resource_kind,
                "id": resource,
                "properties": parameters.collect::<BTreeMap<String, String>>(),
            },
        });
        let answer = api.ask_access(&question).await?;
        let reason = &answer["context"]["reason"];
        let code = plain(&reason["code"]);
        if ["unknown_subject", "unknown_resource", "unknown_type"].contains(&code.as_str()) {
            return Err(CliError::new(plain(&reason["message"])));
        }
        let allowed = answer["decision"] == true;
        let may = if allowed { "yes" } else { "no" };
        let not = if allowed { "may" } else { "may not" };
        say(format!(
            "{may}: {} {not} {} on {}",
            self.user, self.permission, self.resource
        ))?;
        let why = format!("{}{}", plain(&reason["message"]), via(&reason["via"]));
        say(format!("because: {}", why.trim()))?;
        Ok(if allowed {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    /// Asks about an earlier time, on the state of then.
    async fn then(
        &self,
        tenants: &Tenants,
        permission: &Pattern,
        at: Timestamp,
    ) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, self.tenant.as_deref())?;
        let state = tenants.state_at(row.id, at).await?;
        let name = locator(&self.resource);
        let Some(node) = state.find(&name) else {
            let has = |state: &State| Some(state.resource(state.find(&name)?)?.created_at);
            return Err(data::missing(tenants, &row, at, &self.resource, has).await);
        };
        let Ok(subject) = subject(&state, &self.user) else {
            let has = |state: &State| added_at(state, &self.user);
            return Err(data::missing(tenants, &row, at, &self.user, has).await);
        };
        let parameters = self.parameters.iter().cloned().collect();
        let who = subject_name(&state, subject);
        let place = resource_name(&state, node);
        match state
            .view(at)
            .access(subject, permission, node, &parameters)
        {
            Access::Allowed(source) => {
                say(format!("yes: {who} may {permission} on {place}"))?;
                say(format!("because: {who} {}", source_name(&state, &source)))?;
                Ok(ExitCode::SUCCESS)
            }
            Access::Denied(denial) => {
                say(format!("no: {who} may not {permission} on {place}"))?;
                say(format!("because: {}", why_not(&state, &who, denial)))?;
                Ok(ExitCode::from(1))
            }
        }
    }
}

/// Returns when an existing subject was added.
fn added_at(state: &State, name: &str) -> Option<Timestamp> {
    match subject(state, name).ok()? {
        Subject::User(number) => state.user(number).map(|user| user.created_at),
        Subject::Group(number) => state.group_node(number).map(|row| row.group.created_at),
        Subject::Service(number) => state.service_node(number).map(|row| row.service.created_at),
    }
}

/// Describes the grant or membership that allows the action.
fn via(via: &Value) -> String {
    let named = |thing: &Value| format!("{}:{}", plain(&thing["type"]), plain(&thing["id"]));
    match via["type"].as_str() {
        Some("grant") => {
            let group = match via["group"].is_null() {
                true => String::new(),
                false => format!(" through {}", named(&via["group"])),
            };
            let role = plain(&via["role"]);
            format!(" Role {role} on {}{group}.", named(&via["resource"]))
        }
        Some("membership") => format!(" Attached to {}.", named(&via["resource"])),
        _ => String::new(),
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
        Denial::Invited => format!("{who} is invited, and has not accepted"),
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
