//! `attache can`

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{NAMES, entity, parameter, subject_name};
use super::data::Place;
use super::explanation;
use super::listing::{Column, Output};
use super::names::Names;
use super::output::{counted, note};
use super::things::{OfTenant, note_standing};

/// Show what a user can see and do, or why it may (not) do something.
///
/// With a user alone: the resources that it sees, and through what. With a permission:
/// the resources on which it has the permission. With a resource: its permissions there.
/// With both: yes or no, and why; --explain shows each step of the decision.
///
/// Exit code 0 if the answer is yes or a list that is not empty, else 1.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache can freya.holm
  attache can freya.holm customers.users.add
  attache can freya.holm customer:harbour-bakery
  attache can freya.holm customers.users.add customer:harbour-bakery
  attache can olha.shevchenko customers.change customer:kranich-optik --explain

{NAMES}
A group or a service is named group:… or service:…, where a resource stands beside it."))]
pub(super) struct Can {
    /// The subject: a user, or group:… or service:….
    user: String,
    /// A permission, such as customers.users.list, or a resource.
    #[arg(value_name = "PERMISSION")]
    what: Option<String>,
    /// A resource, such as customer:harbour-bakery.
    resource: Option<String>,
    /// A parameter that selects a part of the resource: NAME=VALUE. Can be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Show each step of the decision, what is missing, and who could grant it.
    #[arg(long, requires = "resource")]
    explain: bool,
    /// Treat a permission, type or parameter that the catalogue does not have as an
    /// error, not as a no. Needs a permission and a resource.
    #[arg(long, requires = "resource")]
    strict: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

const SEEN: &[Column] = &[
    Column::made("kind", "kind", |it| plain(&it["resource"]["kind"])),
    Column::made("resource", "resource", |it| plain(&it["short"])),
    Column::made("name", "name", |it| plain(&it["resource"]["name"])),
    Column::field("through", "through"),
    Column::made("id", "id", |it| plain(&it["resource"]["id"])).out_of_tables(),
];

const HELD: &[Column] = &[Column::field("name", "permission")];

/// The question of the command.
enum Question<'a> {
    Sees(Option<&'a str>),
    Holds(&'a str),
    May(&'a str, &'a str),
}

impl Can {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.slug();
        place.ask(tenant, async |api| self.with(api).await).await
    }

    fn question(&self) -> Question<'_> {
        match (self.what.as_deref(), self.resource.as_deref()) {
            (None, _) => Question::Sees(None),
            (Some(what), Some(resource)) => Question::May(what, resource),
            (Some(what), None) if is_resource(what) => Question::Holds(what),
            (Some(what), None) => Question::Sees(Some(what)),
        }
    }

    async fn with(&self, api: &Api) -> Result<ExitCode, CliError> {
        let any = match self.question() {
            Question::Sees(permission) => self.seen(api, permission).await?,
            Question::Holds(resource) => self.held(api, resource).await?,
            Question::May(permission, resource) => self.may(api, permission, resource).await?,
        };
        Ok(ExitCode::from(u8::from(!any)))
    }

    /// Shows the resources that a user sees, and through what.
    async fn seen(&self, api: &Api, permission: Option<&str>) -> Result<bool, CliError> {
        let subject = subject_name(&self.user);
        let Some(user) = subject.strip_prefix("user:") else {
            return Err(CliError::new(format!(
                "of {} say the resource too, or see what was granted to it",
                self.user
            ))
            .with_hint(&format!("  attache grants --subject {}", self.user)));
        };
        if !self.parameters.is_empty() {
            return Err(CliError::new("--param goes with a resource"));
        }
        let query = permission.map(|permission| ("permission", permission));
        let query: Vec<(&str, &str)> = query.into_iter().collect();
        let mut seen = api.all(&["users", user, "resources"], &query).await?;
        let vias = || seen.iter().flat_map(|it| it["via"].as_array()).flatten();
        let ids = |field: &str| -> Vec<String> {
            let ids = vias().filter_map(|via| via[field].as_str());
            ids.map(str::to_owned).collect()
        };
        let mut names = Names::new(api);
        for thing in &seen {
            let resource = &thing["resource"];
            names.learn(
                "resource",
                &plain(&resource["id"]),
                super::names::Name::of(resource),
            );
        }
        names.look_up("resource", &ids("resource")).await?;
        names.look_up("group", &ids("group")).await?;
        for thing in &mut seen {
            let id = plain(&thing["resource"]["id"]);
            thing["short"] = names.of("resource", &id).short.into();
            let via = thing["via"].as_array().into_iter().flatten();
            let mut through: Vec<String> = via.map(|via| through(via, &id, &names)).collect();
            if let Some(more) = thing["more_via"].as_u64() {
                through.push(format!("and {more} more"));
            }
            thing["through"] = through.join("; ").into();
        }
        self.output.list(SEEN, &seen)?;
        if self.output.is_table() {
            note(counted(seen.len(), "resource"))?;
        }
        if seen.is_empty() {
            note_standing(api, user).await?;
        }
        if seen.is_empty() && permission.is_some() {
            // An empty list may be due to a misspelt name.
            let path = ["users", user, "resources"];
            hint(api.unknown_in_list(&path, &query).await?)?;
        }
        Ok(!seen.is_empty())
    }

    /// Shows the permissions of a subject on a resource.
    async fn held(&self, api: &Api, resource: &str) -> Result<bool, CliError> {
        let subject = subject_name(&self.user);
        let (of_type, name) = subject.split_once(':').unwrap_or(("user", &self.user));
        let (kind, id) = entity(api, resource).await?;
        let question = json!({
            "subject": {"type": of_type, "id": name},
            "resource": {"type": kind, "id": id, "properties": self.named_part()},
        });
        let held = api.search("action", &question).await?;
        self.output.list(HELD, &held)?;
        if held.is_empty() {
            note("Nothing that the catalogue knows by name.")?;
            hint(api.unknown_in_search("action", &question).await?)?;
        }
        Ok(!held.is_empty())
    }

    /// Shows whether a subject may do something on a resource, and why.
    async fn may(&self, api: &Api, permission: &str, resource: &str) -> Result<bool, CliError> {
        let question = json!({
            "subject": subject_name(&self.user),
            "permission": permission,
            "resource": resource,
            "parameters": self.named_part(),
        });
        let answer = match self.strict {
            true => {
                let answer = api.strict_question(&["explain"], &question).await;
                answer.map_err(|error| error.with_values(&question))?
            }
            false => api.question(&["explain"], &question).await?,
        };
        match self.output.is_table() {
            true => explanation::say_why(&answer, self.explain)?,
            false => self.output.one(explanation::COLUMNS, &answer)?,
        }
        Ok(answer["decision"] == true)
    }

    fn named_part(&self) -> Value {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| (name.clone(), json!(value)));
        Value::Object(parameters.collect())
    }
}

/// Notes which names are unknown, if nothing was found.
pub(super) fn hint(unknown: Option<String>) -> Result<(), CliError> {
    unknown.map_or(Ok(()), note)
}

/// Returns whether a text names a resource. A permission has no colon.
fn is_resource(text: &str) -> bool {
    text == "tenant" || text.contains(':') || uuid::Uuid::parse_str(text).is_ok()
}

/// Describes briefly through what a user sees a resource.
fn through(via: &Value, id: &str, names: &Names<'_>) -> String {
    let role = plain(&via["role"]);
    let on = plain(&via["resource"]);
    let place = match on == id {
        true => String::new(),
        false => format!(" on {}", names.of("resource", &on).short),
    };
    let group = match via["group"].as_str() {
        Some(group) => format!(" by group {}", names.of("group", group).short),
        None => String::new(),
    };
    let until = match via["expires_at"].as_str() {
        Some(end) => format!(" until {end}"),
        None => String::new(),
    };
    match role.is_empty() {
        true => format!("attached{place}{until}"),
        false => format!("{role}{place}{group}{until}"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_resource;

    #[test]
    fn a_resource_is_told_from_a_permission() {
        for text in [
            "tenant",
            "customer:mill",
            "0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34",
        ] {
            assert!(is_resource(text), "{text}");
        }
        for text in ["customers.view", "*", "customers.*"] {
            assert!(!is_resource(text), "{text}");
        }
    }
}
