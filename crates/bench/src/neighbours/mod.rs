//! What one tenant's heaviest requests do to another tenant: its reads, its writes
//! and `/healthz`, beside what they are while nobody else asks.

mod heavy;
mod noisy;
mod quiet;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use crate::attache::{Program, Server, Wishes};
use crate::clients::Clients;
use crate::comparison::{Comparison, Figures, Goal};
use crate::connection::Caller;
use crate::figure_names::{LONGEST, P50, P99};
use crate::records::Tally;
use crate::report::Measured;
use crate::{Failure, table, tenant};

use heavy::Heavy;
use noisy::Noisy;
use quiet::Kind;

/// How many times as long as in quiet a read or a write may take, at p99.
const MOST_TIMES: f64 = 5.0;
/// How long `/healthz` may take at the longest, in milliseconds.
const MOST_MILLIS: f64 = 50.0;
/// How many of the heavy requests are asked for at the same time.
const PARALLEL: [usize; 2] = [1, 4];
/// How long the heavy requests run before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// One tenant's reads, writes and `/healthz` while another asks for the heaviest
/// things there are, beside the same in quiet.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Everything a tenth as large.
    #[arg(long)]
    small: bool,
    /// Only heavy requests whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The program to measure, in place of the one beside this one.
    #[arg(long, value_name = "FILE")]
    attache: Option<PathBuf>,
    /// The folder for the data; that of temporary files, if left out.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

const ABOUT: &str = "\
One tenant asks for one of the heaviest things again and again, once or four times in parallel, each as soon \
as the one before is answered, also with 503. Another tenant of the same server lists 25 members 50 times a \
second, changes a resource 20 times a second, and /healthz is asked 50 times a second. Beside each stands the \
same tenant in quiet, in the same round. Memory is the most that the process held meanwhile (resident).";

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let comparisons = self.measure().await?;
        let measured = Measured {
            part: "neighbours",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: None,
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }

    async fn measure(&self) -> Result<Vec<Comparison>, Failure> {
        let program = Program::find(self.attache.clone())?;
        let folder = match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        let operator = program.operator_token()?;
        let wishes = Wishes::Folder(folder.path().join("data"));
        let server = program.serve(&wishes, &operator)?;
        let caller = tenant::create(&server, &operator, "quiet").await?;
        quiet::prepare(&server, &caller).await?;
        let house = House {
            noisy: Noisy::prepare(&server, &operator, self.small).await?,
            quiet: Arc::new(vec![caller]),
            time: Duration::from_secs(self.seconds),
            server,
        };
        let wanted = |heavy: &Heavy| {
            let name = heavy.name();
            self.only.as_ref().is_none_or(|only| name.contains(only))
        };
        let mut turns: Vec<Turn> = Heavy::ALL
            .into_iter()
            .filter(wanted)
            .flat_map(|heavy| PARALLEL.map(|parallel| Turn::new(heavy, parallel)))
            .collect();
        for round in 1..=self.rounds {
            for turn in &mut turns {
                table::note(&format!("round {round}: {}", turn.name()));
                turn.take(&house).await?;
            }
        }
        Ok(turns.into_iter().flat_map(|it| it.comparisons).collect())
    }
}

/// The server, and who asks it.
struct House {
    server: Server,
    noisy: Noisy,
    quiet: Arc<Vec<Caller>>,
    time: Duration,
}

impl House {
    /// What the quiet tenant sees for a while, by what it asks for.
    async fn ask(&self) -> Result<Vec<Figures>, Failure> {
        let begin = |kind: &Kind| {
            let (work, rate) = (kind.work(), kind.per_second());
            Clients::start_at_a_pace(1, self.server.address, &self.quiet, &work, rate)
        };
        let from = Instant::now();
        let asking: Vec<Clients> = Kind::ALL.iter().map(begin).collect();
        tokio::time::sleep(self.time).await;
        let mut all = Vec::new();
        for clients in asking {
            let records = clients.stop().await?;
            // One that was asked for in time counts, however late its answer.
            all.push(figures(&Tally::of(&records, 1, from, Instant::now())));
        }
        Ok(all)
    }
}

fn figures(tally: &Tally) -> Figures {
    let errors: usize = tally.errors.values().sum();
    Figures::from([
        (P50.to_owned(), tally.p50_millis),
        (P99.to_owned(), tally.p99_millis),
        (LONGEST.to_owned(), tally.longest_millis),
        ("errors".to_owned(), errors as f64),
    ])
}

/// A heavy request, so many times in parallel, with what it does to the other tenant.
struct Turn {
    heavy: Heavy,
    parallel: usize,
    /// One of each kind.
    comparisons: Vec<Comparison>,
}

impl Turn {
    fn new(heavy: Heavy, parallel: usize) -> Self {
        let name = heavy.name();
        let comparisons = Kind::ALL.map(|kind| {
            let goal = match kind {
                Kind::Health => Goal::at_most(MOST_MILLIS, LONGEST),
                Kind::Read | Kind::Write => Goal::at_most(MOST_TIMES, "p99 ÷ quiet p99"),
            };
            let work = format!("{} beside {parallel} × {name}", kind.name());
            Comparison::new(&work, "the same in quiet", goal)
        });
        Self {
            heavy,
            parallel,
            comparisons: comparisons.into(),
        }
    }

    fn name(&self) -> String {
        format!("{} × {}", self.parallel, self.heavy.name())
    }

    async fn take(&mut self, house: &House) -> Result<(), Failure> {
        let quiet = house.ask().await?;
        house.server.forget_peak()?;
        let work = house.noisy.work(self.heavy);
        let callers = house.noisy.callers(self.heavy);
        let began = Instant::now();
        let noise = Clients::start(self.parallel, &[house.server.address], &callers, &work);
        tokio::time::sleep(WARM_UP).await;
        let loud = house.ask().await?;
        let records = noise.stop().await?;
        let tally = Tally::of(&records, 1, began, Instant::now());
        let peak = house.server.peak_bytes()? as f64 / f64::from(1 << 20);
        table::note(&format!(
            "{} answers, others by status: {:?}; at most {peak:.0} MiB",
            tally.written(),
            tally.errors
        ));
        let rounds = self.comparisons.iter_mut().zip(Kind::ALL);
        for ((comparison, kind), (mut ours, quiet)) in rounds.zip(loud.into_iter().zip(quiet)) {
            ours.insert("heavy answers/s".to_owned(), tally.per_second);
            ours.insert("heavy longest ms".to_owned(), tally.longest_millis);
            ours.insert("peak MiB".to_owned(), peak);
            match kind {
                Kind::Health => {
                    let longest = ours.get(LONGEST).copied().unwrap_or(f64::NAN);
                    comparison.round(longest, ours, Some(quiet));
                }
                Kind::Read | Kind::Write => comparison.divided(P99, ours, quiet),
            }
        }
        Ok(())
    }
}
