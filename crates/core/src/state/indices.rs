//! Memberships, grants and tokens, put and taken with the indices that find them.

use super::{Expiring, State, Tree};
use crate::id::{Node, UserNumber};
use crate::model::{Grant, GrantKey, Membership, Parameters, Subject, Token, User};
use crate::time::Expiry;

impl State {
    pub(super) fn put_token(&mut self, token: Token) {
        if let Some(node) = self.services.get_mut(token.service) {
            node.tokens.insert(token.id, ());
        }
        self.tokens_by_hash.insert(token.hash, token.id);
        self.tokens.insert(token.id, token);
    }

    /// Find a user by its e-mail address from here on, if it is verified.
    pub(super) fn note_email(&mut self, user: &User) {
        self.verified_emails.extend(verified(user));
    }

    pub(super) fn forget_email(&mut self, user: &User) {
        if let Some(email) = verified(user) {
            self.verified_emails.remove(&email);
        }
    }

    pub(super) fn put_member(&mut self, node: Node, user: UserNumber, membership: Membership) {
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.members.get(&user).copied();
        found.members.insert(user, membership);
        self.forget_expiry(
            old.map(|old| old.expires_at),
            Expiring::Membership(node, user),
        );
        self.note_expiry(membership.expires_at, Expiring::Membership(node, user));
        if old.is_none()
            && let Some(user) = self.users.get_mut(user)
        {
            user.resources.insert(node, ());
        }
    }

    pub(super) fn take_member(&mut self, node: Node, user: UserNumber) {
        let Some(found) = self.tree.get_mut(node) else {
            return;
        };
        let old = found.members.remove(&user);
        self.forget_expiry(
            old.map(|old| old.expires_at),
            Expiring::Membership(node, user),
        );
        if let Some(user) = self.users.get_mut(user) {
            user.resources.remove(&node);
        }
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
        self.forget_expiry(old.map(|old| old.expires_at), expiring.clone());
        self.note_expiry(grant.expires_at, expiring);
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
            old.map(|old| old.expires_at),
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
            if grant.is_some_and(|grant| grant.expires_at == Expiry::NEVER) {
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

/// How a user is found by its e-mail address, if it is verified.
fn verified(user: &User) -> Option<(Box<str>, UserNumber)> {
    let email = user
        .profile
        .email
        .as_ref()
        .filter(|_| user.facts.email_verified)?;
    Some((email.as_str().to_ascii_lowercase().into(), user.number))
}
