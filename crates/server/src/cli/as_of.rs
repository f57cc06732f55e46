//! `--at`: the moment that a command asks about.

use attache_core::id::Revision;
use attache_tenants::Moment;
use clap::Args;

use super::arguments::{MomentError, moment};
use super::head::Writes;
use super::{CliError, EVERYWHERE};

/// The moment that is asked about.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct AsOf {
    /// Answer as of then: a day (its beginning in UTC), a time, an age such as 1h or 2d, or
    /// revision=<n>. For commands that read.
    #[arg(
        id = "as_of",
        long = "at",
        global = true,
        help_heading = EVERYWHERE,
        value_name = "TIME",
        value_parser = parsed,
        allow_hyphen_values = true
    )]
    moment: Option<Moment>,
}

impl AsOf {
    pub(super) fn moment(self) -> Option<Moment> {
        self.moment
    }

    /// Refuses a moment that means nothing to a command. `asks`: whether it asks a tenant.
    pub(super) fn must_fit(self, writes: Writes, asks: bool) -> Result<(), CliError> {
        if self.moment.is_none() {
            return Ok(());
        }
        let why = match writes {
            Writes::Entries | Writes::FirstEntry | Writes::NoEntry => {
                "this command writes: it takes no --at"
            }
            Writes::NothingAndFilters => {
                "entries are the history itself: use --since and --until in place of --at"
            }
            Writes::Nothing if asks => return Ok(()),
            Writes::Nothing => "this command asks about no time: it takes no --at",
        };
        Err(CliError::new(why))
    }
}

fn parsed(text: &str) -> Result<Moment, MomentError> {
    let revision = text.strip_prefix("revision=").map(str::parse);
    match revision {
        Some(Ok(revision)) => Ok(Moment::Revision(Revision(revision))),
        _ => moment(text).map(Moment::At),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_revision_or_a_time() {
        assert_eq!(parsed("revision=7"), Ok(Moment::Revision(Revision(7))));
        let day = "2026-03-03T00:00:00Z".parse().unwrap();
        assert_eq!(parsed("2026-03-03"), Ok(Moment::At(day)));
        for text in ["revision=", "revision=-1", "revision", "7", "soon"] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
