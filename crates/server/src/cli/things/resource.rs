//! `attache resource`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::named::NamedChange;
use super::{Filtered, Gone, InTenant, One, Thing, Verb, given};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::arguments::NAMES;
use crate::cli::listing::{Column, Output};
use attache_core::nearest::near;

pub(in crate::cli) type Resource = InTenant<ResourceVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ResourceVerb {
    Add(Add),
    List(List),
    /// Show a resource.
    #[command(after_help = "\
Examples:
  attache resource show customer:harbour-bakery
  attache resource show tenant --output json")]
    Show(One),
    /// Change a resource's name or key.
    #[command(after_help = format!("\
Examples:
  attache resource change customer:mill --name \"Mill & Daughters\"
  attache resource change customer:mill --key mill --json

{NAMES}"))]
    Change(NamedChange),
    Move(Move),
    /// Remove a resource, with its memberships and the grants on it. Refused while it has
    /// resources below it.
    #[command(after_help = "Example:\n  attache resource remove customer:mill --yes")]
    Remove(Gone),
}

/// Add a resource.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache resource add customer:mill --name \"Mill & Sons\" --parent reseller:nordlicht
  attache resource add reseller --name \"South Partner\"")]
pub(in crate::cli) struct Add {
    /// Its kind and key: KIND:KEY. Without a key, attache assigns a number and an id
    /// only.
    #[arg(value_name = "KIND[:KEY]")]
    resource: String,
    /// Its display name; the key if left out.
    #[arg(long)]
    name: Option<String>,
    /// The parent resource. If left out: the tenant.
    #[arg(long, value_name = "RESOURCE")]
    parent: Option<String>,
    /// Its number in another system. If left out: the next number of its kind.
    #[arg(long)]
    number: Option<u32>,
    #[command(flatten)]
    output: Output,
}

/// List resources, in the order in which they were added.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache resource list --kind customer
  attache resource list --parent reseller:nordlicht --csv
  attache resource list --text harbour")]
pub(in crate::cli) struct List {
    /// Only resources of this kind.
    #[arg(long)]
    kind: Option<String>,
    /// Only resources directly below this one.
    #[arg(long, value_name = "RESOURCE", conflicts_with = "text")]
    parent: Option<String>,
    #[command(flatten)]
    all: Filtered,
}

/// Move a resource under another parent, with everything below it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache resource move customer:mill reseller:sol-y-mar")]
pub(in crate::cli) struct Move {
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// The new parent resource, or tenant.
    parent: String,
    #[command(flatten)]
    output: Output,
}

const RESOURCE: Thing = Thing {
    noun: "resource",
    path: "resources",
    columns: &[
        Column::field("kind", "kind"),
        Column::field("number", "number"),
        Column::field("key", "key"),
        Column::field("name", "name"),
        Column::untabled("id"),
        Column::untabled("parent"),
        Column::field("created_at", "created"),
        Column::untabled("created_by"),
    ],
    goes_with: "its memberships and the grants on it",
};

impl Verb for ResourceVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Move(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => {
                let body = add.body()?;
                let added = RESOURCE.add(api, &body, add.output).await;
                match added {
                    Err(error) => Err(with_kind(error, api, &body).await),
                    added => added,
                }
            }
            Self::List(list) => {
                let query = [
                    ("kind", list.kind.as_deref()),
                    ("text", list.all.text.as_deref()),
                ];
                match &list.parent {
                    None => RESOURCE.list(api, &query, list.all.output).await,
                    Some(parent) => {
                        let path = ["resources", parent.as_str(), "children"];
                        RESOURCE.list_at(api, &path, &query, list.all.output).await
                    }
                }
            }
            Self::Show(one) => RESOURCE.show(api, one).await,
            Self::Change(change) => change.run(&RESOURCE, api).await,
            Self::Move(it) => {
                let path = ["resources", it.resource.as_str(), "move"];
                let body = json!({"parent": it.parent});
                let now = api.write(Method::POST, &path, Some(&body)).await?;
                RESOURCE.written("moved", &now.json, it.output)
            }
            Self::Remove(gone) => RESOURCE.remove(api, gone).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Adds the kind and the most similar known one to a refusal of a new resource's kind.
async fn with_kind(error: CliError, api: &Api, body: &Value) -> CliError {
    let errors = error.details()["errors"].as_array();
    let is_of_kind = errors.is_some_and(|all| all.iter().any(|it| it["field"] == "kind"));
    let kind = body["kind"].as_str().unwrap_or_default();
    let kinds = match is_of_kind {
        true => api.all(&["kinds"], &[]).await.unwrap_or_default(),
        false => Vec::new(),
    };
    if kinds.is_empty() || kinds.iter().any(|known| known["name"] == kind) {
        return error;
    }
    let names: Vec<&str> = kinds.iter().filter_map(|it| it["name"].as_str()).collect();
    CliError::new(match near(kind, names.iter().copied()) {
        Some(nearest) => format!("there is no kind {kind}; the nearest is {nearest}"),
        None => format!("there is no kind {kind}; there are {}", names.join(", ")),
    })
}

impl Add {
    fn body(&self) -> Result<Value, CliError> {
        let (kind, key) = match self.resource.split_once(':') {
            Some((kind, key)) => (kind, Some(key)),
            None => (self.resource.as_str(), None),
        };
        let name = self.name.as_deref().or(key);
        let name = name.ok_or_else(|| CliError::new("say --name, or a key: KIND:KEY"))?;
        let body = given([
            ("kind", Some(Value::from(kind))),
            ("key", key.map(Value::from)),
            ("name", Some(Value::from(name))),
            ("number", self.number.map(Value::from)),
            ("parent", self.parent.as_deref().map(Value::from)),
        ]);
        Ok(body.into())
    }
}
