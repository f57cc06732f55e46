//! What the flags of every command say of the entries that it writes.

use attache_core::model::Reason;
use attache_core::{HeadRequest, Origin};
use attache_http::head::encoded;
use attache_http::naming;
use clap::Args;

use super::{CliError, EVERYWHERE};

/// What a command writes, and so which of these flags it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// Nothing: it takes no flag.
    Nothing,
    /// Nothing, and it shows entries: it takes users as filters.
    NothingAndFilters,
    /// What stands in no entry: it takes no flag.
    NoEntry,
    /// The first entry of a tenant, which is older than the tenant's users.
    FirstEntry,
    /// Entries: it takes all flags.
    Entries,
}

impl Writes {
    /// `Entries` for a verb that writes.
    pub(super) fn entries(writes: bool) -> Self {
        match writes {
            true => Self::Entries,
            false => Self::Nothing,
        }
    }
}

/// What of an entry is said besides what happens.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct HeadFlags {
    /// Why: stands in the history of what the command writes.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "TEXT")]
    reason: Option<String>,
    /// The user for whom it is done, by key, id or #number: stands in the history, and grants
    /// nothing. Of history and entries: only what was done for this user.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "USER")]
    on_behalf_of: Option<String>,
    /// The user who approved it: stands in the history, and grants nothing. Of history and
    /// entries: only what this user approved.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "USER")]
    approved_by: Option<String>,
}

/// The flag that says what the API reads from a header, or from a parameter of a list of entries.
pub(super) fn flag_of(field: &str) -> Option<&'static str> {
    match field {
        "Attache-Reason" | "reason" => Some("--reason"),
        "Attache-On-Behalf-Of" | "on_behalf_of" => Some("--on-behalf-of"),
        "Attache-Approved-By" | "approved_by" => Some("--approved-by"),
        _ => None,
    }
}

impl HeadFlags {
    /// Refuses the first flag that was given and means nothing to a command.
    pub(super) fn must_fit(&self, writes: Writes) -> Result<(), CliError> {
        let (why, [reason, users]) = match writes {
            Writes::Nothing => ("this command writes nothing", [false, false]),
            Writes::NothingAndFilters => ("this command writes nothing", [false, true]),
            Writes::NoEntry => ("this command writes no entry", [false, false]),
            Writes::FirstEntry => ("a new tenant has no users yet", [true, false]),
            Writes::Entries => return Ok(()),
        };
        let flags = [
            ("--reason", &self.reason, reason),
            ("--on-behalf-of", &self.on_behalf_of, users),
            ("--approved-by", &self.approved_by, users),
        ];
        for (flag, value, is_taken) in flags {
            if value.is_some() && !is_taken {
                return Err(CliError::new(format!("{why}: it takes no {flag}")));
            }
        }
        Ok(())
    }

    /// The users of `--on-behalf-of` and `--approved-by`.
    pub(super) fn filters(&self) -> [Option<&str>; 2] {
        [self.on_behalf_of.as_deref(), self.approved_by.as_deref()]
    }

    /// What an entry that this process writes is to say.
    pub(super) fn request(&self) -> Result<HeadRequest, CliError> {
        let wrong = |reason: &str| CliError::new(format!("--reason {reason}"));
        let reason = self.reason.as_deref().map(Reason::new).transpose();
        let user = |name: &Option<String>| name.as_deref().map(naming::reference);
        Ok(HeadRequest {
            origin: Origin::CLI,
            on_behalf_of: user(&self.on_behalf_of),
            approved_by: user(&self.approved_by),
            reason: reason.map_err(wrong)?,
        })
    }

    /// The headers of a write, each with what it says.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        let said = [
            ("attache-reason", &self.reason),
            ("attache-on-behalf-of", &self.on_behalf_of),
            ("attache-approved-by", &self.approved_by),
        ];
        let said = said.into_iter();
        let said = said.filter_map(|(name, value)| Some((name, encoded(value.as_deref()?))));
        said.chain([("attache-client", "cli".to_owned())]).collect()
    }
}
