//! What fails, and for how long.

use std::sync::Arc;
use std::time::Duration;

use crate::dice::Dice;
use crate::installation::{Installation, blocking};
use crate::line::{Condition, Line};
use crate::traffic::Counts;
use attache_own_postgres::Postgres;

/// What can become of a server.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Killed,
    Paused,
    Line(Condition),
    /// What was asked is done, and the line is cut before the answer comes.
    AnswersLost,
}

const TROUBLES: &[Trouble] = &[
    Trouble::Killed,
    Trouble::Paused,
    Trouble::Line(Condition::Cut),
    Trouble::Line(Condition::Silent),
    Trouble::Line(Condition::Deaf),
    Trouble::AnswersLost,
];

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Killed => "servers killed",
            Self::Paused => "servers paused",
            Self::Line(Condition::Good) => "nothing",
            Self::Line(Condition::Cut) => "lines cut",
            Self::Line(Condition::Silent) => "lines silent",
            Self::Line(Condition::Deaf) => "lines deaf",
            Self::AnswersLost => "answers lost",
        }
    }
}

/// Trouble one server until the time is over. It is well afterwards.
pub(crate) async fn of_a_server(
    installation: Arc<Installation>,
    lines: Arc<Vec<Line>>,
    place: usize,
    mut dice: Dice,
    length: Duration,
) -> Counts {
    let mut counts = Counts::new();
    let end = tokio::time::Instant::now() + length;
    loop {
        tokio::time::sleep(dice.millis(200, 2_000)).await;
        if tokio::time::Instant::now() >= end {
            return counts;
        }
        let trouble = dice.one_of(TROUBLES);
        // Shorter and longer than a server may be silent, or wait for an answer.
        let most = if dice.one_in(3) { 3_500 } else { 900 };
        let lasts = dice.millis(50, most);
        match trouble {
            Trouble::Line(condition) => {
                lines[place].is_now(condition);
                tokio::time::sleep(lasts).await;
                lines[place].is_now(Condition::Good);
            }
            Trouble::AnswersLost => {
                lines[place].is_now(Condition::Deaf);
                tokio::time::sleep(dice.millis(20, 300)).await;
                lines[place].is_now(Condition::Cut);
                tokio::time::sleep(dice.millis(0, 100)).await;
                lines[place].is_now(Condition::Good);
            }
            Trouble::Killed => {
                installation.servers[place].kill();
                tokio::time::sleep(lasts / 4).await;
                let installation = installation.clone();
                blocking(move || installation.servers[place].start_again()).await;
            }
            Trouble::Paused => {
                installation.servers[place].pause();
                tokio::time::sleep(lasts).await;
                installation.servers[place].resume();
            }
        }
        *counts.entry(trouble.name()).or_default() += 1;
    }
}

/// Trouble PostgreSQL until the time is over. It is well afterwards.
pub(crate) async fn of_the_database(
    postgres: &'static Postgres,
    mut dice: Dice,
    length: Duration,
) -> Counts {
    let mut counts = Counts::new();
    let end = tokio::time::Instant::now() + length;
    loop {
        tokio::time::sleep(dice.millis(2_000, 6_000)).await;
        if tokio::time::Instant::now() >= end {
            return counts;
        }
        let name = if dice.one_in(2) {
            blocking(|| postgres.restart()).await;
            "PostgreSQL restarted"
        } else {
            blocking(|| postgres.kill()).await;
            tokio::time::sleep(dice.millis(0, 1_000)).await;
            blocking(|| postgres.start_again()).await;
            "PostgreSQL crashed"
        };
        *counts.entry(name).or_default() += 1;
    }
}
