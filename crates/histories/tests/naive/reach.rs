//! Who can reach a resource, attached or not, and through what.

use attache_core::ask::{Effective, Include};
use attache_core::id::{GroupId, ResourceId, UserId};
use attache_core::model::{Parameters, SubjectId, User};
use attache_core::time::{Expiry, Timestamp};
use attache_core::{Actor, Caller};
use uuid::Uuid;

use super::Tenant;
use super::facts::counts;
use super::find::same_key;
use super::known::{address, plain_address};

/// Since when, until when and by whom a user is attached.
pub(crate) type Attachment = (Timestamp, Expiry, Actor);

/// A user, how it is attached, if it is, and in what sense it sees the resource, if
/// that was asked.
pub(crate) type Person<'a> = (&'a User, Option<Attachment>, Option<Effective>);

/// A membership or a grant, and how far above the resource it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Through<'a> {
    pub(crate) above: usize,
    pub(crate) granted: Option<Holds<'a>>,
}

/// A grant: of what, since when, until when, by whom, and to which group if to one.
pub(crate) type Holds<'a> = (
    &'a str,
    &'a Parameters,
    Timestamp,
    Expiry,
    Actor,
    Option<GroupId>,
);

impl Tenant {
    /// Everything through which a user reaches a resource, active or not, as far
    /// as a reader sees where it stands.
    pub(crate) fn through(
        &self,
        on: ResourceId,
        user: UserId,
        at: Timestamp,
        reader: &Caller,
    ) -> Vec<Through<'_>> {
        let mut all = Vec::new();
        if self.is_member(on, user, at) && self.is_seen(reader, on, at) {
            all.push(Through {
                above: 0,
                granted: None,
            });
        }
        let path = self.path(on);
        for granted in &self.grants {
            let Some(above) = path.iter().position(|it| *it == granted.resource) else {
                continue;
            };
            let (holds, group) = match granted.subject {
                // Without a membership there, a user's own grant does not count.
                SubjectId::User(own) => (
                    own == user && self.is_member(granted.resource, user, at),
                    None,
                ),
                SubjectId::Group(group) => (self.is_in_group(group, user), Some(group)),
                SubjectId::Service(_) => (false, None),
            };
            let is_shown = self.is_seen(reader, granted.resource, at);
            if holds && is_shown && counts(granted.end, at) {
                let end = Expiry::from(granted.end);
                let (role, given) = (&*granted.role, &granted.parameters);
                all.push(Through {
                    above,
                    granted: Some((
                        role,
                        given,
                        granted.granted_at,
                        end,
                        granted.granted_by,
                        group,
                    )),
                });
            }
        }
        all
    }

    /// The memberships of a user that count, on resources that a reader sees, of a kind if
    /// one is wanted, in the order in which the resources were added.
    pub(crate) fn memberships_of(
        &self,
        user: UserId,
        kind: Option<&str>,
        at: Timestamp,
        reader: &Caller,
    ) -> Vec<(ResourceId, Attachment)> {
        let Some(user) = self.user(user) else {
            return Vec::new();
        };
        let below_the_root = self.places.iter().skip(1);
        let attached = below_the_root.map(|place| place.resource.id).filter(|on| {
            self.is_member(*on, user.id, at)
                && self.is_seen(reader, *on, at)
                && kind.is_none_or(|kind| self.kind_of(*on) == kind)
        });
        let attached = attached.map(|on| {
            let (_, since, end, by) = self.membership(on, user);
            (on, (since, Expiry::from(end), by))
        });
        attached.collect()
    }

    /// In what sense a user sees a resource, and whether by what counts now.
    fn effective(&self, on: ResourceId, user: &User, at: Timestamp) -> Option<(Effective, bool)> {
        let subject = SubjectId::User(user.id);
        let sources = self.sources(subject, on, at);
        let shows = |live: bool| {
            let some = sources.iter().filter(|source| source.live == live);
            let mut gives = some.flat_map(|source| &source.gives);
            gives.any(|held| self.shows(held, on))
        };
        let (now, once) = (shows(true), shows(false));
        match self.can_act(subject) {
            true if now => Some((Effective::Active, true)),
            true => once.then_some((Effective::Expired, false)),
            false => (now || once).then_some((Effective::Inactive, now)),
        }
    }

    /// A user as it is to be included, if it is.
    pub(super) fn include<'a>(
        &'a self,
        on: ResourceId,
        user: &'a User,
        at: Timestamp,
        include: Include,
    ) -> Option<Person<'a>> {
        let attached = || {
            let (_, since, end, by) = self.membership(on, user);
            (since, Expiry::from(end), by)
        };
        let is_member = self.is_member(on, user.id, at);
        let Include::Effective { inactive, expired } = include else {
            return is_member.then(|| (user, Some(attached()), None));
        };
        let (effective, now) = self.effective(on, user, at)?;
        let is_asked_for = (now || expired) && (effective != Effective::Inactive || inactive);
        // Of who no longer sees it, also what ended.
        let mut memberships = self.memberships.iter();
        let ended = !now && memberships.any(|one| one.resource == on && one.user == user.id);
        let attached = (is_member || ended).then(attached);
        is_asked_for.then_some((user, attached, Some(effective)))
    }

    /// Whom an identity provider calls so, by number. A UUID without its hyphens, in braces
    /// or as a URN means only who is written in that very way.
    pub(crate) fn users_by_external_id(&self, id: &str) -> Vec<UserId> {
        let other_form = Uuid::parse_str(id).is_ok() && id.len() != 36;
        let has = |user: &&User| {
            let own = user.facts.external_auth_id.as_ref();
            let own = own.map(ToString::to_string).unwrap_or_default();
            !own.is_empty() && same_key(&own, id) && (!other_form || own == id)
        };
        let mut found: Vec<&User> = self.users.iter().filter(has).collect();
        found.sort_by_key(|user| user.number);
        found.iter().map(|user| user.id).collect()
    }

    /// Who proved that this is its address, if nobody else did.
    pub(crate) fn user_by_verified_email(&self, email: &str) -> Option<UserId> {
        let has = |user: &&User| {
            let own = user.profile.email.as_ref().map(address);
            user.facts.email_verified && own.is_some_and(|own| own == plain_address(email))
        };
        let found: Vec<&User> = self.users.iter().filter(has).collect();
        match found[..] {
            [only] => Some(only.id),
            _ => None,
        }
    }
}
