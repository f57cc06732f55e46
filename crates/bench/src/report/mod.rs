//! What was measured is kept as JSON, a key a part, and shown as Markdown and
//! as a picture. Both are made from the JSON alone.

mod machine;
mod markdown;
mod numbers;
mod picture;
mod tables;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use attache_ambient::Ambient;
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::comparison::{Comparison, Figures};

use machine::Machine;

/// The files in the folder of documents.
const JSON: &str = "benchmarks.json";
const MARKDOWN: &str = "benchmarks.md";
const PICTURE: &str = "benchmarks.svg";

/// The parts in the order in which they are shown. Others come after them.
const ORDER: [&str; 10] = [
    "reads",
    "writes",
    "mixed",
    "saving",
    "neighbours",
    "import",
    "rivals",
    "opening",
    "growth",
    "postgres",
];

/// What a part measured, of which most says itself.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// The part's name: its subcommand.
    pub(crate) part: &'static str,
    /// What one must know to understand its figures, in a few sentences.
    pub(crate) about: String,
    pub(crate) rounds: usize,
    /// How long each measurement took, where that was chosen.
    pub(crate) seconds: Option<u64>,
    /// Whether it was a try with less of everything.
    pub(crate) small: bool,
    /// PostgreSQL's version, where it took part.
    pub(crate) postgres: Option<String>,
    pub(crate) comparisons: Vec<Comparison>,
}

impl Measured {
    /// Show it, and put it into the report of a folder in place of what the
    /// same part measured before.
    pub(crate) async fn keep(self, docs: Option<&Path>) -> Result<(), Failure> {
        print(&self.comparisons)?;
        let Some(docs) = docs else { return Ok(()) };
        std::fs::create_dir_all(docs)?;
        let mut report = Report::read(docs)?;
        let (part, results) = (self.part.to_owned(), self.results().await?);
        report.0.insert(part, results);
        report.write(docs)
    }

    async fn results(self) -> Result<Results, Failure> {
        let mut versions = BTreeMap::from([
            ("attache".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            ("SQLite".to_owned(), sqlite().await?),
        ]);
        let others = [
            ("rustc", option_env!("BUILT_BY").map(str::to_owned)),
            ("PostgreSQL", self.postgres),
        ];
        for (name, version) in others {
            versions.extend(version.map(|version| (name.to_owned(), version)));
        }
        Ok(Results {
            at: Ambient::of_the_machine().now().to_string(),
            about: self.about,
            machine: Machine::of(&std::env::temp_dir().canonicalize()?),
            versions,
            rounds: self.rounds,
            seconds: self.seconds,
            small: self.small,
            comparisons: self.comparisons.into_iter().map(finite).collect(),
        })
    }
}

/// JSON has no words for what is no number, such as a share of nothing. Such a
/// figure is left out; a goal that has none is missed.
fn finite(mut comparison: Comparison) -> Comparison {
    comparison.reached.retain(|value| value.is_finite());
    let figures = comparison.ours.iter_mut().chain(&mut comparison.limits);
    figures.for_each(|figures: &mut Figures| figures.retain(|_, value| value.is_finite()));
    comparison
}

async fn sqlite() -> Result<String, Failure> {
    use sqlx::{Connection as _, SqliteConnection};
    let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
    let version = sqlx::query_scalar("SELECT sqlite_version()");
    Ok(version.fetch_one(&mut connection).await?)
}

/// Prints what was measured as tables, beside what was to be reached.
fn print(comparisons: &[Comparison]) -> Result<(), Failure> {
    let mut text = String::new();
    markdown::all(comparisons.iter(), &mut text)?;
    tables::figures(comparisons, &mut text)?;
    writeln!(std::io::stdout(), "\n{text}")?;
    Ok(())
}

/// What a part measured, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Results {
    /// When.
    at: String,
    about: String,
    machine: Machine,
    versions: BTreeMap<String, String>,
    rounds: usize,
    seconds: Option<u64>,
    small: bool,
    comparisons: Vec<Comparison>,
}

/// What all parts measured, by part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Report(BTreeMap<String, Results>);

impl Report {
    fn read(docs: &Path) -> Result<Self, Failure> {
        match std::fs::read_to_string(docs.join(JSON)) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self, docs: &Path) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(docs.join(JSON), json)?;
        self.show(docs)
    }

    fn show(&self, docs: &Path) -> Result<(), Failure> {
        std::fs::write(docs.join(MARKDOWN), markdown::of(self)?)?;
        std::fs::write(docs.join(PICTURE), picture::of(self)?)?;
        Ok(())
    }

    /// The parts in their order.
    fn parts(&self) -> Vec<(&str, &Results)> {
        let mut parts: Vec<_> = self
            .0
            .iter()
            .map(|(name, it)| (name.as_str(), it))
            .collect();
        // Stable: those that are not named keep the order of their names.
        parts.sort_by_key(|(name, _)| {
            let place = ORDER.iter().position(|other| other == name);
            place.unwrap_or(ORDER.len())
        });
        parts
    }

    /// All work in its order.
    fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        let parts = self.parts().into_iter();
        parts.flat_map(|(_, results)| &results.comparisons)
    }
}

/// Make the report's text and picture anew from its JSON.
#[derive(Debug, Args)]
pub(crate) struct Rewrite {
    /// The folder in which benchmarks.json is.
    #[arg(long, value_name = "DIR", default_value = "docs")]
    docs: PathBuf,
}

impl Rewrite {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let report = Report::read(&self.docs)?;
        if report.0.is_empty() {
            return Err(format!("there is no {JSON} in that folder").into());
        }
        report.show(&self.docs)
    }
}

#[cfg(test)]
mod tests;
