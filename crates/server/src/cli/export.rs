//! `attache export`

#[cfg(test)]
mod round_trip;
mod rows;

use std::borrow::Cow;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use attache_core::{State, Timestamp};
use clap::Args;

use super::data::{self, Place};
use super::import::{COLUMNS, FILES};
use super::output::note;
use super::private::{self, PrivateFile};
use super::{CliError, formula};

/// Export a tenant as CSV files that `attache import` reads.
///
/// What is exported and imported into an empty tenant is the same again: the
/// ids, the numbers, who is attached, who holds what. Left out are API tokens,
/// since attache has only their hashes, issuers, the root's own name, key and
/// domains, what has expired, and the history.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache export ./acme-today --tenant acme
  attache export ./acme-in-march --tenant acme --at 2026-03-03
  attache export ./acme-for-excel --tenant acme --for-spreadsheets

{COLUMNS}"))]
pub(super) struct Export {
    /// The folder to write into. It is made if it is missing.
    folder: PathBuf,
    /// The tenant.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// As it was then: a day (its beginning in UTC) or a time.
    #[arg(long, value_name = "TIME", value_parser = super::arguments::time)]
    at: Option<Timestamp>,
    /// Write over files that are there.
    #[arg(long)]
    force: bool,
    /// Write files to be opened in a spreadsheet: an apostrophe stands before
    /// what it would run as a formula, each cell is quoted, and a mark says that
    /// the text is UTF-8. `attache import` reads these files too.
    #[arg(long)]
    for_spreadsheets: bool,
}

impl Export {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenants = place.open().await?;
        let (state, at) = data::within(tenants, async |tenants| {
            let row = data::tenant(tenants, Some(&self.tenant))?;
            data::state(tenants, &row, self.at).await
        })
        .await?;
        private::folder(&self.folder, |name| FILES.contains(&name))?;
        let taken = FILES
            .iter()
            .map(|name| self.folder.join(name))
            .find(|path| path.exists());
        if let Some(path) = taken.filter(|_| !self.force) {
            let path = path.display();
            return Err(CliError::new(format!(
                "{path} is there already; --force writes over it"
            )));
        }
        let form = match self.for_spreadsheets {
            true => Form::Spreadsheet,
            false => Form::Plain,
        };
        let written = write(&state, at, &self.folder, form)?;
        note(format!(
            "{written} rows in {}, at revision {}",
            self.folder.display(),
            state.revision()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes all files of a tenant into a folder that is there. Returns the number of rows.
pub(super) fn write(
    state: &State,
    at: Timestamp,
    folder: &Path,
    form: Form,
) -> Result<usize, CliError> {
    let file = |name: &str| Target {
        path: folder.join(name),
        form,
    };
    if let Some(catalogue) = state.catalogue() {
        let text = toml::to_string(catalogue).map_err(|e| CliError::new(e.to_string()))?;
        let mut catalogue = file("catalogue.toml").open()?;
        catalogue.write_all(text.as_bytes())?;
        catalogue.finish()?;
    }
    let mut written = 0;
    written += rows::resources(state, file("resources.csv"))?;
    written += rows::users(state, file("users.csv"))?;
    written += rows::groups(state, file("groups.csv"))?;
    written += rows::services(state, file("services.csv"))?;
    written += rows::group_users(state, file("group_users.csv"))?;
    written += rows::memberships(state, at, file("memberships.csv"))?;
    written += rows::grants(state, at, file("grants.csv"))?;
    Ok(written)
}

/// Who will read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Programs.
    Plain,
    /// A spreadsheet, which runs formulas.
    Spreadsheet,
}

impl Form {
    fn cell(self, cell: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => formula::escape(cell),
            Self::Spreadsheet => formula::guard(cell),
        }
    }
}

/// A file to write.
struct Target {
    path: PathBuf,
    form: Form,
}

impl Target {
    /// What stands in the files is personal: only their owner can read them.
    fn open(&self) -> Result<PrivateFile, CliError> {
        let failed = |error| CliError::new(format!("{}: {error}", self.path.display()));
        PrivateFile::create(&self.path).map_err(failed)
    }

    fn write<'r>(
        self,
        head: &[&str],
        rows: impl Iterator<Item = Vec<Cow<'r, str>>>,
    ) -> Result<usize, CliError> {
        let mut file = self.open()?;
        let mut builder = csv::WriterBuilder::new();
        if self.form == Form::Spreadsheet {
            // Without this mark, some spreadsheets take the text for another encoding.
            file.write_all("\u{feff}".as_bytes())?;
            builder.quote_style(csv::QuoteStyle::Always);
        }
        let mut writer = builder.from_writer(file);
        writer.write_record(head)?;
        let mut written = 0;
        for row in rows {
            let cells = row.iter().map(|cell| self.form.cell(cell));
            writer.write_record(cells.map(|cell| cell.into_owned()))?;
            written += 1;
        }
        writer.flush()?;
        let file = writer.into_inner().map_err(|it| it.into_error())?;
        file.finish()?;
        Ok(written)
    }
}
