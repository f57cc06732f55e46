//! `attache kind`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::catalogue::{CatalogueAdd, CatalogueChange};
use super::{Gone, InTenant, One, Thing, Verb, given, nothing_to_change};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::listing::{Column, Output};

pub(in crate::cli) type Kind = InTenant<KindVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KindVerb {
    /// Add a kind of resource.
    ///
    /// The permissions on its resources begin with its name and an s: sites.view,
    /// sites.users.add.
    #[command(after_help = "\
Examples:
  attache kind add site --parent customer --members-may sites.view
  attache role add site-keeper --kind site --permission 'sites.*'
  attache resource add site:quay --name \"The quay\" --parent customer:harbour-bakery
  attache resource remove site:quay --yes
  attache role remove site-keeper --yes")]
    Add(CatalogueAdd<KindFields>),
    /// List the kinds.
    #[command(after_help = "Example:\n  attache kind list")]
    List(Listed),
    /// Show a kind.
    #[command(after_help = "Example:\n  attache kind show customer")]
    Show(One),
    /// Change a kind. Options that are left out change nothing; a given list replaces the
    /// old one.
    #[command(after_help = "\
Example:
  attache kind change site --parent customer --parent reseller")]
    Change(CatalogueChange<KindFields>),
    /// Remove a kind. Refused while the tenant has resources of the kind, or roles for
    /// it.
    #[command(after_help = "Example:\n  attache kind remove site --yes")]
    Remove(Gone),
}

/// Lists all kinds, or all roles.
#[derive(Debug, Args)]
pub(in crate::cli) struct Listed {
    #[command(flatten)]
    output: Output,
}

/// The fields of a kind.
#[derive(Debug, Args)]
pub(in crate::cli) struct KindFields {
    /// A kind that can be the parent of such resources. Can be repeated.
    #[arg(long = "parent", value_name = "KIND")]
    parents: Vec<String>,
    /// A permission of members on the resource itself. Can be repeated.
    #[arg(long, value_name = "PERMISSION")]
    members_may: Vec<String>,
    /// Whether only members of the parent resource can be members.
    #[arg(long, value_name = "TRUE|FALSE", num_args = 0..=1, default_missing_value = "true")]
    members_from_parent: Option<bool>,
}

const KIND: Thing = Thing {
    noun: "kind",
    path: "kinds",
    columns: &[
        Column::field("name", "name"),
        Column::field("parents", "parents"),
        Column::field("members_may", "members may"),
        Column::field("members_from_parent", "members from parent"),
        Column::untabled("created_at"),
        Column::untabled("created_by"),
    ],
    goes_with: "nothing else: it is refused while there are such resources or roles",
};

impl KindFields {
    fn body(&self) -> Map<String, Value> {
        let list = |list: &Vec<String>| (!list.is_empty()).then(|| json!(list));
        given([
            ("parents", list(&self.parents)),
            ("members_may", list(&self.members_may)),
            (
                "members_from_parent",
                self.members_from_parent.map(Value::from),
            ),
        ])
    }
}

impl Verb for KindVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => add.run(&KIND, api, add.fields.body().into()).await,
            Self::List(list) => KIND.list(api, &[], list.output).await,
            Self::Show(one) => KIND.show(api, one).await,
            Self::Change(change) => {
                let changed = |fields: &KindFields, mut kind: Value| {
                    if fields.body().is_empty() {
                        return Err(nothing_to_change());
                    }
                    for (name, value) in fields.body() {
                        kind[name.as_str()] = value;
                    }
                    Ok(kind)
                };
                change.run(&KIND, api, changed).await
            }
            Self::Remove(gone) => KIND.remove(api, gone).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
