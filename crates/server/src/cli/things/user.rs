//! `attache user`

use std::process::ExitCode;

use attache_core::Timestamp;
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Map, Value, json};

use super::{Gone, InTenant, One, Thing, Verb, given, or_null};
use crate::cli::CliError;
use crate::cli::api::{Api, display_name};
use crate::cli::arguments::end;
use crate::cli::listing::{Column, Output};
use crate::cli::output::{note, say};

pub(in crate::cli) type User = InTenant<UserVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserVerb {
    Add(Add),
    List(List),
    /// Show a user.
    #[command(after_help = "\
Examples:
  attache user show freya.holm
  attache user show '#10' --output json")]
    Show(One),
    Change(Change),
    Invite(Invite),
    /// Remove a user, with its memberships and its grants.
    ///
    /// Make a user who may come back inactive instead: it then has no access, and keeps
    /// its memberships and grants.
    #[command(after_help = "\
Examples:
  attache user change kim.ode --status inactive
  attache user remove kim.ode --yes")]
    Remove(Gone),
}

/// Add a user. It is attached to the tenant only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache user add kim.ode --name \"Kim Ode\" --email kim.ode@harbour-bakery.example
  attache attach kim.ode customer:harbour-bakery --role agent")]
pub(in crate::cli) struct Add {
    /// Its id in another system. If left out, attache assigns a number and an id only.
    key: Option<String>,
    /// Its number in another system. If left out: the next number.
    #[arg(long)]
    number: Option<u32>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    output: Output,
}

/// Invite a user. It has no access until it accepts.
///
/// Prints the token on standard output, once: send it to the user, whose product accepts
/// it with POST /api/v1/invitations/accept. An earlier invitation of the user becomes
/// invalid. The user must have the status invited.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache user add rosa.lind --name \"Rosa Lind\" --status invited
  attache user invite rosa.lind
  attache user invite rosa.lind --until 2030-12-31")]
pub(in crate::cli) struct Invite {
    /// The user: its key, id or number (#7).
    user: String,
    /// The end of the invitation: a day (accepted until its end, in UTC), or a time. If
    /// left out: after limits.invitation (7 days).
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<Timestamp>,
}

/// Change a user. Options that are left out change nothing; an empty text removes the
/// value.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache user change kim.ode --email kim@harbour-bakery.example --email-verified true
  attache user change kim.ode --phone '' --status inactive")]
pub(in crate::cli) struct Change {
    /// The user: its key, id or number (#7).
    user: String,
    /// Its new key.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    output: Output,
}

/// The fields of a user.
#[derive(Debug, Args)]
struct Fields {
    /// First and last name at once: the part before the first space is the first name.
    #[arg(long, conflicts_with_all = ["first_name", "last_name"])]
    name: Option<String>,
    /// Its first name.
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Its last name.
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Its e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Its phone number, stored as it is written.
    #[arg(long)]
    phone: Option<String>,
    /// Its status. An inactive user has no access, and keeps its memberships and grants;
    /// so does an invited user, until it accepts.
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Whether the address was verified to be the user's.
    #[arg(long, value_name = "TRUE|FALSE")]
    email_verified: Option<bool>,
    /// Whether the user has yet to log in for the first time.
    #[arg(long, value_name = "TRUE|FALSE")]
    first_login: Option<bool>,
    /// Its id at the identity provider.
    #[arg(long, value_name = "ID")]
    external_auth_id: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Active,
    Inactive,
    Invited,
}

/// List users.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache user list
  attache user list --text holm --sort=-created_at
  attache user list --external-auth-id 'auth0|5f7c1a2b3d4e'
  attache user list --status inactive --csv")]
pub(in crate::cli) struct List {
    /// Only users with this status.
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Only users with this e-mail address, compared as at sign-in.
    #[arg(long)]
    email: Option<String>,
    /// Only the user with this key.
    #[arg(long)]
    key: Option<String>,
    /// Only the user with this id at the identity provider.
    #[arg(long, value_name = "ID")]
    external_auth_id: Option<String>,
    /// The order: name, email, created_at or number; - before it reverses it.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Only users whose name, e-mail address or key contains this text, ignoring case and
    /// accents.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Invited => "invited",
        }
    }
}

/// The columns of a user.
pub(super) const COLUMNS: &[Column] = &[
    Column::field("number", "number"),
    Column::field("key", "key"),
    Column::made("name", "name", display_name),
    Column::untabled("first_name"),
    Column::untabled("last_name"),
    Column::field("email", "e-mail"),
    Column::untabled("email_verified"),
    Column::untabled("phone"),
    Column::field("status", "status"),
    Column::untabled("first_login"),
    Column::untabled("external_auth_id"),
    Column::untabled("id"),
    Column::untabled("created_at"),
    Column::untabled("created_by"),
    Column::untabled("updated_at"),
    Column::untabled("updated_by"),
];

pub(super) const USER: Thing = Thing {
    noun: "user",
    path: "users",
    columns: COLUMNS,
    goes_with: "its memberships and its grants",
};

impl Fields {
    fn body(&self) -> Map<String, Value> {
        let text = |text: &Option<String>| text.as_deref().map(or_null);
        let parts = self.name.as_deref().map(first_and_last);
        let (first, last) = match parts {
            Some((first, last)) => (Some(or_null(first)), Some(or_null(last))),
            None => (text(&self.first_name), text(&self.last_name)),
        };
        given([
            ("first_name", first),
            ("last_name", last),
            ("email", text(&self.email)),
            ("phone", text(&self.phone)),
            ("status", self.status.map(|status| json!(status.name()))),
            ("email_verified", self.email_verified.map(Value::from)),
            ("first_login", self.first_login.map(Value::from)),
            ("external_auth_id", text(&self.external_auth_id)),
        ])
    }
}

/// Notes that a user has no access, whatever its grants, if it is not active. Silent for
/// a caller that may not see users.
pub(in crate::cli) async fn note_standing(api: &Api, user: &str) -> Result<(), CliError> {
    let Ok(Some(found)) = api.find(&["users", user]).await else {
        return Ok(());
    };
    match found["status"].as_str() {
        Some("inactive") => note(format!(
            "{user} is inactive: it has no access until it is active."
        )),
        Some("invited") => note(format!(
            "{user} is invited: it has no access until it accepts."
        )),
        _ => Ok(()),
    }
}

/// Splits a name at the first space.
pub(in crate::cli) fn first_and_last(name: &str) -> (&str, &str) {
    match name.trim().split_once(' ') {
        Some((first, last)) => (first, last.trim()),
        None => (name.trim(), ""),
    }
}

impl Verb for UserVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Invite(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => {
                let mut body = add.fields.body();
                body.extend(given([
                    ("key", add.key.as_deref().map(Value::from)),
                    ("number", add.number.map(Value::from)),
                ]));
                USER.add(api, &body.into(), add.output).await
            }
            Self::List(list) => {
                let query = [
                    ("status", list.status.map(Status::name)),
                    ("email", list.email.as_deref()),
                    ("key", list.key.as_deref()),
                    ("external_auth_id", list.external_auth_id.as_deref()),
                    ("sort", list.sort.as_deref()),
                    ("text", list.text.as_deref()),
                ];
                USER.list(api, &query, list.output).await
            }
            Self::Show(one) => USER.show(api, one).await,
            Self::Change(change) => {
                let mut body = change.fields.body();
                body.extend(given([("key", change.key.as_deref().map(or_null))]));
                let is_invited = matches!(change.fields.status, Some(Status::Invited));
                let before = match is_invited {
                    true => api.find(&["users", change.user.as_str()]).await?,
                    false => None,
                };
                USER.change(api, &change.user, body, change.output).await?;
                match before.is_some_and(|user| user["status"] == "active") {
                    true => note(format!(
                        "warning: {0} was active, and has no access until it accepts: \
                         attache user invite {0}",
                        change.user
                    )),
                    false => Ok(()),
                }
            }
            Self::Invite(invite) => invite.with(api).await,
            Self::Remove(gone) => USER.remove(api, gone).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Invite {
    async fn with(&self, api: &Api) -> Result<(), CliError> {
        let path = ["users", self.user.as_str(), "invitation"];
        let body = json!({"expires_at": self.until});
        let made = api.write(Method::POST, &path, Some(&body)).await?.json;
        let token = made["token"].as_str().ok_or_else(|| {
            CliError::new("the user was invited, and the answer was lost: invite it again")
        })?;
        let end = made["expires_at"].as_str().unwrap_or_default();
        note(format!(
            "The invitation of {}, good once, until {end}. It is not shown again:",
            self.user
        ))?;
        say(token)
    }
}

#[cfg(test)]
mod tests {
    use super::first_and_last;

    #[test]
    fn a_name_is_cut_at_its_first_space() {
        assert_eq!(first_and_last("Ada Okafor"), ("Ada", "Okafor"));
        assert_eq!(first_and_last(" Ada  de la Cruz "), ("Ada", "de la Cruz"));
        assert_eq!(first_and_last("Ada"), ("Ada", ""));
        assert_eq!(first_and_last(""), ("", ""));
    }
}
