//! `attache group`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::named::{NamedAdd, NamedChange};
use super::user::COLUMNS;
use super::{Filtered, Gone, InTenant, One, Thing, Verb, service};
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::listing::Column;
use crate::cli::names::Names;
use crate::cli::output::{counted, note, say};

pub(in crate::cli) type Group = InTenant<GroupVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GroupVerb {
    /// Add a group.
    #[command(after_help = "\
Examples:
  attache group add early-shift --name \"Early shift\"
  attache group users add early-shift amina.diallo
  attache grant agent group:early-shift customer:harbour-bakery")]
    Add(NamedAdd),
    List(List),
    /// Show a group.
    #[command(after_help = "Example:\n  attache group show night-shift")]
    Show(One),
    /// Change a group's name or key.
    #[command(after_help = "Example:\n  attache group change early-shift --name \"First shift\"")]
    Change(NamedChange),
    /// Remove a group, with its grants. Its users stay.
    #[command(after_help = "Example:\n  attache group remove early-shift --yes")]
    Remove(Gone),
    #[command(subcommand)]
    Users(Users),
}

/// List groups.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache group list
  attache group list --user amina.diallo --output csv")]
pub(in crate::cli) struct List {
    /// Only groups of this user.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    all: Filtered,
}

/// The users of a group.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Users {
    /// Add a user to a group. Takes all permissions that the group holds.
    #[command(after_help = "Example:\n  attache group users add night-shift kwame.mensah")]
    Add(InGroup),
    /// List the users of a group.
    #[command(after_help = "Example:\n  attache group users list night-shift")]
    List(One),
    /// Remove a user from a group.
    ///
    /// Exit code 1 if the user was not in the group.
    #[command(after_help = "Example:\n  attache group users remove night-shift kwame.mensah")]
    Remove(InGroup),
}

/// A group and a user.
#[derive(Debug, Args)]
pub(in crate::cli) struct InGroup {
    /// The group: its key, its id or its number (#7).
    group: String,
    /// The user: its key, its id or its number (#7).
    user: String,
}

/// Further columns of a group's users.
const IN_GROUP: &[Column] = &[
    Column::field("added_at", "added"),
    Column::made("added_by", "by", |user| plain(&user["named"]["added_by"])),
    Column::made("added_by_id", "", |user| plain(&user["added_by"])).out_of_tables(),
];

const GROUP: Thing = Thing {
    noun: "group",
    path: "groups",
    columns: service::COLUMNS,
    goes_with: "its grants; its users stay",
};

impl Verb for GroupVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Remove(_) => true,
            Self::Users(users) => users.writes(),
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => add.run(&GROUP, api).await?,
            Self::List(list) => {
                let query = [
                    ("user", list.user.as_deref()),
                    ("text", list.all.text.as_deref()),
                ];
                GROUP.list(api, &query, list.all.output).await?;
            }
            Self::Show(one) => GROUP.show(api, one).await?,
            Self::Change(change) => change.run(&GROUP, api).await?,
            Self::Remove(gone) => GROUP.remove(api, gone).await?,
            Self::Users(users) => return users.with(api).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Users {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) => false,
            Self::Add(_) | Self::Remove(_) => true,
        }
    }

    async fn with(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::List(one) => {
                let path = ["groups", one.name.as_str(), "users"];
                let mut users = api.all(&path, &[]).await?;
                let by: Vec<Value> = users.iter().map(|it| it["added_by"].clone()).collect();
                let mut names = Names::new(api);
                names.look_up_actors(&by).await?;
                for user in &mut users {
                    user["named"] = json!({"added_by": names.actor(&user["added_by"])});
                }
                let columns = COLUMNS.iter().chain(IN_GROUP).copied();
                let columns: Vec<Column> = columns.collect();
                one.output.list(&columns, &users)?;
                if one.output.is_table() {
                    note(counted(users.len(), "user"))?;
                }
            }
            Self::Add(it) => {
                let done = api.write(Method::PUT, &it.path(), None).await?;
                say(match done.status() {
                    201 => "added",
                    _ => "it was in the group already",
                })?;
            }
            Self::Remove(it) => {
                let was_in = api.find(&it.path()).await?.is_some();
                api.write(Method::DELETE, &it.path(), None).await?;
                if !was_in {
                    say("it was not in the group")?;
                    return Ok(ExitCode::from(1));
                }
                say("removed")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl InGroup {
    fn path(&self) -> [&str; 4] {
        ["groups", &self.group, "users", &self.user]
    }
}
