//! An import over a server: sends the folder as an archive, and shows the progress that
//! the server reports.

use std::process::ExitCode;
use std::time::Duration;

use attache_files::archive;
use attache_files::import::{Fault, Imported, as_flags};
use bytes::Bytes;
use serde_json::Value;

use super::{Bar, Import, Options, show, told};
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::output::counted;

/// The first and the longest pause between questions about the progress.
const FIRST: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_secs(1);

/// The hint if a server started an import and no longer reports its progress.
const UNKNOWN: &str = "\
The import had begun: it is not known whether it was written. It is there as a whole or not at all. \
`attache history` tells which; or import the files again: what is there stays as it is.";

impl Options {
    fn query(&self) -> Vec<(&'static str, String)> {
        let flags = [
            ("dry_run", self.dry_run),
            ("renumber", self.renumber),
            ("any_address", self.any_address),
            ("strict", self.strict),
            ("allow_mass_detach", self.allow_mass_detach),
        ];
        let flags = flags.into_iter().filter(|(_, is_set)| *is_set);
        let mut query: Vec<(&'static str, String)> =
            flags.map(|(name, _)| (name, "true".to_owned())).collect();
        query.extend(self.replace.map(|replace| ("replace", replace.to_string())));
        query
    }
}

impl Import {
    /// Imports over a server, and waits for the end.
    pub(super) async fn over(&self, api: &Api) -> Result<ExitCode, CliError> {
        let packed = Bytes::from(archive::pack(&self.folder)?);
        let query = self.options.query();
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let begun = api.send_archive(&["import"], &query, packed).await?.json;
        let id = plain(&begun["id"]);
        let bar = Bar::new();
        let ended = wait(api, &id, &bar).await;
        bar.0.finish_and_clear();
        let ended = ended.map_err(|error| match self.options.dry_run {
            true => error,
            false => error.with_hint(UNKNOWN),
        })?;
        let mut faults: Vec<Fault> = serde_json::from_value(ended["faults"].clone())?;
        named_as_flags(&mut faults);
        if !faults.is_empty() {
            for line in attache_files::import::in_words(&faults) {
                crate::cli::output::note(line)?;
            }
            let more = ended["faults_left_out"].as_u64().unwrap_or_default();
            let more = usize::try_from(more).unwrap_or_default();
            let found = counted(faults.len().saturating_add(more), "fault");
            return Err(CliError::new(format!("{found} found; nothing was written")));
        }
        if let Some(reason) = ended["problem"].as_str() {
            return Err(CliError::new(reason));
        }
        told(&faults)?;
        let mut imported: Imported = serde_json::from_value(ended["report"].clone())?;
        named_as_flags(&mut imported.warnings);
        show(&imported)
    }
}

/// Rewrites options in faults as flags of the command line.
fn named_as_flags(faults: &mut [Fault]) {
    for fault in faults {
        fault.reason = as_flags(&fault.reason);
    }
}

/// Waits for the end of an import. Returns its outcome.
async fn wait(api: &Api, id: &str, bar: &Bar) -> Result<Value, CliError> {
    let mut pause = FIRST;
    loop {
        let now = api.get(&["imports", id], &[]).await;
        let now = now.map_err(|error| match error.is_problem("not-found") {
            true => error.with_hint(
                "The server that began the import did not answer: each server knows its own. \
                 Behind a load balancer, let one client reach one server, or give the address of \
                 a server.",
            ),
            false => error,
        });
        let now = now?.json;
        if now["state"] != "running" {
            return Ok(now);
        }
        let progress = &now["progress"];
        bar.0.set_message(plain(&progress["phase"]));
        bar.0
            .set_length(progress["rows"].as_u64().unwrap_or_default());
        bar.0
            .set_position(progress["done"].as_u64().unwrap_or_default());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MOST);
    }
}
