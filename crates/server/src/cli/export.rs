//! `attache export`

#[cfg(test)]
mod round_trip;

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use attache_files::export::{Export as Written, Files, Form};
use attache_files::import::COLUMNS;
use attache_files::{FILES, archive};
use clap::Args;

use super::CliError;
use super::api::Api;
use super::data::{self, Place};
use super::output::{counted, note};
use super::private::{self, PrivateFile};
use super::things::OfTenant;

/// Export a tenant as CSV files that `attache import` reads.
///
/// Importing the files into an empty tenant restores the ids, the numbers, the
/// memberships and the grants. Not exported: API tokens (attache has only their hashes),
/// issuers, the root's own name, key and domains, expired memberships and grants, and the
/// history.
///
/// Over a server, this needs a token that may do everything in the tenant, or the
/// operator's.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache export ./acme-today --tenant acme
  attache export ./acme-in-march --tenant acme --at 2026-03-03
  attache export ./acme-for-excel --tenant acme --for-spreadsheets
  attache export ./acme-today --url https://access.acme.example

{COLUMNS}"))]
pub(super) struct Export {
    /// The folder to write into. It is created if it is missing.
    folder: PathBuf,
    #[command(flatten)]
    tenant: OfTenant,
    /// Overwrite existing files.
    #[arg(long)]
    force: bool,
    /// Write files for spreadsheets: cells that would run as formulas get an apostrophe,
    /// each cell is quoted, and a mark says that the text is UTF-8. `attache import`
    /// reads these files too.
    #[arg(long)]
    for_spreadsheets: bool,
}

impl Export {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        if let Some(api) = place.server(self.tenant.slug())? {
            return self.over(&api).await;
        }
        let tenants = place.open().await?;
        let (state, at) = data::within(tenants, async |tenants| {
            let row = data::tenant(tenants, self.tenant.slug())?;
            data::state(tenants, &row, place.at).await
        })
        .await?;
        self.prepare()?;
        let form = match self.for_spreadsheets {
            true => Form::Spreadsheet,
            false => Form::Plain,
        };
        let revision = state.revision();
        let written = write(Written::new(state, at, form), &self.folder)?;
        note(format!(
            "{} in {}, at revision {revision}",
            counted(written, "row"),
            self.folder.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Creates the folder. Overwrites nothing.
    fn prepare(&self) -> Result<(), CliError> {
        self.must_be_free()?;
        private::folder(&self.folder, |name| FILES.contains(&name))?;
        Ok(())
    }

    fn must_be_free(&self) -> Result<(), CliError> {
        let taken = FILES
            .iter()
            .map(|name| self.folder.join(name))
            .find(|path| path.exists());
        match taken.filter(|_| !self.force) {
            Some(path) => Err(CliError::new(format!(
                "{} is there already; --force writes over it",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Exports over a server.
    async fn over(&self, api: &Api) -> Result<ExitCode, CliError> {
        self.must_be_free()?;
        let query: &[(&str, &str)] = match self.for_spreadsheets {
            true => &[("for_spreadsheets", "true")],
            false => &[],
        };
        // The file has no name, and no other user of the machine can read it.
        let mut packed = tempfile::tempfile()?;
        let revision = api.download(&["export"], query, &mut packed).await?;
        // Only now: a caller that may not export leaves no empty folder behind.
        self.prepare()?;
        let folder = &self.folder;
        unpack(packed, folder).map_err(|error| {
            CliError::new(format!("the export did not arrive completely: {error}"))
        })?;
        note(format!(
            "The tenant is in {}, at revision {revision}",
            folder.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Unpacks an archive into a folder.
fn unpack(mut packed: File, folder: &Path) -> io::Result<()> {
    packed.seek(SeekFrom::Start(0))?;
    archive::unpack(packed, |name, file: &mut dyn Read| {
        let mut written = PrivateFile::create(&folder.join(name))?;
        io::copy(file, &mut written)?;
        written.finish()
    })
}

/// Writes all files of a tenant into an existing folder. Returns the number of rows.
fn write(mut export: Written, folder: &Path) -> Result<usize, CliError> {
    let mut files = Folder {
        folder: folder.to_owned(),
        file: None,
    };
    Ok(export.write_all(&mut files)?)
}

/// A folder for personal data: only the owner can read its files.
struct Folder {
    folder: PathBuf,
    file: Option<(PathBuf, PrivateFile)>,
}

impl Files for Folder {
    fn begin(&mut self, name: &'static str) -> io::Result<()> {
        let path = self.folder.join(name);
        let file = PrivateFile::create(&path).map_err(|error| told(&path, &error))?;
        self.file = Some((path, file));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some((path, file)) => file.write_all(bytes).map_err(|error| told(path, &error)),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some((path, file)) => file.finish().map_err(|error| told(&path, &error)),
            None => Ok(()),
        }
    }
}

fn told(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
