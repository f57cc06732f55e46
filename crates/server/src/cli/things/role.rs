//! `attache role`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::catalogue::{CatalogueAdd, CatalogueChange};
use super::{Gone, InTenant, One, Thing, Verb, given, nothing_to_change, of_file};
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::listing::{Column, Output};

pub(in crate::cli) type Role = InTenant<RoleVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RoleVerb {
    /// Add a role.
    ///
    /// Its permissions hold on the resource that it is granted on, and below. Its holder
    /// sees a resource through a permission of the resource's kind: customers.view on a
    /// customer.
    #[command(after_help = "\
Examples:
  attache role add bookkeeper --kind customer --permission customers.view --permission 'billing.*'
  attache role show InboxUser --json > inbox-reader.json
  attache role add inbox-reader --file inbox-reader.json --label \"Inbox reader\"
  attache role remove inbox-reader --yes")]
    Add(CatalogueAdd<RoleFields>),
    List(List),
    /// Show a role.
    #[command(after_help = "\
Examples:
  attache role show owner
  attache role show InboxUser --json")]
    Show(One),
    /// Change a role. Options that are left out change nothing. Existing grants have the
    /// new permissions at once.
    #[command(after_help = "\
Examples:
  attache role change bookkeeper --label Bookkeeper --add-permission customers.users.list
  attache role change bookkeeper --remove-permission customers.users.list")]
    Change(CatalogueChange<RoleChanges>),
    /// Remove a role. Refused while it is granted.
    #[command(after_help = "Example:\n  attache role remove bookkeeper --yes")]
    Remove(Gone),
}

/// List the roles.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache role list
  attache role list --kind customer --output csv")]
pub(in crate::cli) struct List {
    /// Only roles that can be granted on this kind of resource.
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// The fields of a role.
#[derive(Debug, Args)]
pub(in crate::cli) struct RoleFields {
    /// A file with the role as JSON, as printed by `attache role show --json`. Other
    /// options overrule it. The file can have what no option can express: permissions for
    /// a part of the resource (scoped).
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The kind of resource that it can be granted on.
    #[arg(long)]
    kind: Option<String>,
    /// Its display name; the name if left out.
    #[arg(long)]
    label: Option<String>,
    /// A description of its purpose.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A permission of the role. The given permissions replace all existing ones. Can be
    /// repeated.
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Vec<String>,
    /// A parameter that a grant of it takes; with ! at the end, a required one.
    #[arg(long = "parameter", value_name = "NAME[!]")]
    parameters: Vec<String>,
}

/// The changes of a role.
#[derive(Debug, Args)]
pub(in crate::cli) struct RoleChanges {
    #[command(flatten)]
    fields: RoleFields,
    /// A permission to add. Can be repeated.
    #[arg(long, value_name = "PERMISSION")]
    add_permission: Vec<String>,
    /// A permission to remove. Can be repeated.
    #[arg(long, value_name = "PERMISSION")]
    remove_permission: Vec<String>,
}

const ROLE: Thing = Thing {
    noun: "role",
    path: "roles",
    columns: &[
        Column::field("name", "name"),
        Column::field("kind", "kind"),
        Column::field("label", "label"),
        Column::untabled("description"),
        Column::field("permissions", "permissions"),
        Column::made("scoped", "scoped", scoped).out_of_tables(),
        Column::made("parameters", "parameters", parameters),
        Column::untabled("id"),
        Column::untabled("created_at"),
        Column::untabled("created_by"),
    ],
    goes_with: "nothing else: it is refused while it is granted",
};

fn scoped(role: &Value) -> String {
    let scoped = role["scoped"].as_array().into_iter().flatten();
    let scoped = scoped.map(|it| {
        let permissions = crate::cli::listing::words(&it["permissions"]);
        format!("{}: {permissions}", plain(&it["scope"]))
    });
    scoped.collect::<Vec<String>>().join("; ")
}

fn parameters(role: &Value) -> String {
    let taken = role["parameters"].as_array().into_iter().flatten();
    let taken = taken.map(|it| match it["required"] == true {
        true => format!("{}!", plain(&it["name"])),
        false => plain(&it["name"]),
    });
    taken.collect::<Vec<String>>().join(" ")
}

impl RoleFields {
    fn body(&self) -> Result<Map<String, Value>, CliError> {
        let mut body = match &self.file {
            Some(file) => of_file(file)?,
            None => Map::new(),
        };
        // The typed name counts, and the id belongs to another role.
        body.remove("name");
        body.remove("id");
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        let list = |list: &Vec<String>| (!list.is_empty()).then(|| json!(list));
        let parameters = self.parameters.iter().map(|it| match it.strip_suffix('!') {
            Some(name) => json!({"name": name, "required": true}),
            None => json!({"name": it, "required": false}),
        });
        let parameters: Vec<Value> = parameters.collect();
        body.extend(given([
            ("kind", text(&self.kind)),
            ("label", text(&self.label)),
            ("description", text(&self.description)),
            ("permissions", list(&self.permissions)),
            (
                "parameters",
                (!parameters.is_empty()).then(|| parameters.into()),
            ),
        ]));
        Ok(body)
    }
}

impl RoleChanges {
    /// Returns the role with the changes.
    fn changed(&self, mut role: Value) -> Result<Value, CliError> {
        let given = self.fields.body()?;
        if given.is_empty() && self.add_permission.is_empty() && self.remove_permission.is_empty() {
            return Err(nothing_to_change());
        }
        for (name, value) in given {
            role[name.as_str()] = value;
        }
        if let Some(permissions) = role["permissions"].as_array_mut() {
            let gone = |it: &Value| {
                self.remove_permission
                    .iter()
                    .any(|gone| *it == gone.as_str())
            };
            permissions.retain(|it| !gone(it));
            for new in &self.add_permission {
                if !permissions.iter().any(|it| *it == new.as_str()) {
                    permissions.push(json!(new));
                }
            }
        }
        Ok(role)
    }
}

impl Verb for RoleVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => {
                let mut body = add.fields.body()?;
                body.entry("label").or_insert_with(|| json!(add.name));
                add.run(&ROLE, api, body.into()).await
            }
            Self::List(list) => {
                let query = [("kind", list.kind.as_deref())];
                ROLE.list(api, &query, list.output).await
            }
            Self::Show(one) => ROLE.show(api, one).await,
            Self::Change(change) => change.run(&ROLE, api, RoleChanges::changed).await,
            Self::Remove(gone) => ROLE.remove(api, gone).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
