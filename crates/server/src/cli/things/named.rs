//! What groups, services and resources have in common: a key and a name.

use clap::Args;
use serde_json::{Map, Value};

use super::{Thing, given, or_null};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::listing::Output;

/// Adds a thing.
#[derive(Debug, Args)]
pub(in crate::cli) struct NamedAdd {
    /// Its key.
    key: String,
    /// Its display name; the key if left out.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl NamedAdd {
    pub(super) async fn run(&self, thing: &Thing, api: &Api) -> Result<(), CliError> {
        let name = self.name.as_deref().unwrap_or(&self.key);
        let body = given([
            ("key", Some(Value::from(self.key.as_str()))),
            ("name", Some(Value::from(name))),
        ]);
        thing.add(api, &body.into(), self.output).await
    }
}

/// Changes a thing's key or name.
#[derive(Debug, Args)]
pub(in crate::cli) struct NamedChange {
    /// The thing: its key, id or number (#7); for a resource with its kind before it
    /// (customer:harbour-bakery).
    #[arg(value_name = "NAME")]
    which: String,
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// Its new key. An empty text removes the key.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl NamedChange {
    pub(super) async fn run(&self, thing: &Thing, api: &Api) -> Result<(), CliError> {
        let body: Map<String, Value> = given([
            ("name", self.name.as_deref().map(Value::from)),
            ("key", self.key.as_deref().map(or_null)),
        ]);
        thing.change(api, &self.which, body, self.output).await
    }
}
