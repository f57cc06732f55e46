//! Making histories, and making those that fail as short as they can be.

use std::panic::{AssertUnwindSafe, catch_unwind};

use attache_core::{Caller, HeadRequest, Timestamp};

use super::choose::Chooser;
use super::random::Random;
use super::run::Run;
use super::start::STARTS;
use super::universe::instant;
use super::{Counts, Step};
use crate::naive::End;

/// Who does one thing after the other, when, until when it may, and what its entries say.
type Burst = (Caller, Timestamp, End, HeadRequest);

/// A beginning, what is asked after it, and when the questions come.
#[derive(Clone, Debug)]
pub(crate) struct History {
    seed: u64,
    start: usize,
    /// Whether lists are answered from orders that are kept.
    large: bool,
    steps: Vec<Step>,
    /// After which step both must answer everything already.
    stop: usize,
    /// How long after the last step they must at the end.
    later: i64,
}

impl History {
    /// The history of a seed; it runs while it is made, since what is asked
    /// next depends on what is there.
    fn make(seed: u64, counts: &mut Counts, history: &mut Self) -> Result<(), String> {
        let random = &mut Random::new(seed);
        let start = random.weighed(&[12, 56, 4, 28]);
        let large = random.percent(50);
        let length = 4 + random.below(15);
        *history = Self {
            seed,
            start,
            large,
            steps: Vec::with_capacity(length),
            stop: if random.percent(10) {
                random.below(length)
            } else {
                usize::MAX
            },
            later: if random.percent(60) {
                0
            } else {
                random.below(5) as i64
            },
        };
        let mut run = STARTS[start].begin(large);
        let mut tick = 0;
        let mut burst = None;
        for index in 0..length {
            // Now and then a clock goes back.
            tick += [0, 0, 1, 1, 2, 4, -1][random.below(7)];
            // Rarely it is far ahead for a moment.
            let ahead = if random.percent(1) { 40 } else { 0 };
            let step = Self::next(&run, tick + ahead, burst.take().as_ref(), random);
            let (by, at) = (step.by, step.at);
            burst = Some((by, at, step.until, step.head.clone()));
            history.steps.push(step);
            run.step(&history.steps[index], counts)?;
            if index == history.stop {
                run.compare(at, random, counts)?;
            }
        }
        history.end(&run, counts)
    }

    /// What is asked next. Most of what would be refused is drawn again:
    /// refusals leave nothing to ask about.
    fn next(run: &Run, tick: i64, burst: Option<&Burst>, random: &mut Random) -> Step {
        let mut draws = 2;
        loop {
            let mut chooser = Chooser {
                random,
                tenant: &run.model,
                at: instant(tick),
            };
            let (by, at, until, head) = match burst {
                Some(last) if chooser.random.percent(35) => last.clone(),
                _ => {
                    let (by, end) = (chooser.caller(), chooser.credential_end());
                    (by, instant(tick), end, chooser.head())
                }
            };
            let command = chooser.command();
            let step = Step {
                by,
                at,
                until,
                head,
                command,
            };
            draws -= 1;
            let is_over = draws == 0 || random.percent(20);
            let head = run.model.head(&step.act(), &step.head);
            if is_over || head.is_ok() && run.model.after(step.act(), &step.command).is_ok() {
                return step;
            }
        }
    }

    /// The same steps again.
    fn run(&self) -> Result<(), String> {
        let counts = &mut Counts::default();
        let mut run = STARTS[self.start].begin(self.large);
        for step in &self.steps {
            run.step(step, counts)?;
            if self.stop != usize::MAX {
                run.compare(step.at, &Random::new(self.seed), counts)?;
            }
        }
        self.end(&run, counts)
    }

    fn end(&self, run: &Run, counts: &mut Counts) -> Result<(), String> {
        let last = self.steps.last().map_or(instant(0), |step| step.at);
        let at = Timestamp::from_millis(last.max(run.model.at).as_millis() + self.later);
        counts.histories += 1;
        run.finish(&self.steps, at, &Random::new(self.seed), counts)
    }

    /// Leave out what can be left out so that it still fails.
    fn shortest(mut self) -> Self {
        let fails = |history: &Self| guarded(|| history.run()).is_err();
        let mut index = self.steps.len();
        while index > 0 {
            index -= 1;
            let mut shorter = self.clone();
            shorter.steps.remove(index);
            if fails(&shorter) {
                self = shorter;
                index = self.steps.len().min(index + 1);
            }
        }
        self
    }
}

/// A panic is a failure like any other, and must not hide its history.
fn guarded(run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(format!("it panicked: {}", text.unwrap_or_default()))
    })
}

/// Run the history of a seed; what went wrong, with the shortest history found
/// that still goes wrong.
pub(crate) fn first_failure(seed: u64, counts: &mut Counts) -> Option<String> {
    let mut history = History {
        seed,
        start: 0,
        large: false,
        steps: Vec::new(),
        stop: usize::MAX,
        later: 0,
    };
    let wrong = guarded(|| History::make(seed, counts, &mut history)).err()?;
    if guarded(|| history.run()).is_ok() {
        return Some(format!("history {seed}: {wrong}\n{history:#?}"));
    }
    let shortest = history.shortest();
    let wrong = guarded(|| shortest.run()).err().unwrap_or(wrong);
    let begin = [
        "nothing",
        "the furnished house",
        "the house with the starting catalogue",
        "the house where much ends",
    ];
    let mut text = format!(
        "history {seed}: {wrong}\nIt begins with {}.\n",
        begin[shortest.start]
    );
    for step in &shortest.steps {
        text += &format!("{step}\n");
    }
    Some(text)
}
