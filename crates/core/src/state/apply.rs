//! What each change does to a state.
//!
//! Nothing here refuses or decides. A change that speaks of what is not there
//! does nothing, so that applying the same entries always gives the same state.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::givers::OriginNumber;
use super::{GroupNode, ServiceNode, State, Tree, UserNode};
use crate::caller::Actor;
use crate::catalogue::{ROOT_KIND, RoleName};
use crate::change::Change;
use crate::entry::Entry;
use crate::focus::DatedChange;
use crate::id::{EntryId, Node, ResourceId, ResourceNumber, Revision, UserId, UserNumber};
use crate::model::{
    Creation, Grant, GrantKey, Group, GroupUser, Invitation, Issuer, Membership, Parameters,
    Profile, Resource, Service, Status, SubjectId, Token, User,
};
use crate::origin::Origin;
use crate::time::Timestamp;

/// Who, when and through which door: what the changes of one entry share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) at: Timestamp,
    pub(crate) actor: Actor,
    pub(crate) origin: OriginNumber,
}

impl State {
    /// Apply the entry that follows. Entries must come in the order of their
    /// revisions, without a gap; whoever reads the log sees to that.
    pub fn apply(&mut self, entry: &Entry) {
        let stamp = Stamp {
            at: entry.at,
            actor: entry.actor,
            origin: self.origin_number(entry.head.origin),
        };
        for change in &entry.changes.list {
            self.apply_change(change, &entry.changes.profiles, stamp);
        }
        self.advance(entry);
    }

    /// The number of an origin, which is given one if it has none yet.
    pub(crate) fn origin_number(&mut self, origin: Origin) -> OriginNumber {
        self.givers.origin(origin)
    }

    /// Take an entry's place in the log without applying it: its changes were
    /// applied as they were decided.
    pub fn advance(&mut self, entry: &Entry) {
        self.revision = entry.revision;
        self.last_entry = Some(entry.id);
        self.at = self.at.max(entry.at);
    }

    /// Apply a change of an entry whose other changes may not be applied: see
    /// [`focus`](crate::focus). A new membership gets the number that it had.
    pub(crate) fn apply_alone(&mut self, dated: &DatedChange, stamp: Stamp) {
        if let Some(number) = dated.membership {
            self.memberships.next_is(number);
        }
        let mut profiles = BTreeMap::new();
        if let (Change::UserProfileSet { user }, Some(profile)) = (&dated.change, &dated.profile) {
            profiles.insert(*user, profile.clone());
        }
        self.apply_change(&dated.change, &profiles, stamp);
    }

    /// Take the place of an entry in the log, of which not all that came before was applied.
    pub(crate) fn stand_at(&mut self, revision: Revision, last_entry: EntryId, at: Timestamp) {
        self.revision = revision;
        self.last_entry = Some(last_entry);
        self.at = at;
    }

    pub(crate) fn apply_change(
        &mut self,
        change: &Change,
        profiles: &BTreeMap<UserId, Profile>,
        stamp: Stamp,
    ) {
        match change {
            Change::TenantCreated { root, name, .. } => {
                if let Some(kind) = self.kind_index(ROOT_KIND)
                    && self.tree.len() == 0
                {
                    let resource = Resource {
                        id: *root,
                        kind: ROOT_KIND.into(),
                        number: ResourceNumber(1),
                        key: None,
                        name: name.clone(),
                        created_at: stamp.at,
                        created_by: self.givers.note(stamp.actor, stamp.origin),
                    };
                    self.tree.add(kind, None, resource);
                }
            }
            Change::CatalogueSet { catalogue, .. } => {
                let creation = self.creation(stamp);
                Arc::make_mut(&mut self.vocabulary).set((**catalogue).clone(), Some(creation));
            }
            Change::CatalogueChanged { difference, .. } => {
                let creation = self.creation(stamp);
                Arc::make_mut(&mut self.vocabulary).change(difference, creation);
            }
            Change::IssuerAdded { issuer, trust } => {
                let added = Issuer {
                    id: *issuer,
                    trust: (**trust).clone(),
                    created_at: stamp.at,
                    created_by: self.givers.note(stamp.actor, stamp.origin),
                };
                self.issuers.insert(*issuer, Arc::new(added));
            }
            Change::IssuerChanged { issuer, trust } => {
                if let Some(found) = self.issuers.get_mut(issuer) {
                    Arc::make_mut(found).trust = (**trust).clone();
                }
            }
            Change::IssuerRemoved { issuer } => {
                self.issuers.remove(issuer);
            }
            Change::ResourceAdded {
                resource,
                kind,
                number,
                key,
                name,
                parent,
            } => {
                if let (Some(index), Some(parent)) =
                    (self.kind_index(kind.as_str()), self.tree.by_id(parent.0))
                {
                    let resource = Resource {
                        id: *resource,
                        kind: self.shared_name(index, kind),
                        number: *number,
                        key: key.clone(),
                        name: name.clone(),
                        created_at: stamp.at,
                        created_by: self.givers.note(stamp.actor, stamp.origin),
                    };
                    self.tree.add(index, Some(parent), resource);
                }
            }
            Change::ResourceChanged {
                resource,
                name,
                key,
            } => {
                if let Some(node) = self.tree.by_id(resource.0) {
                    self.tree.change(node, |resource| {
                        resource.name = name.clone();
                        resource.key.clone_from(key);
                    });
                }
            }
            Change::ResourceMoved { resource, parent } => {
                if let (Some(node), Some(parent)) =
                    (self.tree.by_id(resource.0), self.tree.by_id(parent.0))
                {
                    self.tree.move_to(node, parent);
                }
            }
            Change::ResourceRemoved { resource } => {
                if let Some(node) = self.tree.by_id(resource.0) {
                    self.tree.remove(node);
                    self.note_large(node);
                }
            }
            Change::UserAdded {
                user,
                number,
                key,
                status,
                facts,
            } => self.add_user(
                stamp,
                User {
                    id: *user,
                    number: *number,
                    key: key.clone(),
                    profile: Profile::default(),
                    status: *status,
                    facts: facts.clone(),
                    created_at: stamp.at,
                    created_by: stamp.actor,
                    updated_at: stamp.at,
                    updated_by: stamp.actor,
                },
            ),
            Change::UserProfileSet { user } => {
                let profile = profiles.get(user).cloned().unwrap_or_default();
                self.change_user(*user, stamp, |user| user.profile = profile);
            }
            Change::UserChanged { user, key, facts } => {
                self.change_user(*user, stamp, |user| {
                    user.key.clone_from(key);
                    user.facts = facts.clone();
                });
            }
            Change::UserStatusChanged { user, status } => {
                self.change_user(*user, stamp, |user| user.status = *status);
                if let Some(number) = self.users.number_of(user.0)
                    && *status != Status::Invited
                {
                    self.take_invitation(number);
                }
            }
            Change::UserInvited {
                user,
                hash,
                expires_at,
            } => {
                if let Some(user) = self.users.number_of(user.0) {
                    self.put_invitation(Invitation {
                        user,
                        hash: *hash,
                        created_at: stamp.at,
                        created_by: stamp.actor,
                        expires_at: *expires_at,
                    });
                }
            }
            Change::InvitationRevoked { user } => {
                if let Some(number) = self.users.number_of(user.0) {
                    self.take_invitation(number);
                }
            }
            Change::InvitationAccepted { user, .. } => {
                self.change_user(*user, stamp, |user| {
                    user.status = Status::Active;
                    user.facts.first_login = false;
                });
                if let Some(number) = self.users.number_of(user.0) {
                    self.take_invitation(number);
                }
            }
            Change::UserRemoved { user } => {
                if let Some(number) = self.users.number_of(user.0) {
                    if let Some(user) = self.users.get(number).map(|row| row.user.clone()) {
                        self.forget_email(&user);
                        self.forget_external_id(&user);
                    }
                    self.unseat_everywhere(number);
                    self.take_invitation(number);
                    self.memberships.forget_user(number);
                    self.users.remove(number);
                    self.note_large(Tree::ROOT);
                }
            }
            Change::GroupAdded {
                group,
                number,
                key,
                name,
            } => self.groups.insert(GroupNode::from(Group {
                id: *group,
                number: *number,
                key: key.clone(),
                name: name.clone(),
                created_at: stamp.at,
                created_by: self.givers.note(stamp.actor, stamp.origin),
            })),
            Change::GroupChanged { group, name, key } => {
                if let Some(number) = self.groups.number_of(group.0) {
                    self.groups.update(number, |node| {
                        let group = Arc::make_mut(&mut node.group);
                        group.name = name.clone();
                        group.key.clone_from(key);
                    });
                }
            }
            Change::GroupRemoved { group } => {
                if let Some(number) = self.groups.number_of(group.0) {
                    self.groups.remove(number);
                }
            }
            Change::GroupUserAdded { group, user } => {
                if let (Some(group), Some(user)) =
                    (self.groups.number_of(group.0), self.users.number_of(user.0))
                {
                    if let Some(node) = self.groups.get_mut(group) {
                        node.users.insert(user, ());
                    }
                    let by = self.givers.note(stamp.actor, stamp.origin);
                    if let Some(node) = self.users.get_mut(user)
                        && !node.groups.contains(&group)
                    {
                        let given = GroupUser::new(stamp.at, by);
                        node.groups.insert(group, given);
                    }
                }
            }
            Change::GroupUserRemoved { group, user } => {
                if let (Some(group), Some(user)) =
                    (self.groups.number_of(group.0), self.users.number_of(user.0))
                {
                    if let Some(node) = self.groups.get_mut(group) {
                        node.users.remove(&user);
                    }
                    if let Some(node) = self.users.get_mut(user) {
                        node.groups.remove(&group);
                    }
                }
            }
            Change::ServiceAdded {
                service,
                number,
                key,
                name,
            } => self.services.insert(ServiceNode::from(Service {
                id: *service,
                number: *number,
                key: key.clone(),
                name: name.clone(),
                created_at: stamp.at,
                created_by: self.givers.note(stamp.actor, stamp.origin),
            })),
            Change::ServiceChanged { service, name, key } => {
                if let Some(number) = self.services.number_of(service.0) {
                    self.services.update(number, |node| {
                        let service = Arc::make_mut(&mut node.service);
                        service.name = name.clone();
                        service.key.clone_from(key);
                    });
                }
            }
            Change::ServiceRemoved { service } => {
                if let Some(number) = self.services.number_of(service.0) {
                    self.services.remove(number);
                }
            }
            Change::TokenCreated {
                token,
                service,
                hash,
                hint,
                expires_at,
            } => {
                if let Some(service) = self.services.number_of(service.0) {
                    let created_by = self.givers.note(stamp.actor, stamp.origin);
                    self.put_token(Token {
                        id: *token,
                        service,
                        hash: *hash,
                        hint: hint.clone(),
                        created_at: stamp.at,
                        created_by,
                        expires_at: (*expires_at).into(),
                    });
                }
            }
            Change::TokenRevoked { token } => {
                if let Some(token) = self.tokens.remove(token) {
                    self.tokens_by_hash.remove(&token.hash);
                    if let Some(node) = self.services.get_mut(token.service) {
                        node.tokens.remove(&token.id);
                    }
                }
            }
            Change::MemberAdded {
                resource,
                user,
                expires_at,
            } => {
                if let Some((node, user)) = self.place(*resource, *user) {
                    let by = self.givers.note(stamp.actor, stamp.origin);
                    let number = self.memberships.give(node, user);
                    let membership = Membership::new(number, stamp.at, (*expires_at).into(), by);
                    self.put_member(node, user, membership);
                }
            }
            Change::MemberChanged {
                resource,
                user,
                expires_at,
            } => {
                if let Some((node, user)) = self.place(*resource, *user)
                    && let Some(found) = self.tree.get(node).and_then(|n| n.members.get(&user))
                {
                    let membership = found.until((*expires_at).into());
                    self.put_member(node, user, membership);
                    self.memberships.note_change(user, membership, stamp.at);
                }
            }
            Change::MemberRemoved { resource, user } | Change::MemberExpired { resource, user } => {
                if let Some((node, user)) = self.place(*resource, *user) {
                    self.take_member(node, user);
                }
            }
            Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                expires_at,
            } => {
                if let Some((node, key)) = self.grant_key(*resource, *subject, role, parameters) {
                    let found = self.tree.get(node).and_then(|n| n.grants.get(&key));
                    let until = (*expires_at).into();
                    let grant = match found {
                        Some(found) => found.until(until),
                        None => {
                            Grant::new(stamp.at, until, self.givers.note(stamp.actor, stamp.origin))
                        }
                    };
                    let subject = key.subject;
                    self.put_grant(node, key, grant);
                    self.note_roles_changed(node, subject, stamp.at);
                }
            }
            Change::RoleRevoked {
                resource,
                subject,
                role,
                parameters,
            }
            | Change::GrantExpired {
                resource,
                subject,
                role,
                parameters,
            } => {
                if let Some((node, key)) = self.grant_key(*resource, *subject, role, parameters) {
                    self.take_grant(node, &key);
                    // A role that ended by itself had ended before this says so.
                    if matches!(change, Change::RoleRevoked { .. }) {
                        self.note_roles_changed(node, key.subject, stamp.at);
                    }
                }
            }
        }
    }

    fn creation(&mut self, stamp: Stamp) -> Creation {
        Creation {
            at: stamp.at,
            by: self.givers.note(stamp.actor, stamp.origin),
        }
    }

    fn add_user(&mut self, stamp: Stamp, user: User) {
        let number = user.number;
        let added_by = self.givers.note(stamp.actor, stamp.origin);
        self.note_external_id(&user);
        self.users.insert(UserNode::new(Arc::new(user), added_by));
        self.seat(Tree::ROOT, number);
    }

    fn change_user(&mut self, user: UserId, stamp: Stamp, change: impl FnOnce(&mut User)) {
        let Some(number) = self.users.number_of(user.0) else {
            return;
        };
        let user = |state: &Self| state.users.get(number).map(|row| row.user.clone());
        let old = user(self);
        if let Some(old) = &old {
            self.forget_email(old);
        }
        self.unseat_everywhere(number);
        self.users.update(number, |node| {
            let user = Arc::make_mut(&mut node.user);
            change(user);
            user.updated_at = stamp.at;
            user.updated_by = stamp.actor;
        });
        self.seat_everywhere(number);
        if let Some(new) = user(self) {
            self.note_email(&new);
            let old = old.filter(|old| old.facts.external_auth_id != new.facts.external_auth_id);
            if let Some(old) = old {
                self.forget_external_id(&old);
                self.note_external_id(&new);
            }
        }
    }

    fn place(&self, resource: ResourceId, user: UserId) -> Option<(Node, UserNumber)> {
        Some((self.tree.by_id(resource.0)?, self.users.number_of(user.0)?))
    }

    fn grant_key(
        &self,
        resource: ResourceId,
        subject: SubjectId,
        role: &RoleName,
        parameters: &Parameters,
    ) -> Option<(Node, GrantKey)> {
        let key = GrantKey {
            subject: self.subject(subject)?,
            role: self.role_index(role.as_str())?,
            parameters: parameters.clone(),
        };
        Some((self.tree.by_id(resource.0)?, key))
    }
}
