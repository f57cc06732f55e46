//! A temporary tenant with the facts of a file of expectations.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use attache_ambient::{Ambient, Scripted};
use attache_core::{HeadRequest, Timestamp};
use attache_files::formula;
use attache_files::import::{By, ImportError, Options, Silent, Source, import};
use attache_http::operator_token::OperatorToken;
use attache_http::{App, Limits};
use attache_log::{Location, SqlLog, TenantRow};
use attache_tenants::{Settings, Tenants};
use serde_saphyr::Spanned;
use tempfile::TempDir;

use super::file::{File, Row};
use crate::cli::api::Api;
use crate::cli::data::operator;
use crate::cli::{CliError, tenant};

/// The slug of the tenant.
const SLUG: &str = "test";
/// Background tasks never run, since a test takes seconds.
const NEVER: Duration = Duration::from_secs(86_400);

/// A tenant with the facts of a file, at an instant that moves only on demand.
pub(super) struct World {
    pub(super) api: Api,
    tenants: Tenants,
    clock: Arc<Scripted>,
    now: Timestamp,
    _folder: TempDir,
}

impl World {
    /// Makes a tenant with the facts of a file, as of an instant.
    ///
    /// # Errors
    /// The faults of the facts, with their lines.
    pub(super) async fn of(file: &File, path: &Path, at: Timestamp) -> Result<Self, CliError> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(Scripted::at(at));
        let location = Location::Sqlite(folder.path().join("attache.db"));
        let log = SqlLog::open(&location, attache_log::Settings::default()).await?;
        let settings = Settings {
            poll_every: NEVER,
            silent_for: NEVER * 36_500,
            close_after_idle: NEVER * 36_500,
            ..Settings::default()
        };
        let tenants = Tenants::new(Arc::new(log), Ambient::new(clock.clone()), settings);
        tenants.refresh().await?;
        let row = tenant::new_row(&tenants, SLUG, &[])?;
        tenant::create(&tenants, &row, SLUG, &HeadRequest::default(), Vec::new()).await?;
        let facts = Importer {
            tenants: &tenants,
            row: &row,
            file: path,
        };
        facts.all(file, folder.path()).await?;
        // The operator may ask everything.
        let token = OperatorToken::new(tenants.ambient());
        let app = App::new(tenants.clone(), Limits::default()).with_operator(Some(token.hash()));
        Ok(Self {
            api: Api::in_process(app, &token, SLUG),
            tenants,
            clock,
            now: at,
            _folder: folder,
        })
    }

    /// Moves the time on to an instant. Time never moves back.
    pub(super) fn pass_until(&mut self, at: Timestamp) {
        let millis = at.as_millis().saturating_sub(self.now.as_millis());
        if millis > 0 {
            self.clock.pass(millis);
            self.now = at;
        }
    }

    pub(super) async fn close(self) {
        self.tenants.close().await;
    }
}

struct Importer<'a> {
    tenants: &'a Tenants,
    row: &'a TenantRow,
    /// The file of expectations.
    file: &'a Path,
}

impl Importer<'_> {
    async fn all(&self, file: &File, folder: &Path) -> Result<(), CliError> {
        if let Some(catalogue) = &file.catalogue {
            let path = match self.beside(catalogue) {
                path if path.is_dir() => path.join("catalogue.toml"),
                path => path,
            };
            let text = std::fs::read(&path)
                .map_err(|error| CliError::new(format!("{}: {error}", path.display())))?;
            let own = folder.join("catalogue");
            std::fs::create_dir(&own)?;
            std::fs::write(own.join("catalogue.toml"), text)?;
            let shown = path.display().to_string();
            self.import(&own, |fault| fault.replacen("catalogue.toml", &shown, 1))
                .await?;
        }
        if let Some(import) = &file.import {
            let path = self.beside(import);
            let shown = path.display().to_string();
            self.import(&path, |fault| format!("{shown}: {fault}"))
                .await?;
        }
        let own = folder.join("facts");
        std::fs::create_dir(&own)?;
        let mut any = false;
        for (name, rows) in file.facts.sheets() {
            if !rows.is_empty() {
                std::fs::write(own.join(format!("{name}.csv")), sheet(rows)?)?;
                any = true;
            }
        }
        if any {
            self.import(&own, |fault| self.in_lines(file, fault))
                .await?;
        }
        Ok(())
    }

    /// Returns a path relative to the file's folder.
    fn beside(&self, path: &Path) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    async fn import(&self, folder: &Path, place: impl Fn(&str) -> String) -> Result<(), CliError> {
        let source = Source::folder(folder)?;
        let by = By {
            caller: operator(self.row.id),
            credential: None,
            name: self.tenants.ambient().id().to_string(),
            head: HeadRequest::default(),
        };
        match import(self.tenants, &by, &source, Options::default(), &Silent).await {
            Ok(_) => Ok(()),
            Err(ImportError::Faults(faults)) => {
                let faults = faults.iter().map(|fault| place(&fault.to_string()));
                let faults: Vec<String> = faults.collect();
                Err(CliError::new(faults.join("\n")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns a fault of a sheet with the line of its row in the file.
    fn in_lines(&self, file: &File, fault: &str) -> String {
        let shown = self.file.display();
        let place = || {
            let (sheet, rest) = fault.split_once(".csv, line ")?;
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (line, rest) = rest.split_at(end);
            let line: usize = line.parse().ok()?;
            let sheets = file.facts.sheets();
            let (name, rows) = sheets.iter().find(|(name, _)| *name == sheet)?;
            let row = match line.checked_sub(2) {
                Some(nth) => rows.get(nth)?,
                // The first line names the columns, so the fault belongs to the row that
                // has the column.
                None => rows.iter().find(|row| {
                    let mut columns = row.value.keys();
                    columns.any(|column| rest.contains(&format!("column {column}:")))
                })?,
            };
            let rest = rest.trim_start_matches([',', ':', ' ']);
            Some(format!(
                "{shown}:{}: facts.{name}: {rest}",
                row.referenced.line()
            ))
        };
        place().unwrap_or_else(|| format!("{shown}: facts: {fault}"))
    }
}

/// Writes rows as CSV, in their order, with all columns that any of them has.
fn sheet(rows: &[Spanned<Row>]) -> Result<Vec<u8>, CliError> {
    let mut columns: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.value.keys()) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(&columns)?;
    for row in rows {
        let cells = columns.iter().map(|name| {
            let cell = row.value.get(*name);
            let cell = cell.map(|cell| cell.0.as_str()).unwrap_or_default();
            // Each row takes one line, so that faults can be located.
            formula::escape(&cell.replace(['\n', '\r'], " ")).into_owned()
        });
        csv.write_record(cells)?;
    }
    csv.into_inner()
        .map_err(|error| CliError::new(error.to_string()))
}
