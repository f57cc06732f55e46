//! What a command does to the facts.

use attache_core::command::SubjectRef;
use attache_core::id::{Key, UserId};
use attache_core::model::SubjectId;
use attache_core::time::Timestamp;
use attache_core::{Actor, Caller, Command, HeadRequest, Origin, Ref, Refusal};

use uuid::Uuid;

use super::Tenant;
use super::facts::{End, counts};
use super::find::same_key;
use super::gate::{Who, not_found};

/// Who does something, and when.
#[derive(Clone, Copy)]
pub(crate) struct Act {
    pub(crate) by: Caller,
    /// When it is decided.
    pub(crate) at: Timestamp,
    /// When it is written down to have happened.
    pub(crate) stamp: Timestamp,
    /// When the credential ends.
    pub(crate) until: End,
    /// Through which door it comes.
    pub(crate) origin: Origin,
}

pub(crate) fn invalid(field: &str) -> Refusal {
    Refusal::Invalid {
        field: field.into(),
        reason: "".into(),
    }
}

pub(crate) fn unknown(what: &'static str) -> Refusal {
    Refusal::Unknown { field: what, what }
}

impl Tenant {
    /// The users for whom and with whose approval something is done, if the caller may know of
    /// them.
    pub(crate) fn head(
        &self,
        act: &Act,
        wanted: &HeadRequest,
    ) -> Result<[Option<UserId>; 2], Refusal> {
        let known = |field: &str, name: Option<&Ref>| match name {
            None => Ok(None),
            Some(name) => {
                let user = self.find_user(name);
                let user = user.filter(|user| self.knows(&act.by, *user, act.at));
                user.map(Some).ok_or_else(|| invalid(field))
            }
        };
        Ok([
            known("on_behalf_of", wanted.on_behalf_of.as_ref())?,
            known("approved_by", wanted.approved_by.as_ref())?,
        ])
    }

    /// Whether a caller is a user, or sees the user in some list of users.
    fn knows(&self, by: &Caller, user: UserId, at: Timestamp) -> bool {
        let mut memberships = self.memberships.iter().filter(|one| one.user == user);
        self.is_or_lists(by, SubjectId::User(user), "users", at)
            || memberships.any(|one| {
                let list = format!("{}s.users.list", self.kind_of(one.resource));
                self.is_member(one.resource, user, at) && self.holds(by, &list, one.resource, at)
            })
    }

    fn is_or_lists(&self, by: &Caller, subject: SubjectId, all: &str, at: Timestamp) -> bool {
        let list = format!("{all}.list");
        self.who_is(by) == Who::Somebody(subject) || self.authorize_tenant(by, &list, at).is_ok()
    }

    /// The subject that a name means, if the caller knows which one that is: an id says so
    /// itself.
    pub(crate) fn known_subject(
        &self,
        by: &Caller,
        name: &SubjectRef,
        at: Timestamp,
    ) -> Option<SubjectId> {
        let (found, name, id) = match name {
            SubjectRef::User(name) => {
                let id = self.find_user(name)?;
                (SubjectId::User(id), name, id.0)
            }
            SubjectRef::Group(name) => {
                let id = self.find_group(name)?;
                (SubjectId::Group(id), name, id.0)
            }
            SubjectRef::Service(name) => {
                let id = self.find_service(name)?;
                (SubjectId::Service(id), name, id.0)
            }
        };
        let is_id = match name {
            Ref::Id(_) => true,
            Ref::Text(text) => Uuid::parse_str(text).is_ok_and(|it| it == id),
            _ => false,
        };
        let is_known = match found {
            SubjectId::User(user) => self.knows(by, user, at),
            SubjectId::Group(_) => self.is_or_lists(by, found, "groups", at),
            SubjectId::Service(_) => self.is_or_lists(by, found, "services", at),
        };
        (is_id || is_known).then_some(found)
    }

    /// Do it, and say whether that changed anything, or refuse and change nothing.
    pub(crate) fn run(&mut self, act: Act, command: &Command) -> Result<bool, Refusal> {
        let after = self.after(act, command)?;
        let changed = after.is_some();
        if let Some(after) = after {
            *self = after;
        }
        Ok(changed)
    }

    /// The tenant after a command; nothing if that changes nothing.
    pub(crate) fn after(&self, act: Act, command: &Command) -> Result<Option<Self>, Refusal> {
        // Nothing is written down to have happened before what already has.
        let act = Act {
            stamp: act.at.max(self.at),
            ..act
        };
        if !counts(act.until, act.at) {
            return Err(not_found("tenant"));
        }
        let mut after = self.clone();
        after.perform(&act, command)?;
        if self.has_lasting_admin() && !after.has_lasting_admin() {
            return Err(Refusal::LastAdmin);
        }
        if after == *self {
            return Ok(None);
        }
        after.at = act.stamp;
        Ok(Some(after))
    }

    fn perform(&mut self, act: &Act, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::CreateTenant { .. }
            | Command::SetCatalogue { .. }
            | Command::SetRole { .. }
            | Command::RemoveRole { .. }
            | Command::SetKind { .. }
            | Command::RemoveKind { .. } => self.perform_on_catalogue(act, command),
            Command::AddIssuer { .. }
            | Command::ChangeIssuer { .. }
            | Command::RemoveIssuer { .. } => self.perform_on_issuers(act, command),
            Command::AddResource { .. }
            | Command::ChangeResource { .. }
            | Command::MoveResource { .. }
            | Command::RemoveResource { .. } => self.perform_on_resources(act, command),
            Command::AddUser { .. }
            | Command::ChangeUser { .. }
            | Command::PutUser { .. }
            | Command::RemoveUser { .. } => self.perform_on_users(act, command),
            Command::InviteUser { .. }
            | Command::RevokeInvitation { .. }
            | Command::AcceptInvitation { .. }
            | Command::AcceptBySignIn { .. } => self.perform_on_invitations(act, command),
            Command::AddGroup { .. }
            | Command::ChangeGroup { .. }
            | Command::RemoveGroup { .. }
            | Command::AddGroupUser { .. }
            | Command::RemoveGroupUser { .. } => self.perform_on_groups(act, command),
            Command::AddService { .. }
            | Command::ChangeService { .. }
            | Command::RemoveService { .. }
            | Command::CreateToken { .. }
            | Command::RevokeToken { .. } => self.perform_on_services(act, command),
            Command::AddMember { .. }
            | Command::ChangeMember { .. }
            | Command::RemoveMember { .. }
            | Command::SyncMembers { .. } => self.perform_on_members(act, command),
            Command::Grant { grant, expires_at } => self.grant(act, grant, *expires_at),
            Command::Revoke { grant } => self.revoke(act, grant),
            Command::Expire { most } => self.expire(act, *most),
        }
    }

    /// Somebody of the tenant knows that it is there; nobody else does.
    pub(crate) fn authorize_root(&self, act: &Act, what: &str) -> Result<(), Refusal> {
        if self.root().is_none() || self.who_is(&act.by) == Who::Nobody {
            return Err(not_found("tenant"));
        }
        self.authorize_tenant(&act.by, what, act.at)
    }

    /// The number for something new: one that was never in use, or the one
    /// after the highest that ever was.
    pub(crate) fn number(&self, of: &str, wanted: Option<u32>) -> Result<u32, Refusal> {
        let mine = self.used.iter().filter(|(whose, _)| &**whose == of);
        let mut mine = mine.map(|(_, number)| *number);
        match wanted {
            Some(0) => Err(invalid("number")),
            Some(number) if number > 2_147_483_647 => Err(invalid("number")),
            Some(number) if mine.any(|used| used == number) => {
                Err(Refusal::Taken { field: "number" })
            }
            Some(number) => Ok(number),
            None => {
                let last = mine.max().unwrap_or(0);
                last.checked_add(1).ok_or_else(|| invalid("number"))
            }
        }
    }

    /// A new key must not read as anything but a key.
    pub(crate) fn key_must_be_good(&self, wanted: Option<&Key>) -> Result<(), Refusal> {
        let Some(text) = wanted.map(Key::as_str) else {
            return Ok(());
        };
        let kinds = self.catalogue.iter().flat_map(|it| &it.kinds);
        let mut types: Vec<&str> = kinds.map(|kind| kind.name.as_str()).collect();
        types.extend(["user", "group", "service", "tenant"]);
        let of_type = |it: &&str| text.starts_with(&format!("{it}:"));
        let is_number = |it: &str| it.chars().all(|c| c.is_ascii_digit());
        if text.strip_prefix('#').is_some_and(is_number)
            || text == "tenant"
            || types.iter().any(of_type)
        {
            return Err(invalid("key"));
        }
        Ok(())
    }

    pub(crate) fn use_number(&mut self, of: &str, number: u32) {
        self.used.push((of.into(), number));
    }
}

/// A key must be nobody else's, nor somebody else's id: it would hide that one.
pub(crate) fn key_must_be_free<'a>(
    wanted: Option<&Key>,
    mut others: impl Iterator<Item = (Uuid, Option<&'a Key>)>,
) -> Result<(), Refusal> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let as_id = Uuid::parse_str(wanted.as_str()).ok();
    let is_it = |key: &Key| same_key(key.as_str(), wanted.as_str());
    if others.any(|(id, key)| key.is_some_and(is_it) || as_id == Some(id)) {
        return Err(Refusal::Taken { field: "key" });
    }
    Ok(())
}

/// An id must be nobody's, nor somebody's key.
pub(crate) fn id_must_be_free<'a>(
    wanted: Uuid,
    mut others: impl Iterator<Item = (Uuid, Option<&'a Key>)>,
) -> Result<(), Refusal> {
    let text = wanted.to_string();
    let is_it = |key: &Key| same_key(key.as_str(), &text);
    if others.any(|(id, key)| id == wanted || key.is_some_and(is_it)) {
        return Err(Refusal::Taken { field: "id" });
    }
    Ok(())
}

/// An end must lie ahead.
pub(crate) fn must_be_to_come(act: &Act, end: Option<Timestamp>) -> Result<(), Refusal> {
    match end {
        Some(end) if end <= act.at => Err(invalid("expires_at")),
        _ => Ok(()),
    }
}

/// Only whoever holds the data folder, or attache itself.
pub(crate) fn is_of_the_house(tenant: &Tenant, by: &Caller) -> bool {
    by.tenant == tenant.id && matches!(by.actor, Actor::Operator | Actor::Attache)
}
