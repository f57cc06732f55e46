//! Is a history one that a single, correct server could have had?

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::history::{Answer, Attempt, History, Instant, Read, Told, Write};
use crate::order::Order;
use crate::replay::Replay;

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// What was acknowledged is not in the log.
    Lost,
    /// A write happened more than once.
    Doubled,
    /// What was refused, or not done, is in the log.
    Appeared,
    /// A write stands before one that was acknowledged before it was sent.
    Reordered,
    /// An answer does not fit the log at its revision.
    Untrue,
    /// An answer is older than it may be.
    Stale,
    /// An answer speaks of what was not there yet.
    Early,
    /// A server answered with less than it had answered with before.
    BackInTime,
}

/// One thing that is wrong, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) wrong: Wrong,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.wrong, self.what)
    }
}

/// Which reads are fresh enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Those that know all that was acknowledged before they were sent.
    Latest,
    /// Those that know all that was acknowledged so long before they were sent.
    Local { silent: Duration },
}

/// All that is wrong with a history.
pub(crate) fn check(history: &History, replay: &Replay, reads: Reads) -> Vec<Fault> {
    let mut check = Check {
        replay,
        order: Order::of(history, replay),
        faults: Vec::new(),
    };
    for write in &history.writes {
        check.write(write);
    }
    check.real_time(&history.writes);
    for read in &history.reads {
        check.read(read, reads);
    }
    check.each_server(&history.reads);
    check.faults
}

struct Check<'a> {
    replay: &'a Replay,
    order: Order,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn must(&mut self, holds: bool, wrong: Wrong, what: impl FnOnce() -> String) {
        if !holds {
            let what = what();
            self.faults.push(Fault { wrong, what });
        }
    }

    fn write(&mut self, write: &Write) {
        let places = self.replay.places(&write.name);
        self.must(places.len() <= 1, Wrong::Doubled, || {
            format!("stands at {places:?}: {write:?}")
        });
        let place = places.first().copied();
        let is_unknown = |it: &Attempt| matches!(it.told, Told::Unknown);
        let knows = |answer: &Answer| place.is_some_and(|place| answer.revision >= place);
        let may_stand = write.done().is_some_and(knows) || write.attempts.iter().any(is_unknown);
        self.must(place.is_none() || may_stand, Wrong::Appeared, || {
            format!("stands at {place:?}: {write:?}")
        });
        for (attempt, answer) in write.answers() {
            let possible = self.order.possible_until(attempt.answered);
            self.must(answer.revision <= possible, Wrong::Early, || {
                format!("only {possible} was there: {write:?}")
            });
            match place {
                // It may have been so already when the answer was known, and a
                // request whose answer was not waited for did it afterwards.
                Some(place) if answer.is_done() && answer.revision >= place => {
                    self.done(write, place, answer);
                }
                _ => self.unchanged(write, attempt, answer),
            }
        }
    }

    /// An acknowledged write that stands in the log.
    fn done(&mut self, write: &Write, place: u64, answer: &Answer) {
        let (before, after) = (self.replay.at(place - 1), self.replay.at(answer.revision));
        // A revision that is not there was told of already.
        let Some((before, after)) = before.zip(after) else {
            return;
        };
        // Nothing else has that revision: two writes never name the same.
        let is_again = answer.replayed || answer.status == 410;
        let is_named = is_again || answer.revision == place;
        let expected = write.wish.on(before);
        let shown = write.wish.shown(after, self.replay.entry(place));
        let fits = match &shown {
            None => answer.is_gone_since(place),
            Some(shown) => {
                let said = crate::shape::shown(&answer.body);
                answer.status == expected.status && (shown.is_null() || *shown == said)
            }
        };
        self.must(fits && is_named && expected.changes, Wrong::Untrue, || {
            format!("stands at {place}, expected {expected:?} and {shown:?}: {write:?}")
        });
    }

    /// An answer to what changed nothing: refused, or so already. There must be
    /// a revision, of those that it can have been decided on, that says so.
    fn unchanged(&mut self, write: &Write, attempt: &Attempt, answer: &Answer) {
        let first = self.order.told_before(attempt.sent);
        let last = match answer.is_done() {
            true => answer.revision,
            false => self.order.possible_until(attempt.answered),
        };
        let is_so = self.replay.between(first, last).iter().any(|state| {
            let expected = write.wish.on(state);
            expected.status == answer.status && !expected.changes && !answer.replayed
        });
        let wrong = match answer.is_done() {
            true => Wrong::Lost,
            false => Wrong::Untrue,
        };
        self.must(is_so, wrong, || {
            format!("not so from {first} to {last}: {write:?}")
        });
    }

    /// If one was answered before the other was sent, it stands before it.
    fn real_time(&mut self, writes: &[Write]) {
        for write in writes {
            let place = self.replay.places(&write.name).first().copied();
            let sent = write.attempts.first().map(|attempt| attempt.sent);
            if let Some((place, sent)) = place.zip(sent) {
                let told = self.order.told_before(sent);
                self.must(told < place, Wrong::Reordered, || {
                    format!("stands at {place}, and {told} was told before: {write:?}")
                });
            }
        }
    }

    fn read(&mut self, read: &Read, reads: Reads) {
        let revision = read.answer.revision;
        let possible = self.order.possible_until(read.answered);
        self.must(revision <= possible, Wrong::Early, || {
            format!("only {possible} was there: {read:?}")
        });
        let as_of = match reads {
            Reads::Latest => read.sent,
            Reads::Local { silent } => read.sent.saturating_sub(silent),
        };
        let told = self.order.told_before(as_of);
        let least = told.max(read.at_least.unwrap_or_default());
        self.must(revision >= least, Wrong::Stale, || {
            format!("{revision}, and {least} was known: {read:?}")
        });
        let Some(state) = self.replay.at(revision) else {
            return;
        };
        let expected = read.question.on(state);
        let status = read.answer.status;
        let shown = (status, read.question.shown(status, &read.answer.body));
        self.must(shown == expected, Wrong::Untrue, || {
            format!("the log says {expected:?}: {read:?}")
        });
    }

    /// No server forgets, as long as it lives.
    fn each_server(&mut self, reads: &[Read]) {
        let mut lives: BTreeMap<(usize, usize), Vec<&Read>> = BTreeMap::new();
        for read in reads {
            lives.entry(read.server).or_default().push(read);
        }
        for mut reads in lives.into_values() {
            let mut answered: Vec<(Instant, u64)> = reads
                .iter()
                .map(|read| (read.answered, read.answer.revision))
                .collect();
            answered.sort_unstable();
            reads.sort_by_key(|read| read.sent);
            let (mut before, mut highest) = (answered.into_iter().peekable(), 0);
            for read in reads {
                while let Some((_, revision)) = before.next_if(|(at, _)| *at < read.sent) {
                    highest = highest.max(revision);
                }
                let revision = read.answer.revision;
                self.must(revision >= highest, Wrong::BackInTime, || {
                    format!("{revision}, and it had answered at {highest}: {read:?}")
                });
            }
        }
    }
}
