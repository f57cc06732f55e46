//! What was asked and answered, and when: of one tenant, in real time.

use std::time::Duration;

use serde_json::Value;

use crate::question::Question;
use crate::wish::Wish;

/// Since the run began, by a clock that is never set.
pub(crate) type Instant = Duration;

/// An answer that came whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) revision: u64,
    /// Whether it says that it was done before.
    pub(crate) replayed: bool,
    pub(crate) body: Value,
}

impl Answer {
    /// Whether it says that a write stands: 410 says that it did, and what it
    /// made is gone since.
    pub(crate) fn is_done(&self) -> bool {
        self.status < 300 || self.status == 410
    }

    /// Whether it says that what was made at a revision is gone.
    pub(crate) fn is_gone_since(&self, revision: u64) -> bool {
        let detail = self.body["detail"].as_str().unwrap_or_default();
        self.status == 410 && detail.contains(&format!("at revision {revision}."))
    }
}

/// What one who asked was told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Answered(Answer),
    /// Nothing was done, for certain.
    Nothing,
    /// Whether it was done is not known.
    Unknown,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    pub(crate) told: Told,
}

/// A write, asked for once or, with an Idempotency-Key, until the answer is known.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    /// The correlation id of its requests, and so of its entry.
    pub(crate) name: String,
    pub(crate) wish: Wish,
    pub(crate) attempts: Vec<Attempt>,
}

impl Write {
    /// The answer that it is done, if there was one.
    pub(crate) fn done(&self) -> Option<&Answer> {
        let mut answers = self.answers().map(|(_, answer)| answer);
        answers.find(|answer| answer.is_done())
    }

    pub(crate) fn answers(&self) -> impl Iterator<Item = (&Attempt, &Answer)> {
        let attempts = self.attempts.iter();
        attempts.filter_map(|attempt| match &attempt.told {
            Told::Answered(answer) => Some((attempt, answer)),
            _ => None,
        })
    }
}

/// A read that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) question: Question,
    pub(crate) at_least: Option<u64>,
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    pub(crate) answer: Answer,
    /// Which server, and in which of its lives.
    pub(crate) server: (usize, usize),
}

/// All that happened to one tenant.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// The revision that it begins with, which everybody knows.
    pub(crate) begins_at: u64,
    pub(crate) writes: Vec<Write>,
    pub(crate) reads: Vec<Read>,
}
