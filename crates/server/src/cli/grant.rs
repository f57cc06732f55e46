//! `attache grant`

use std::collections::BTreeMap;
use std::process::ExitCode;

use attache_core::Timestamp;
use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::Api;
use super::arguments::{NAMES, end, parameter, subject_name};
use super::data::Place;
use super::output::say;
use super::things::note_standing;

/// Grant a role. A user must already be attached to the resource.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache grant owner amina.diallo customer:harbour-bakery
  attache grant customer-reader group:support tenant --until 2030-12-31
  attache grant InboxUser linh.tran chatbot:concierge --param inboxId=7

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Grant {
    #[command(flatten)]
    which: Which,
    /// The end: a day (counts until its end, in UTC), or a time.
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<Timestamp>,
}

/// The grant that a command is about.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The role.
    pub(super) role: String,
    /// The subject: a user, or group:… or service:….
    subject: String,
    /// The resource, such as customer:harbour-bakery.
    pub(super) resource: String,
    /// A parameter of the grant: NAME=VALUE. Can be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// The tenant. Can be left out if there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Which {
    /// Runs an operation about this grant. Returns whether it changed anything.
    pub(super) async fn run(&self, place: &Place, operation: Value) -> Result<bool, CliError> {
        let is_grant = operation["op"] == "grant";
        let subject = self.subject();
        let work = async |api: &Api| {
            let changes = api.bulk(vec![operation]).await?;
            if let (true, Some(user)) = (is_grant, subject.strip_prefix("user:")) {
                note_standing(api, user).await?;
            }
            Ok(changes)
        };
        Ok(place.ask(self.tenant.as_deref(), work).await? > 0)
    }

    /// Returns the command that attaches the user and grants the role at once.
    fn attaching(&self) -> String {
        let parameters = self.parameters.iter();
        let parameters = parameters
            .map(|(name, value)| format!(" --param {}", typed(&format!("{name}={value}"))));
        let tenant = self.tenant.iter().map(|slug| format!(" --tenant {slug}"));
        let more: String = parameters.chain(tenant).collect();
        let subject = self.subject();
        let user = subject.strip_prefix("user:").unwrap_or(&subject);
        format!(
            "To attach the user and grant the role at once:\n  attache attach {} {} --role {}{more}",
            typed(user),
            typed(&self.resource),
            typed(&self.role),
        )
    }

    pub(super) fn parameters(&self) -> BTreeMap<&str, &str> {
        let parameters = self.parameters.iter();
        parameters
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Returns the API's name of the subject.
    pub(super) fn subject(&self) -> String {
        subject_name(&self.subject)
    }
}

/// Quotes a word for a shell.
fn typed(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=@/,+".contains(&byte);
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

impl Grant {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let operation = json!({
            "op": "grant",
            "resource": self.which.resource,
            "subject": self.which.subject(),
            "role": self.which.role,
            "parameters": self.which.parameters(),
            "expires_at": self.until,
        });
        let granted = self.which.run(place, operation).await;
        let granted = granted.map_err(|error| match error.is_problem("not-a-member") {
            true => error.with_hint(&self.which.attaching()),
            false => error,
        });
        say(match granted? {
            true => "granted",
            false => "it was granted already",
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        assert_eq!(typed("customer:mill"), "customer:mill");
        assert_eq!(typed("#7"), "'#7'");
        assert_eq!(typed("o'brien"), "'o'\\''brien'");
        assert_eq!(typed(""), "''");
    }
}
