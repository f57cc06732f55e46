//! `attache check`

use std::collections::BTreeMap;
use std::process::ExitCode;

use attache_core::catalogue::Pattern;
use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{NAMES, entity, parameter};
use super::data::Place;
use super::output::say;

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
    /// The tenant. Can be left out if there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Check {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        Pattern::new(&self.permission)
            .map_err(|reason| CliError::new(format!("the permission {reason}")))?;
        let tenant = self.tenant.as_deref();
        place.ask(tenant, async |api| self.ask(api).await).await
    }

    /// Asks by AuthZEN.
    async fn ask(&self, api: &Api) -> Result<ExitCode, CliError> {
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
            let error = CliError::new(plain(&reason["message"]));
            let path = match code.as_str() {
                "unknown_resource" => ["resources", self.resource.as_str()],
                _ => [collection(kind), user],
            };
            return Err(api.with_beginning(error, &path).await);
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
}

/// Returns the path of all subjects of a type.
fn collection(kind: &str) -> &'static str {
    match kind {
        "group" => "groups",
        "service" => "services",
        _ => "users",
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
