//! Questions about the past, of a tenant with a long log.

mod story;

use std::path::PathBuf;
use std::time::Instant;

use attache_core::id::Revision;
use attache_log::{FILE, SegmentSizes};
use clap::Args;
use tempfile::TempDir;

use crate::comparison::{Comparison, Figures, Goal};
use crate::connection::{Caller, Connection};
use crate::figure_names::{LONGEST, P50, P99};
use crate::report::Measured;
use crate::served::Served;
use crate::{Failure, sqlite, table, world};
use story::{Shape, Story};

const ABOUT: &str = "\
One client asks about random moments of a tenant's whole log, one question after the other: the members of a random \
customer, and whether a random user may list them. The first figures are of a server that has just started, the last \
of moments within the newest 200,000 entries. Whoever asks has a token of a service that holds everything.";

/// What a list of a moment of the whole log may take, and one of a new moment, and a check.
const LIST_MILLIS: f64 = 50.0;
const NEW_LIST_MILLIS: f64 = 5.0;
const CHECK_MILLIS: f64 = 20.0;

/// How much of the log's bytes what is made from it may take.
const DERIVED: f64 = 0.5;

/// How many entries count as new.
const NEW: u64 = 200_000;

/// Lists and checks as of random moments of a long log.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many questions of each kind a round asks.
    #[arg(long, default_value_t = 2_000)]
    questions: usize,
    /// How many entries the log has, beside those that a million memberships began with.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// A tenant a hundredth as large.
    #[arg(long)]
    small: bool,
    /// Keep the tenant that is made in this folder, or take the one that is there.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let shape = match self.small {
            true => Shape {
                users: 1_000,
                customers: 400,
                entries: self.entries / 100,
            },
            false => Shape {
                users: 100_000,
                customers: 40_000,
                entries: self.entries,
            },
        };
        let own = tempfile::tempdir()?;
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        let story = Story::of(folder, shape).await?;
        let log = world::open(folder).await?;
        let began = Instant::now();
        log.make_histories(story.tenant, SegmentSizes::default())
            .await?;
        table::note(&format!(
            "histories made in {:.1} s",
            began.elapsed().as_secs_f64()
        ));
        attache_log::Installation::close(&log).await;
        drop(log);
        let bytes = Bytes::of(folder).await?;
        let mut comparisons = vec![
            list("of any moment, just started", LIST_MILLIS),
            list("of any moment", LIST_MILLIS),
            list("of the newest 200,000 entries", NEW_LIST_MILLIS),
            Comparison::new(
                "a check, of any moment",
                "20 ms",
                Goal::at_most(CHECK_MILLIS, "p99, ms"),
            ),
            Comparison::new(
                "bytes of the histories",
                "bytes of the entries and their private parts",
                Goal::at_most(DERIVED, "ratio"),
            ),
        ];
        for round in 1..=self.rounds {
            table::note(&format!("round {round}"));
            let server = Served::start(folder)?;
            let mut asking = Asking {
                story: &story,
                connection: Connection::new(server.address),
                caller: Caller {
                    token: story.token.clone(),
                    tenant: None,
                },
            };
            let all = 1..=story.last.0;
            let new = story.last.0.saturating_sub(NEW).max(1)..=story.last.0;
            let asked = [
                asking.lists(self.questions, all.clone()).await?,
                asking.lists(self.questions, all.clone()).await?,
                asking.lists(self.questions, new).await?,
                asking.checks(self.questions, all).await?,
            ];
            for (comparison, figures) in comparisons.iter_mut().zip(asked) {
                let p99 = figures.get(P99).copied().unwrap_or(f64::NAN);
                comparison.round(p99, figures, None);
            }
            if let Some(comparison) = comparisons.last_mut() {
                comparison.round(bytes.histories / bytes.entries, bytes.figures(), None);
            }
        }
        let measured = Measured {
            part: "past",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: None,
            small: self.small,
            postgres: None,
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }
}

fn list(of: &str, most: f64) -> Comparison {
    Comparison::new(
        &format!("list of 25 members, {of}"),
        &format!("{most} ms"),
        Goal::at_most(most, "p99, ms"),
    )
}

/// A client that asks about moments.
struct Asking<'a> {
    story: &'a Story,
    connection: Connection,
    caller: Caller,
}

impl Asking<'_> {
    async fn lists(
        &mut self,
        questions: usize,
        moments: std::ops::RangeInclusive<u64>,
    ) -> Result<Figures, Failure> {
        let mut millis = Vec::with_capacity(questions);
        for _ in 0..questions {
            let (customer, revision) = (self.story.customer(), self.story.moment(&moments));
            let path = format!("/api/v1/resources/{customer}/members?revision={revision}");
            let began = Instant::now();
            let answer = self.connection.get(&self.caller, &path).await?;
            millis.push(began.elapsed().as_secs_f64() * 1_000.0);
            match answer.status {
                // It was not there yet.
                404 => {}
                _ => drop(answer.expect(200)?),
            }
        }
        Ok(figures(millis))
    }

    async fn checks(
        &mut self,
        questions: usize,
        moments: std::ops::RangeInclusive<u64>,
    ) -> Result<Figures, Failure> {
        let mut millis = Vec::with_capacity(questions);
        for _ in 0..questions {
            let (customer, user) = (self.story.customer(), self.story.user());
            let revision = self.story.moment(&moments);
            let body = format!(
                r#"{{"subject":{{"type":"user","id":"{user}"}},"action":{{"name":"customers.users.list"}},"resource":{{"type":"customer","id":"{customer}"}}}}"#
            );
            let at = format!("revision={revision}");
            let began = Instant::now();
            let asked = self
                .connection
                .post_at(&self.caller, "/access/v1/evaluation", body, &at);
            let answer = asked.await?;
            millis.push(began.elapsed().as_secs_f64() * 1_000.0);
            answer.expect(200)?;
        }
        Ok(figures(millis))
    }
}

fn figures(mut millis: Vec<f64>) -> Figures {
    millis.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = (millis.len() as f64 * part) as usize;
        millis
            .get(place.min(millis.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    [(P50, at(0.5)), (P99, at(0.99)), (LONGEST, at(1.0))]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// How many bytes the tables take.
struct Bytes {
    entries: f64,
    histories: f64,
}

impl Bytes {
    async fn of(folder: &std::path::Path) -> Result<Self, Failure> {
        let mut connection = sqlite::open(&folder.join(FILE)).await?;
        let sum = "SELECT CAST(SUM(pgsize) AS REAL) FROM dbstat WHERE name = $1";
        let mut of = async |table: &str| -> Result<f64, Failure> {
            let asked = sqlx::query_scalar(sum).bind(table);
            let bytes: Option<f64> = asked.fetch_one(&mut connection).await?;
            Ok(bytes.unwrap_or_default())
        };
        Ok(Self {
            entries: of("entry").await? + of("private").await?,
            histories: of("history").await? + of("history_segment").await?,
        })
    }

    fn figures(&self) -> Figures {
        [("entries", self.entries), ("histories", self.histories)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }
}

/// The last revision of a log.
type Last = Revision;
