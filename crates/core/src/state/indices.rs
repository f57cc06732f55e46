//! Memberships, grants and tokens, put and taken with the indices that find them.

use super::index::hash;
use super::{Expiring, State, Tree};
use crate::id::{Node, UserNumber};
use crate::model::{Grant, GrantKey, Invitation, Membership, Parameters, Subject, Token, User};
use crate::time::Expiry;

impl State {
    pub(super) fn put_token(&mut self, token: Token) {
        if let Some(node) = self.services.get_mut(token.service) {
            node.tokens.insert(token.id, ());
        }
        self.tokens_by_hash.insert(token.hash, token.id);
        self.tokens.insert(token.id, token);
    }

    pub(super) fn put_invitation(&mut self, invitation: Invitation) {
        self.take_invitation(invitation.user);
        self.invitations_by_hash
            .insert(invitation.hash, invitation.user);
        self.invitations.insert(invitation.user, invitation);
    }

    pub(super) fn take_invitation(&mut self, user: UserNumber) {
        if let Some(old) = self.invitations.remove(&user) {
            self.invitations_by_hash.remove(&old.hash);
        }
    }

    /// Find a user by its e-mail address from here on, if it is verified.
    pub(super) fn note_email(&mut self, user: &User) {
        if let Some(hash) = verified(user) {
            self.verified_emails.insert(hash, user.number.0);
        }
    }

    /// Find a user by its id at an identity provider from here on.
    pub(super) fn note_external_id(&mut self, user: &User) {
        if let Some(hash) = external(user) {
            self.external_ids.insert(hash, user.number.0);
        }
    }

    /// Find all users by what credentials find them by.
    pub(super) fn find_all_by_credentials(&mut self) {
        let users = || self.users.iter().map(|row| &*row.user);
        let emails = users().filter_map(|user| Some((verified(user)?, user.number.0)));
        let external = users().filter_map(|user| Some((external(user)?, user.number.0)));
        let (emails, external) = (emails.collect(), external.collect());
        (self.verified_emails, self.external_ids) = (emails, external);
    }

    pub(super) fn forget_email(&mut self, user: &User) {
        if let Some(hash) = verified(user) {
            self.verified_emails.remove(hash, user.number.0);
        }
    }

    pub(super) fn forget_external_id(&mut self, user: &User) {
        if let Some(hash) = external(user) {
            self.external_ids.remove(hash, user.number.0);
        }
    }

    pub(super) fn put_member(&mut self, node: Node, user: UserNumber, membership: Membership) {
        self.unseat(node, user);
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.members.get(&user).copied();
        found.members.insert(user, membership);
        let replaced = old.and_then(Membership::number);
        if let Some(replaced) = replaced.filter(|_| replaced != membership.number()) {
            self.memberships.retire(replaced);
        }
        self.forget_expiry(
            old.map(|old| old.expires_at()),
            Expiring::Membership(node, user),
        );
        self.note_expiry(membership.expires_at(), Expiring::Membership(node, user));
        if old.is_none()
            && let Some(row) = self.users.get_mut(user)
        {
            row.resources.insert(node, ());
        }
        self.seat(node, user);
    }

    pub(super) fn take_member(&mut self, node: Node, user: UserNumber) {
        self.unseat(node, user);
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.members.remove(&user);
        if let Some(number) = old.and_then(Membership::number) {
            self.memberships.retire(number);
        }
        self.forget_expiry(
            old.map(|old| old.expires_at()),
            Expiring::Membership(node, user),
        );
        if let Some(row) = self.users.get_mut(user) {
            row.resources.remove(&node);
        }
        self.note_large(node);
    }

    pub(super) fn put_grant(&mut self, node: Node, key: GrantKey, grant: Grant) {
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.grants.get(&key).copied();
        found.grants.insert(key.clone(), grant);
        self.note_admin(node, &key, Some(grant));
        if old.is_none() {
            self.note_granted(node, key.subject, true);
        }
        let expiring = Expiring::Grant(node, key);
        self.forget_expiry(old.map(|old| old.expires_at()), expiring.clone());
        self.note_expiry(grant.expires_at(), expiring);
    }

    pub(super) fn take_grant(&mut self, node: Node, key: &GrantKey) {
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.grants.remove(key);
        let others = found.grants_of(key.subject).next().is_some();
        self.note_admin(node, key, None);
        if !others {
            self.note_granted(node, key.subject, false);
        }
        self.forget_expiry(
            old.map(|old| old.expires_at()),
            Expiring::Grant(node, key.clone()),
        );
    }

    fn note_granted(&mut self, node: Node, subject: Subject, granted: bool) {
        let nodes = match subject {
            Subject::User(number) => self.users.get_mut(number).map(|row| &mut row.granted),
            Subject::Group(number) => self.groups.get_mut(number).map(|row| &mut row.granted),
            Subject::Service(number) => self.services.get_mut(number).map(|row| &mut row.granted),
        };
        match nodes {
            Some(nodes) if granted => nodes.insert(node, ()),
            Some(nodes) => {
                nodes.remove(&node);
            }
            None => {}
        }
    }

    fn note_admin(&mut self, node: Node, key: &GrantKey, grant: Option<Grant>) {
        if node == Tree::ROOT && Some(key.role) == self.admin_role() {
            if grant.is_some_and(|grant| grant.expires_at() == Expiry::NEVER) {
                self.admins.insert(key.subject, ());
            } else {
                self.admins.remove(&key.subject);
            }
        }
    }

    fn note_expiry(&mut self, expiry: Expiry, what: Expiring) {
        if let Some(at) = expiry.instant() {
            self.expiring.insert((at, what));
        }
    }

    fn forget_expiry(&mut self, expiry: Option<Expiry>, what: Expiring) {
        if let Some(at) = expiry.and_then(Expiry::instant) {
            self.expiring.remove(&(at, what));
        }
    }
}

impl GrantKey {
    /// Where a subject's grants begin.
    pub(crate) fn first(subject: Subject) -> Self {
        Self {
            subject,
            role: super::RoleIndex(0),
            parameters: Parameters::none(),
        }
    }
}

/// How a user is found by its id at an identity provider.
fn external(user: &User) -> Option<u64> {
    let id = user.facts.external_auth_id.as_ref()?;
    Some(hash(id.meaning()))
}

/// How a user is found by its e-mail address, if it is verified.
fn verified(user: &User) -> Option<u64> {
    let email = user.profile.email.as_ref();
    let email = email.filter(|_| user.facts.email_verified)?;
    Some(hash(email.canonical()))
}
