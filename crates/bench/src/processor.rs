//! Whose processor time it was, from Linux's `/proc`.

use std::fs;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::path::Path;

use serde::Serialize;

use crate::Failure;

/// The unit of `/proc`: a hundredth of a second, wherever Linux runs.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time so far, or between two looks.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Used {
    /// By attache's servers.
    pub(crate) attache: f64,
    /// By PostgreSQL.
    pub(crate) postgres: f64,
    /// By who asks: this process, or pgbench.
    pub(crate) clients: f64,
    /// By everybody on the machine.
    pub(crate) all: f64,
}

impl Used {
    /// By those who have nothing to do with it.
    pub(crate) fn others(&self) -> f64 {
        (self.all - self.attache - self.postgres - self.clients).max(0.0)
    }
}

impl Sub for Used {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            attache: self.attache - before.attache,
            postgres: self.postgres - before.postgres,
            clients: self.clients - before.clients,
            all: self.all - before.all,
        }
    }
}

/// The processes to look at.
#[derive(Clone, Debug)]
pub(crate) struct Processes {
    pub(crate) attache: Vec<u32>,
    /// The first process of PostgreSQL, of which the others are children.
    pub(crate) postgres: u32,
}

impl Processes {
    pub(crate) fn used(&self) -> Result<Used, Failure> {
        let attache = self.attache.iter().map(|process| Times::of(*process));
        let attache: Times = attache.sum::<Result<Times, Failure>>()?;
        let children = children(self.postgres)?;
        // One that ended in between has its time in that of who waited for it.
        let sessions = children
            .into_iter()
            .filter_map(|child| Times::of(child).ok());
        let first = Times::of(self.postgres)?;
        let own = Times::of(std::process::id())?;
        Ok(Used {
            attache: attache.own,
            postgres: first.own + first.ended + sessions.map(|times| times.own).sum::<f64>(),
            clients: own.own + own.ended,
            all: machine()?,
        })
    }
}

/// The first process of a PostgreSQL whose files are in a folder.
pub(crate) fn first_of_postgres(data: &Path) -> Result<u32, Failure> {
    let text = fs::read_to_string(data.join("postmaster.pid"))?;
    let first = text.lines().next().unwrap_or_default();
    Ok(first.trim().parse()?)
}

/// Of one process, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) own: f64,
    /// Of children that have ended.
    pub(crate) ended: f64,
}

impl Add for Times {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            own: self.own + other.own,
            ended: self.ended + other.ended,
        }
    }
}

impl Sum for Times {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::default(), Add::add)
    }
}

impl Times {
    pub(crate) fn of(process: u32) -> Result<Self, Failure> {
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name before the bracket can hold anything.
        let (_, rest) = text.rsplit_once(") ").ok_or("/proc has another form")?;
        let fields = rest.split(' ').skip(11).take(4);
        let ticks: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>()?;
        match ticks.as_slice() {
            [user, system, ended_user, ended_system] => Ok(Self {
                own: (user + system) / TICKS_PER_SECOND,
                ended: (ended_user + ended_system) / TICKS_PER_SECOND,
            }),
            _ => Err("/proc has another form".into()),
        }
    }
}

fn children(process: u32) -> Result<Vec<u32>, Failure> {
    let text = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let children = text.split_whitespace().map(str::parse);
    Ok(children.collect::<Result<_, _>>()?)
}

/// All that was not idle.
fn machine() -> Result<f64, Failure> {
    let text = fs::read_to_string("/proc/stat")?;
    let first = text.lines().next().unwrap_or_default();
    let fields = first.split_whitespace().skip(1).take(7);
    let ticks: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>()?;
    // The fourth is idleness, the fifth waiting for the disk.
    let busy = ticks.iter().enumerate();
    let busy = busy.filter(|(field, _)| !(3..5).contains(field));
    Ok(busy.map(|(_, ticks)| ticks).sum::<f64>() / TICKS_PER_SECOND)
}
