//! A copy of the state on which commands are decided one after the other.

use crate::Change;
use crate::ask::{Authority, Power, View};
use crate::caller::Caller;
use crate::catalogue::ROOT_KIND;
use crate::command::Command;
use crate::entry::{Changes, EntryHead, HeadRequest};
use crate::id::{GroupNumber, Node, ServiceNumber, UserId, UserNumber};
use crate::model::Profile;
use crate::reference::{Locator, Ref};
use crate::refusal::Refusal;
use crate::state::{OriginNumber, State, Tree};
use crate::time::{Expiry, Timestamp};

/// Commands that become one entry. Each is decided on the state that the ones before it
/// leave. The draft is a private copy, so decided commands take effect only when their
/// entry is applied.
#[derive(Debug)]
pub struct Draft {
    pub(super) state: State,
    pub(super) by: Caller,
    /// The instant of the decision.
    pub(super) at: Timestamp,
    /// The time of the entry.
    stamp: Timestamp,
    head: EntryHead,
    /// The number of the head's origin.
    origin: OriginNumber,
    /// The end of the caller's credential.
    pub(super) until: Expiry,
    /// Whether names are taken as they are: see [`Draft::run_as_is`].
    pub(super) as_is: bool,
    changes: Changes,
}

impl Draft {
    /// Makes a draft on a state for a caller. `at` is the instant of the decision: what
    /// counts then decides.
    ///
    /// An entry is never earlier than the one before it. If a clock was wrong once and
    /// the last entry is in the future, the next one gets the last entry's time, and what
    /// ends before that time has not ended by it.
    #[must_use]
    pub fn new(state: State, by: Caller, at: Timestamp) -> Self {
        Self {
            at,
            stamp: at.max(state.at()),
            head: EntryHead::default(),
            origin: OriginNumber::default(),
            state,
            by,
            until: Expiry::NEVER,
            as_is: false,
            changes: Changes::default(),
        }
    }

    /// Limits the draft to a credential's end: credentials that it makes end then at the
    /// latest, and after it the draft refuses everything.
    #[must_use]
    pub fn with_end(self, until: Expiry) -> Self {
        Self { until, ..self }
    }

    /// The same for entries that are to have this head, see [`Draft::head`].
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if `on_behalf_of` or `approved_by` names a user that does not
    /// exist, or that the caller may not know of ([`Authority::known_user`]).
    pub fn with_head(mut self, head: &HeadRequest) -> Result<Self, Refusal> {
        let known = |field: &str, name: Option<&Ref>| {
            let Some(name) = name else { return Ok(None) };
            let number = self.authority().known_user(name);
            let user = number.and_then(|number| self.state.user(number));
            let user = user.ok_or_else(|| Refusal::invalid(field, "is no user"))?;
            Ok(Some(user.id))
        };
        self.head = EntryHead {
            origin: head.origin,
            on_behalf_of: known("on_behalf_of", head.on_behalf_of.as_ref())?,
            approved_by: known("approved_by", head.approved_by.as_ref())?,
        };
        self.changes.reason.clone_from(&head.reason);
        self.origin = self.state.origin_number(head.origin);
        Ok(self)
    }

    /// The head that its entries have.
    #[must_use]
    pub fn head(&self) -> EntryHead {
        self.head
    }

    /// Decides a command. After a refusal, the draft may have a part of the command's
    /// changes: it can tell what else would be refused, and must not be written.
    ///
    /// # Errors
    /// The refusal.
    pub fn run(&mut self, command: &Command) -> Result<(), Refusal> {
        if !self.until.is_live(self.at) {
            // A caller whose credential has ended has no access.
            return Err(Refusal::not_found(ROOT_KIND));
        }
        let had_admin = self.state.has_admin();
        match command {
            Command::CreateTenant {
                root,
                name,
                catalogue,
            } => self.create_tenant(*root, name, catalogue),
            Command::SetCatalogue { catalogue } => self.set_catalogue(catalogue),
            Command::SetRole { role } => self.set_role(role),
            Command::RemoveRole { name } => self.remove_role(name),
            Command::SetKind { kind } => self.set_kind(kind),
            Command::RemoveKind { name } => self.remove_kind(name),
            Command::AddIssuer { id, trust } => self.add_issuer(*id, trust),
            Command::ChangeIssuer { issuer, trust } => self.change_issuer(*issuer, trust),
            Command::RemoveIssuer { issuer } => self.remove_issuer(*issuer),
            Command::AddResource {
                id,
                kind,
                parent,
                number,
                key,
                name,
            } => self.add_resource(*id, kind, parent, *number, key.as_ref(), name),
            Command::ChangeResource {
                resource,
                name,
                key,
            } => self.change_resource(resource, name.as_ref(), key.as_ref()),
            Command::MoveResource { resource, parent } => self.move_resource(resource, parent),
            Command::RemoveResource { resource } => self.remove_resource(resource),
            Command::AddUser {
                id,
                number,
                key,
                profile,
                status,
                facts,
            } => self.add_user(*id, *number, key.as_ref(), profile, *status, facts),
            Command::ChangeUser {
                user,
                key,
                profile,
                status,
                facts,
            } => self.change_user(user, key.as_ref(), profile, *status, facts),
            Command::PutUser {
                id,
                user,
                key,
                profile,
                status,
                facts,
            } => self.put_user(*id, user, key.as_ref(), profile, *status, facts),
            Command::RemoveUser { user } => self.remove_user(user),
            Command::InviteUser {
                user,
                hash,
                expires_at,
            } => self.invite_user(user, *hash, *expires_at),
            Command::RevokeInvitation { user } => self.revoke_invitation(user),
            Command::AcceptInvitation { hash } => self.accept_invitation(hash),
            Command::AcceptBySignIn { issuer } => self.accept_by_sign_in(*issuer),
            Command::AddGroup {
                id,
                number,
                key,
                name,
            } => self.add_group(*id, *number, key.as_ref(), name),
            Command::ChangeGroup { group, name, key } => {
                self.change_group(group, name.as_ref(), key.as_ref())
            }
            Command::RemoveGroup { group } => self.remove_group(group),
            Command::AddGroupUser { group, user } => self.add_group_user(group, user),
            Command::RemoveGroupUser { group, user } => self.remove_group_user(group, user),
            Command::AddService {
                id,
                number,
                key,
                name,
            } => self.add_service(*id, *number, key.as_ref(), name),
            Command::ChangeService { service, name, key } => {
                self.change_service(service, name.as_ref(), key.as_ref())
            }
            Command::RemoveService { service } => self.remove_service(service),
            Command::CreateToken {
                id,
                service,
                hash,
                hint,
                expires_at,
            } => self.create_token(*id, service, *hash, hint, *expires_at),
            Command::RevokeToken { token } => self.revoke_token(*token),
            Command::AddMember {
                resource,
                user,
                expires_at,
            } => self.add_member(resource, user, *expires_at),
            Command::ChangeMember {
                resource,
                user,
                expires_at,
            } => self.change_member(resource, user, *expires_at),
            Command::RemoveMember { resource, user } => self.remove_member(resource, user),
            Command::SyncMembers {
                resource,
                users,
                expires_at,
                allow_mass_detach,
            } => self.sync_members(resource, users, *expires_at, *allow_mass_detach),
            Command::Grant { grant, expires_at } => self.grant(grant, *expires_at),
            Command::Revoke { grant } => self.revoke(grant),
            Command::Expire { most } => self.expire(*most),
        }?;
        if had_admin && !self.state.has_admin() {
            return Err(Refusal::LastAdmin);
        }
        Ok(())
    }

    /// Decides a command, and restores the draft if the command is refused. So other
    /// commands can be decided after it, and the accepted ones can be written.
    ///
    /// # Errors
    /// The refusal.
    pub fn try_run(&mut self, command: &Command) -> Result<(), Refusal> {
        let before = self.state.clone();
        let accepted = std::mem::take(&mut self.changes);
        let decided = self.run(command);
        let own = std::mem::replace(&mut self.changes, accepted);
        match &decided {
            Ok(()) => {
                self.changes.list.extend(own.list);
                self.changes.profiles.extend(own.profiles);
            }
            Err(_) => self.state = before,
        }
        decided
    }

    /// Decides a command whose names, keys and profiles are taken as they are spelled, to
    /// restore what an older version stored. Keys must still be unique.
    ///
    /// # Errors
    /// See [`Draft::run`].
    pub fn run_as_is(&mut self, command: &Command) -> Result<(), Refusal> {
        self.as_is = true;
        let decided = self.run(command);
        self.as_is = false;
        decided
    }

    /// Returns the state after the commands so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the number of changes by the commands so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.list.len()
    }

    /// Returns whether the commands so far change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the changes, the state after them (still at the revision before), and the
    /// time of the entry.
    #[must_use]
    pub fn finish(self) -> (Changes, State, Timestamp) {
        (self.changes, self.state, self.stamp)
    }

    /// Takes the changes so far, and continues: a long draft becomes several entries.
    pub fn take_changes(&mut self) -> Changes {
        // Growing copies, and the next part is about as long.
        let next = Changes {
            list: Vec::with_capacity(self.changes.list.len()),
            reason: self.changes.reason.clone(),
            ..Changes::default()
        };
        std::mem::replace(&mut self.changes, next)
    }

    /// Applies and records a change.
    pub(super) fn push(&mut self, change: Change) {
        let stamp = crate::state::Stamp {
            at: self.stamp,
            actor: self.by.actor,
            origin: self.origin,
        };
        self.state
            .apply_change(&change, &self.changes.profiles, stamp);
        self.changes.list.push(change);
    }

    /// Applies and records a user's profile.
    pub(super) fn push_profile(&mut self, user: UserId, profile: &Profile) {
        self.changes.profiles.insert(user, profile.clone());
        self.push(Change::UserProfileSet { user });
    }

    /// Returns the view that is decided on: of the instant of the command.
    pub(super) fn view(&self) -> View<'_> {
        self.state.view(self.at)
    }

    /// Returns the caller's authority. The changes so far count.
    pub(super) fn authority(&self) -> Authority<'_> {
        Authority::new(&self.by, &self.state, self.at)
    }

    /// As [`Authority::see`].
    pub(super) fn see(&self, resource: &Locator) -> Result<Node, Refusal> {
        self.authority().see(self.view(), resource)
    }

    /// As [`Authority::authorize`].
    pub(super) fn authorize(&self, resource: &Locator, what: &str) -> Result<Node, Refusal> {
        self.authority().authorize(self.view(), resource, what)
    }

    /// As [`Authority::authorize_either`].
    pub(super) fn authorize_either(
        &self,
        resource: &Locator,
        either: [&str; 2],
    ) -> Result<Node, Refusal> {
        self.authority()
            .authorize_either(self.view(), resource, either)
    }

    /// Checks the permission to do `what` in the tenant as a whole, where users, groups
    /// and services are managed. A refusal always names the permission, also for callers
    /// that do not see the root, since every caller knows that it exists.
    pub(super) fn authorize_root(&self, what: &str) -> Result<(), Refusal> {
        let is_there = self.state.node(Tree::ROOT).is_some();
        if !is_there || self.authority().power() == Power::Nothing {
            return Err(Refusal::not_found(ROOT_KIND));
        }
        self.authority().authorize_tenant(what)
    }

    pub(super) fn user(&self, reference: &Ref) -> Result<UserNumber, Refusal> {
        let found = self.state.find_user(reference);
        found.ok_or(Refusal::Unknown {
            field: "user",
            what: "user",
        })
    }

    /// Returns a user. `None` if it does not exist and the caller may not learn that,
    /// since it may not list the tenant's users. Then a command must answer as for a user
    /// who is attached to nothing.
    pub(super) fn user_if_told(&self, reference: &Ref) -> Result<Option<UserNumber>, Refusal> {
        match self.user(reference) {
            Ok(user) => Ok(Some(user)),
            Err(unknown) if self.may_list("users.list") => Err(unknown),
            Err(_) => Ok(None),
        }
    }

    /// Returns whether the caller may list the users, groups or services of the tenant
    /// (`users.list`, `groups.list`, `services.list`), and so may learn that a name is
    /// unknown.
    pub(super) fn may_list(&self, what: &str) -> bool {
        let may = self.authority().authorize_tenant(what);
        may.is_ok()
    }

    pub(super) fn group(&self, reference: &Ref) -> Result<GroupNumber, Refusal> {
        let found = self.state.find_group(reference);
        found.ok_or(Refusal::Unknown {
            field: "group",
            what: "group",
        })
    }

    pub(super) fn service(&self, reference: &Ref) -> Result<ServiceNumber, Refusal> {
        let found = self.state.find_service(reference);
        found.ok_or(Refusal::Unknown {
            field: "service",
            what: "service",
        })
    }
}
