//! What kinds and roles have in common: a name, and a write that replaces the whole
//! thing.

use clap::Args;
use serde_json::Value;

use super::{Strict, Thing};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::listing::Output;

/// Adds a part of the catalogue.
#[derive(Debug, Args)]
pub(in crate::cli) struct CatalogueAdd<F: Args> {
    /// Its name.
    pub(super) name: String,
    #[command(flatten)]
    pub(super) fields: F,
    #[command(flatten)]
    strict: Strict,
    #[command(flatten)]
    output: Output,
}

impl<F: Args> CatalogueAdd<F> {
    pub(super) async fn run(&self, thing: &Thing, api: &Api, body: Value) -> Result<(), CliError> {
        let Self { strict, output, .. } = self;
        thing
            .put(api, &self.name, None, &body, *strict, *output)
            .await
    }
}

/// Changes a part of the catalogue.
#[derive(Debug, Args)]
pub(in crate::cli) struct CatalogueChange<F: Args> {
    /// Which: its name.
    name: String,
    #[command(flatten)]
    fields: F,
    #[command(flatten)]
    strict: Strict,
    #[command(flatten)]
    output: Output,
}

impl<F: Args> CatalogueChange<F> {
    /// Changes the thing. Refuses if somebody else has changed it meanwhile.
    pub(super) async fn run(
        &self,
        thing: &Thing,
        api: &Api,
        change: impl FnOnce(&F, Value) -> Result<Value, CliError>,
    ) -> Result<(), CliError> {
        let Self { strict, output, .. } = self;
        let now = api.get(&[thing.path, &self.name], &[]).await?;
        let body = change(&self.fields, now.json.clone())?;
        let tag = Some(now.tag());
        thing
            .put(api, &self.name, tag, &body, *strict, *output)
            .await
    }
}
