//! `attache group`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::user::COLUMNS;
use super::{Filtered, Gone, OfTenant, One, Thing, given, or_null, service};
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::data::Place;
use crate::cli::listing::{Column, Output};
use crate::cli::names::Names;
use crate::cli::output::{counted, note, say};

/// The groups of a tenant: what is granted to a group is granted to each of its users.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Group {
    Add(Add),
    List(List),
    /// Show a group.
    #[command(after_help = "Example:\n  attache group show night-shift")]
    Show(One),
    Change(Change),
    /// Remove a group, with its grants. Its users stay.
    #[command(after_help = "Example:\n  attache group remove early-shift --yes")]
    Remove(Gone),
    #[command(subcommand)]
    Users(Users),
}

/// Add a group.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache group add early-shift --name \"Early shift\"
  attache group users add early-shift amina.diallo
  attache grant agent group:early-shift customer:harbour-bakery")]
pub(in crate::cli) struct Add {
    /// Its key.
    key: String,
    /// Its name for people; the key if left out.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

/// List groups.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache group list
  attache group list --user amina.diallo --output csv")]
pub(in crate::cli) struct List {
    /// Only those that this user is in.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    all: Filtered,
}

/// Change a group's name or key.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache group change early-shift --name \"First shift\"")]
pub(in crate::cli) struct Change {
    /// Which: its key, its id or its number (#7).
    group: String,
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// Its new key. An empty one takes it away.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

/// The users of a group.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Users {
    /// Put a user into a group. Takes all that the group holds.
    #[command(after_help = "Example:\n  attache group users add night-shift kwame.mensah")]
    Add(InGroup),
    /// List the users of a group.
    #[command(after_help = "Example:\n  attache group users list night-shift")]
    List(One),
    /// Take a user out of a group.
    ///
    /// Ends with 1 if it was not in it.
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
    #[command(flatten)]
    tenant: OfTenant,
}

/// What is shown of a user of a group besides.
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

impl Group {
    pub(in crate::cli) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = match &self {
            Self::Add(it) => it.tenant.slug(),
            Self::List(it) => it.all.tenant.slug(),
            Self::Show(it) | Self::Users(Users::List(it)) => it.tenant.slug(),
            Self::Change(it) => it.tenant.slug(),
            Self::Remove(it) => it.tenant.slug(),
            Self::Users(Users::Add(it) | Users::Remove(it)) => it.tenant.slug(),
        };
        place.ask(tenant, async |api| self.with(api).await).await
    }

    async fn with(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => {
                let name = add.name.as_deref().unwrap_or(&add.key);
                let body = given([
                    ("key", Some(Value::from(add.key.as_str()))),
                    ("name", Some(Value::from(name))),
                ]);
                GROUP.add(api, &body.into(), add.output).await?;
            }
            Self::List(list) => {
                let query = [
                    ("user", list.user.as_deref()),
                    ("text", list.all.text.as_deref()),
                ];
                GROUP.list(api, &query, list.all.output).await?;
            }
            Self::Show(one) => GROUP.show(api, one).await?,
            Self::Change(change) => {
                let body = given([
                    ("name", change.name.as_deref().map(Value::from)),
                    ("key", change.key.as_deref().map(or_null)),
                ]);
                GROUP
                    .change(api, &change.group, body, change.output)
                    .await?;
            }
            Self::Remove(gone) => GROUP.remove(api, gone).await?,
            Self::Users(users) => return users.with(api).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Users {
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
