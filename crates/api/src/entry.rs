//! An entry as it is shown: all of its events, or as many as an answer may hold.

use std::collections::BTreeMap;

use attache_core::ask::Told;
use attache_core::id::UserId;
use attache_core::model::Reason;
use attache_core::{Change, Entry, Origin, Timestamp};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::event::{Event, EventProfile};
use attache_http::Problem;

/// One command's doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct EntryView<'a> {
    /// Its position in the tenant's history: 1, 2, 3…
    #[schema(example = 42)]
    revision: u64,
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who caused it: `user:…`, `service:…`, `operator` or `attache`.
    #[schema(example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    actor: String,
    /// What the caller called the request that caused it.
    correlation_id: &'a str,
    /// Through which door it came: `api`, `authzen`, a dialect such as `voicebot`, `cli`,
    /// `import`, `attache`, or `unknown` for an entry of an older version.
    #[schema(value_type = String, example = "api")]
    origin: Origin,
    /// The id of the user for whom the actor acted, as `Attache-On-Behalf-Of` said; null for
    /// nobody.
    #[schema(value_type = Option<Uuid>, required = true)]
    on_behalf_of: Option<Uuid>,
    /// The id of the user who approved it, as `Attache-Approved-By` said; null for nobody.
    #[schema(value_type = Option<Uuid>, required = true)]
    approved_by: Option<Uuid>,
    /// Why, as `Attache-Reason` said. It is personal data, and told as `profiles` are: null if
    /// nothing was said, it was erased, or the caller lacks `tenants.users.list`.
    #[schema(value_type = Option<String>, required = true)]
    reason: Option<&'a str>,
    /// What happened, in order.
    #[schema(value_type = Vec<Event>)]
    events: Vec<Box<RawValue>>,
    /// The personal data of each `user.profile_changed` in `events`, by user id. Erased data is
    /// left out. Without the permission `tenants.users.list`, all of it is left out.
    #[schema(value_type = BTreeMap<String, EventProfile>)]
    profiles: BTreeMap<UserId, EventProfile<'a>>,
    /// The rest of an entry whose events have more bytes than an answer may; left out if all
    /// events are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    more_events: Option<MoreEvents>,
}

/// The events of an entry that are not shown.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct MoreEvents {
    /// How many events the entry has.
    #[schema(example = 100_000)]
    total: usize,
    /// The first event that is not shown: the `from_event` of the next request.
    #[schema(example = 25_000)]
    from_event: usize,
}

impl<'a> EntryView<'a> {
    /// Returns an entry with its events from `from` on, as far as they fit into `most` bytes,
    /// and with one event at least.
    pub(super) fn of(
        entry: &'a Entry,
        from: usize,
        most: usize,
        told: &Told<'_>,
    ) -> Result<Self, Problem> {
        let all = &entry.changes.list;
        let (mut events, mut profiles) = (Vec::new(), BTreeMap::new());
        let mut left = most;
        for change in all.iter().skip(from) {
            let event = Event::of(change, told.withheld(change));
            let shown = to_raw_value(&event).map_err(|error| unwritten(&error))?;
            let profile = match change {
                Change::UserProfileSet { user } if told.profiles() => {
                    let profile = entry.changes.profiles.get(user);
                    profile.map(|profile| (*user, EventProfile::of(profile)))
                }
                _ => None,
            };
            let of_profile = match &profile {
                Some((_, profile)) => to_raw_value(profile)
                    .map_err(|error| unwritten(&error))?
                    .get()
                    .len(),
                None => 0,
            };
            let bytes = shown.get().len() + of_profile;
            if bytes > left && !events.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            events.push(shown);
            profiles.extend(profile);
        }
        let next = from.saturating_add(events.len());
        let more = (next < all.len()).then_some(MoreEvents {
            total: all.len(),
            from_event: next,
        });
        Ok(Self {
            revision: entry.revision.0,
            id: entry.id.0,
            at: entry.at,
            actor: entry.actor.to_string(),
            correlation_id: &entry.correlation_id,
            origin: entry.head.origin,
            on_behalf_of: entry.head.on_behalf_of.map(|user| user.0),
            approved_by: entry.head.approved_by.map(|user| user.0),
            reason: told.reason(&entry.changes).map(Reason::as_str),
            events,
            profiles,
            more_events: more,
        })
    }
}

impl EntryView<'_> {
    /// Returns the first event that is not shown, if any.
    pub(super) fn next_event(&self) -> Option<usize> {
        self.more_events.map(|more| more.from_event)
    }
}

fn unwritten(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "an entry cannot be shown");
    Problem::Internal
}
