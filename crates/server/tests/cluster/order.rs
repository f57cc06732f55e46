//! What real time says about revisions.

use crate::history::{History, Instant};
use crate::replay::Replay;

/// What was known of a tenant at which time, and what was not even asked for.
#[derive(Debug)]
pub(crate) struct Order {
    /// By time: the highest revision that anybody had been told of.
    told: Vec<(Instant, u64)>,
    /// By time: the lowest revision of what was asked for then or later.
    asked: Vec<(Instant, u64)>,
    begins_at: u64,
    last: u64,
}

impl Order {
    pub(crate) fn of(history: &History, replay: &Replay) -> Self {
        let mut told: Vec<(Instant, u64)> = Vec::new();
        let mut asked = Vec::new();
        for write in &history.writes {
            let place = replay.places(&write.name).first().copied();
            let answers = write.answers();
            told.extend(answers.map(|(attempt, answer)| (attempt.answered, answer.revision)));
            let sent = write.attempts.first().map(|attempt| attempt.sent);
            asked.extend(sent.zip(place));
        }
        let reads = history.reads.iter();
        told.extend(reads.map(|read| (read.answered, read.answer.revision)));
        told.sort_unstable();
        asked.sort_unstable();
        let mut highest = history.begins_at;
        for (_, revision) in &mut told {
            highest = highest.max(*revision);
            *revision = highest;
        }
        let mut lowest = u64::MAX;
        for (_, revision) in asked.iter_mut().rev() {
            lowest = lowest.min(*revision);
            *revision = lowest;
        }
        Self {
            told,
            asked,
            begins_at: history.begins_at,
            last: replay.last(),
        }
    }

    /// The highest revision that anybody had been told of before an instant.
    pub(crate) fn told_before(&self, at: Instant) -> u64 {
        let count = self.told.partition_point(|(told, _)| *told < at);
        let before = count.checked_sub(1).map(|place| self.told[place].1);
        before.unwrap_or(self.begins_at)
    }

    /// The highest revision that can have been there at an instant: what was
    /// asked for later was not.
    pub(crate) fn possible_until(&self, at: Instant) -> u64 {
        let count = self.asked.partition_point(|(asked, _)| *asked <= at);
        let next = self.asked.get(count).map(|(_, revision)| *revision);
        // Not all entries are the clients'.
        next.map_or(self.last, |revision| revision - 1)
    }
}
