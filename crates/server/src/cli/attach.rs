//! `attache attach` and `attache detach`

use std::process::ExitCode;

use attache_core::Timestamp;
use attache_files::times::TimeError;
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::arguments::{NAMES, end, parameter};
use super::data::Place;
use super::output::say;
use super::things::{OfTenant, note_standing};

/// Attach a user to a resource, optionally with roles.
///
/// A user who is attached already stays attached, and gets the roles. The command does
/// everything or nothing.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache attach mei.chen customer:harbour-bakery
  attache attach mei.chen customer:harbour-bakery --role agent --until 2030-12-31
  attache attach linh.tran chatbot:concierge --role InboxUser --param inboxId=7

{NAMES}"))]
pub(super) struct Attach {
    /// The user.
    user: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// A role to grant to the user there. Can be repeated.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A parameter of the roles: NAME=VALUE. Can be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter, requires = "roles")]
    parameters: Vec<(String, String)>,
    /// The end of the membership and the roles: a day (counts until its end, in UTC), a
    /// time, or never. If left out, an existing membership keeps its end.
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<Until>,
    #[command(flatten)]
    tenant: OfTenant,
}

/// Detach a user from a resource. Also revokes its roles there.
///
/// Exit code 1 if the user was not attached.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Example:
  attache detach mei.chen customer:harbour-bakery

{NAMES}"))]
pub(super) struct Detach {
    /// The user.
    user: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    #[command(flatten)]
    tenant: OfTenant,
}

/// An end, which may be never.
#[derive(Clone, Copy, Debug)]
struct Until(Option<Timestamp>);

fn until(text: &str) -> Result<Until, TimeError> {
    match text {
        "never" => Ok(Until(None)),
        text => end(text).map(|end| Until(Some(end))),
    }
}

impl Attach {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        if ["group:", "service:"]
            .iter()
            .any(|it| self.user.starts_with(it))
        {
            let only = format!("only users are attached; {} is granted roles:", self.user);
            let role = self.roles.first().map_or("ROLE", String::as_str);
            return Err(CliError::new(only).with_hint(&format!(
                "  attache grant {role} {} {}",
                self.user, self.resource
            )));
        }
        let operations = self.operations();
        let tenant = self.tenant.slug();
        let changes = place
            .ask(tenant, async |api| {
                let changes = api.bulk(operations).await?;
                note_standing(api, name_of(&self.user)).await?;
                Ok(changes)
            })
            .await?;
        let was = match (changes, self.roles.is_empty()) {
            (0, true) => "it was attached already",
            (0, false) => "it was attached already, and held the roles",
            (_, true) => "attached",
            (_, false) => "attached, with the roles",
        };
        say(was)?;
        Ok(ExitCode::SUCCESS)
    }

    fn operations(&self) -> Vec<Value> {
        let (user, resource) = (&self.user, &self.resource);
        let end = self.until.and_then(|until| until.0);
        // Adding leaves an existing membership as it is, so its end is set separately.
        let mut operations = vec![json!({
            "op": "add_member", "resource": resource, "user": user, "expires_at": end,
        })];
        // Memberships of the tenant have no end.
        if self.until.is_some() && resource != "tenant" {
            operations.push(json!({
                "op": "change_member", "resource": resource, "user": user, "expires_at": end,
            }));
        }
        let parameters: std::collections::BTreeMap<&str, &str> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        operations.extend(self.roles.iter().map(|role| {
            json!({
                "op": "grant",
                "resource": resource,
                "subject": format!("user:{}", name_of(user)),
                "role": role,
                "parameters": parameters,
                "expires_at": end,
            })
        }));
        operations
    }
}

/// Returns a user's name without the prefix `user:`.
fn name_of(user: &str) -> &str {
    user.strip_prefix("user:").unwrap_or(user)
}

impl Detach {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.slug();
        let path = [
            "resources",
            self.resource.as_str(),
            "members",
            self.user.as_str(),
        ];
        place
            .ask(tenant, async |api| {
                let operation = json!({
                    "op": "remove_member", "resource": self.resource, "user": self.user,
                });
                if api.bulk(vec![operation]).await? > 0 {
                    say("detached")?;
                    return Ok(ExitCode::SUCCESS);
                }
                // Only this path tells whether the user exists.
                api.write(Method::DELETE, &path, None).await?;
                say("it was not attached")?;
                Ok(ExitCode::from(1))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_day_a_time_or_never() {
        assert!(until("never").unwrap().0.is_none());
        assert!(until("2030-12-31").unwrap().0.is_some());
        assert!(until("soon").is_err());
    }
}
