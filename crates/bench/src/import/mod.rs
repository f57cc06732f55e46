//! `attache import` of many memberships, beside SQLite alone.

mod alone;
mod files;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::attache::Program;
use crate::comparison::{Comparison, Figures, Goal};
use crate::figure_names::{PER_SECOND, PROCESSOR};
use crate::processor::Times;
use crate::report::Measured;
use crate::{Failure, copied, table};

const TENANT: &str = "harbour";

/// `attache import` of many memberships, beside SQLite's rows.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    #[command(flatten)]
    size: files::Size,
    /// Where to make the data folders, on the disk that is meant; among the
    /// temporary files, if left out.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The program `attache`; the one that was built beside this one, if left out.
    #[arg(long, value_name = "FILE")]
    attache: Option<PathBuf>,
    /// A twentieth as many.
    #[arg(long)]
    small: bool,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

const ABOUT: &str = "\
From the start of `attache import` to its end, users and customers being there already. Beside it SQLite \
alone puts the same texts into one table, in one transaction: so many rows a statement as it takes, and, \
to be seen, one row a statement.";

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let comparisons = self.measure().await?;
        let measured = Measured {
            part: "import",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: None,
            small: self.small,
            postgres: None,
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }

    pub(crate) async fn measure(&self) -> Result<Vec<Comparison>, Failure> {
        let program = Program::find(self.attache.clone())?;
        let folder = match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        let import = Import::prepare(program, folder.path(), self.size.of(self.small))?;
        let work = format!("import of {} memberships", import.pairs.len());
        let comparison = |limit: &str, goal: Goal| Comparison::new(&work, limit, goal);
        let mut many = comparison(
            "SQLite alone: the same texts in one transaction, many rows a statement",
            Goal::at_least(0.5, "rows/s ÷ limit's"),
        );
        let mut single = comparison(
            "SQLite alone: the same texts in one transaction, one row a statement",
            Goal::shown("rows/s ÷ limit's"),
        );
        for round in 1..=self.rounds {
            table::note(&format!("round {round}"));
            let ours = import.ours().await?;
            let at_once = import.alone(alone::MOST).await?;
            let one_by_one = import.alone(1).await?;
            many.divided(PER_SECOND, ours.clone(), at_once);
            single.divided(PER_SECOND, ours, one_by_one);
        }
        Ok(vec![many, single])
    }
}

struct Import<'a> {
    program: Program,
    folder: &'a Path,
    pairs: Vec<files::Pair>,
}

impl<'a> Import<'a> {
    /// Users and customers are there already when memberships come.
    fn prepare(program: Program, folder: &'a Path, size: files::Size) -> Result<Self, Failure> {
        let pairs = size.pairs();
        files::write_things(&folder.join("things"), size)?;
        files::write_memberships(&folder.join("memberships"), &pairs)?;
        let import = Self {
            program,
            folder,
            pairs,
        };
        let mail = format!("ada@{TENANT}.example");
        let init = ["init", "--tenant", TENANT, "--admin-email", &mail];
        let prepared = folder.join("prepared");
        import.run(&prepared, &init)?;
        table::note("importing users and customers");
        import.import(&prepared, "things")?;
        Ok(import)
    }

    fn run(&self, data: &Path, arguments: &[&str]) -> Result<String, Failure> {
        let data = data.to_str().ok_or("a folder has a strange name")?;
        let arguments = [&["--data", data], arguments].concat();
        self.program.run(&arguments)
    }

    fn import(&self, data: &Path, files: &str) -> Result<String, Failure> {
        let files = self.folder.join(files);
        let files = files.to_str().ok_or("a folder has a strange name")?;
        self.run(data, &["import", files, "--tenant", TENANT])
    }

    /// From the program's start until its end, with a fresh copy.
    async fn ours(&self) -> Result<Figures, Failure> {
        let data = self.folder.join("data");
        copied::copy(&self.folder.join("prepared"), &data).await?;
        let used = Times::of(std::process::id())?.ended;
        let began = Instant::now();
        let said = self.import(&data, "memberships")?;
        let seconds = began.elapsed().as_secs_f64();
        let used = Times::of(std::process::id())?.ended - used;
        std::fs::remove_dir_all(&data)?;
        let rows = self.pairs.len();
        if !said.contains(&format!("{rows} × user attached")) {
            return Err(format!("{rows} memberships were to be added: {said}").into());
        }
        Ok(figures(rows, seconds, used))
    }

    async fn alone(&self, rows_at_once: usize) -> Result<Figures, Failure> {
        let data = self.folder.join("alone");
        std::fs::create_dir_all(&data)?;
        let used = Times::of(std::process::id())?.own;
        let seconds = alone::insert(&data.join("alone.db"), &self.pairs, rows_at_once).await?;
        let used = Times::of(std::process::id())?.own - used;
        std::fs::remove_dir_all(&data)?;
        Ok(figures(self.pairs.len(), seconds, used))
    }
}

fn figures(rows: usize, seconds: f64, used: f64) -> Figures {
    [
        (PER_SECOND, rows as f64 / seconds),
        (PROCESSOR, used * 1e6 / rows as f64),
        ("seconds", seconds),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
