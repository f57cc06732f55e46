//! Histories: commands by callers at instants, run by the core and by the
//! naive model side by side.

mod ask_access;
mod ask_explain;
mod ask_focus;
mod ask_gate;
mod ask_memberships;
mod ask_pages;
mod ask_past;
mod ask_people;
mod ask_reach;
mod ask_seen;
mod callers;
mod catalogues;
mod choose;
mod commands;
mod counts;
mod facts;
mod laws;
mod of_catalogue;
mod of_invitations;
mod of_issuers;
mod of_services;
mod random;
mod run;
mod shrink;
mod start;
mod universe;

pub(crate) use counts::Counts;
pub(crate) use shrink::first_failure;

use std::fmt;

use attache_core::{Caller, Command, HeadRequest, Timestamp};

use super::naive::{Act, End};
use catalogues::CATALOGUES;

/// Somebody asks for something.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) by: Caller,
    pub(crate) at: Timestamp,
    /// When the caller's credential ends.
    pub(crate) until: End,
    /// What the entry is to say.
    pub(crate) head: HeadRequest,
    pub(crate) command: Command,
}

impl Step {
    /// Who does it, and when.
    pub(crate) fn act(&self) -> Act {
        Act {
            by: self.by,
            at: self.at,
            stamp: self.at,
            until: self.until,
            origin: self.head.origin,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} ", self.at, self.by)?;
        if let Some(until) = self.until {
            write!(f, "(until {until}) ")?;
        }
        write!(f, "{:?} ", self.head)?;
        match &self.command {
            Command::CreateTenant { catalogue, .. } | Command::SetCatalogue { catalogue } => {
                let known = CATALOGUES.iter().position(|it| *it == **catalogue);
                write!(f, "sets catalogue {known:?}")
            }
            command => write!(f, "{command:?}"),
        }
    }
}

/// Go on only if the core and the model say the same.
macro_rules! same {
    ($questions:expr, $core:expr, $model:expr, $($what:tt)+) => {{
        $questions.0 += 1;
        let (core, model) = (&$core, &$model);
        if core != model {
            return Err(format!(
                "{}:\n  core  {core:?}\n  model {model:?}",
                format_args!($($what)+),
            ));
        }
    }};
}
pub(crate) use same;

/// How many questions were asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Questions(pub(crate) u64);
