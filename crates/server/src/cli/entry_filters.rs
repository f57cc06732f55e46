//! Which entries `attache history` and `attache entries` show.

use attache_core::Timestamp;
use clap::Args;

use super::arguments::{moment, subject_name};
use super::head::HeadFlags;

/// The parameters of the API that name a thing: a name may be one that nothing has now.
pub(super) const NAMES: [&str; 5] = [
    "resource",
    "subject",
    "actor",
    "on_behalf_of",
    "approved_by",
];

// No doc comment: it would stand in `--help`, in place of what the command says of itself.
#[derive(Debug, Args)]
pub(super) struct EntryFilters {
    /// Only what is about this resource.
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// Only what is about this user, or group:… or service:….
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only what was done by this user, service:…, operator or attache.
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// Only what this request did.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<String>,
    /// Only what came through this door: api, authzen, a dialect such as voicebot, cli, import,
    /// attache, or unknown for what is older.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The start: a day (its beginning in UTC), a time, or an age: -1h, 30m, 2d, 1w.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true, alias = "from")]
    pub(super) since: Option<Timestamp>,
    /// The end: a day (its beginning in UTC), a time, or an age.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true, alias = "to")]
    until: Option<Timestamp>,
}

impl EntryFilters {
    /// Returns whether only entries of this actor are wanted.
    pub(super) fn is_by(&self, actor: &str) -> bool {
        self.actor.as_deref() == Some(actor)
    }

    /// Returns what the API is asked by these flags, and by those of every command.
    pub(super) fn query(&self, head: &HeadFlags) -> Vec<(&'static str, String)> {
        let [for_whom, approved] = head.filters();
        let of_subject = |name: &str| subject_name(name);
        let query = [
            ("resource", self.resource.clone()),
            ("subject", self.subject.as_deref().map(of_subject)),
            ("actor", self.actor.as_deref().map(actor_name)),
            ("correlation_id", self.correlation_id.clone()),
            ("origin", self.origin.clone()),
            ("on_behalf_of", for_whom.map(of_subject)),
            ("approved_by", approved.map(of_subject)),
            ("from", self.since.map(|it| it.to_string())),
            ("to", self.until.map(|it| it.to_string())),
        ];
        let query = query.into_iter();
        query
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// Returns the API's name of an actor: without a type, it is a user.
fn actor_name(text: &str) -> String {
    match text {
        "operator" | "attache" => text.to_owned(),
        text => subject_name(text),
    }
}
