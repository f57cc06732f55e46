//! May this caller ask that here? The gate before every question and command.

use super::Sight;
use super::power::Power;
use crate::caller::Caller;
use crate::catalogue::{KindName, Pattern, ROOT_KIND};
use crate::id::Node;
use crate::model::{Parameters, Subject};
use crate::reference::Locator;
use crate::refusal::Refusal;
use crate::state::{State, Tree};
use crate::time::Timestamp;

impl State {
    /// Whether a caller may hold a permission on any resource. `false` only for one who
    /// was granted nothing, itself or through a group, and is attached to nothing.
    /// Cheap.
    #[must_use]
    pub fn may_hold_something(&self, by: &Caller) -> bool {
        let subject = match self.power(by) {
            Power::All => return true,
            Power::Of(subject) => subject,
            Power::Nothing => return false,
        };
        match subject {
            Subject::User(number) => self.user_node(number).is_some_and(|row| {
                let nothing =
                    row.resources.is_empty() && row.granted.is_empty() && row.groups.is_empty();
                // What members of the root may, every user may.
                let root = self.catalogue().and_then(|it| it.kind(ROOT_KIND));
                !nothing || root.is_none_or(|root| !root.members_may.is_empty())
            }),
            Subject::Group(_) => true,
            Subject::Service(number) => self
                .service_node(number)
                .is_some_and(|row| !row.granted.is_empty()),
        }
    }

    /// Whether a caller holds a permission on a resource.
    #[must_use]
    pub fn holds(&self, by: &Caller, permission: &Pattern, node: Node, at: Timestamp) -> bool {
        match self.power(by) {
            Power::All => true,
            Power::Of(subject) => self
                .access(subject, permission, node, &Parameters::none(), at)
                .is_allowed(),
            Power::Nothing => false,
        }
    }

    /// Whether a caller sees a resource: [`State::sees`].
    fn knows(&self, by: &Caller, node: Node, at: Timestamp) -> bool {
        match self.power(by) {
            Power::All => true,
            Power::Of(subject) => self.sees(subject, node, at),
            Power::Nothing => false,
        }
    }

    /// Whether a caller sees all that a locator names above the resource that it found. A
    /// resource that the caller does not see is as unknown to it as one that is not there.
    fn knows_above(&self, by: &Caller, locator: &Locator, found: Node, at: Timestamp) -> bool {
        let mut named = std::iter::successors(locator.under.as_deref(), |it| it.under.as_deref());
        // The names were compared with these when it was found.
        let mut above = self.up(found).skip(1);
        named.all(|_| {
            let above = above.next();
            above.is_some_and(|(node, _)| self.knows(by, node, at))
        })
    }

    /// The resource that a caller means, if the caller sees it, and what the locator
    /// names above it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not there or the caller does not see it.
    pub fn see(&self, by: &Caller, locator: &Locator, at: Timestamp) -> Result<Node, Refusal> {
        let known =
            |node: &Node| self.knows(by, *node, at) && self.knows_above(by, locator, *node, at);
        let found = self.find(locator).filter(known);
        found.ok_or_else(|| not_found(locator))
    }

    /// The resource that a caller means, if the caller may do `what` there,
    /// such as `users.list`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the caller does not see it, or not what the locator names
    /// above it, [`Refusal::Forbidden`] if the caller sees it and lacks the permission.
    pub fn authorize(
        &self,
        by: &Caller,
        locator: &Locator,
        what: &str,
        at: Timestamp,
    ) -> Result<Node, Refusal> {
        // The permission is of the kind's own family, so that its holders see the
        // resource: nearly all callers are answered by one look.
        let found = self.find(locator);
        if let Some(node) = found.filter(|node| self.knows_above(by, locator, *node, at)) {
            let permission = self.permission_for(node, what);
            if self.holds(by, &permission, node, at) {
                return Ok(node);
            }
            if self.knows(by, node, at) {
                return Err(Refusal::Forbidden { permission });
            }
        }
        Err(not_found(locator))
    }

    /// The same for a caller that may do one of two things there. The first is what it
    /// is told that it lacks.
    ///
    /// # Errors
    /// See [`State::authorize`].
    pub(crate) fn authorize_either(
        &self,
        by: &Caller,
        locator: &Locator,
        [one, other]: [&str; 2],
        at: Timestamp,
    ) -> Result<Node, Refusal> {
        let lacks_one = match self.authorize(by, locator, one, at) {
            Ok(node) => return Ok(node),
            Err(refusal) => refusal,
        };
        self.authorize(by, locator, other, at)
            .map_err(|_| lacks_one)
    }

    /// Whether a caller may do `what` in the tenant as a whole, such as
    /// `users.list`. Everybody knows that its own tenant is there.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it lacks the permission.
    pub fn authorize_tenant(&self, by: &Caller, what: &str, at: Timestamp) -> Result<(), Refusal> {
        let permission = KindName::from(ROOT_KIND).permission(what);
        match self.holds(by, &permission, Tree::ROOT, at) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }

    /// The same for a question about a subject. About itself everybody may ask.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it is another and the caller lacks the permission.
    pub fn authorize_about(
        &self,
        by: &Caller,
        about: Option<Subject>,
        what: &str,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        match self.power(by) {
            Power::Of(own) if Some(own) == about => Ok(()),
            _ => self.authorize_tenant(by, what, at),
        }
    }

    /// The same, with the resources that the answer may tell of: those that the
    /// caller sees, and every resource for a caller that may ask about
    /// everybody, since that is what the permission is for.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it is another and the caller lacks the permission.
    pub fn sight_about(
        &self,
        by: &Caller,
        about: Option<Subject>,
        what: &str,
        at: Timestamp,
    ) -> Result<Sight<'_>, Refusal> {
        if self.authorize_tenant(by, what, at).is_ok() {
            return Ok(self.sight_of_all(at));
        }
        self.authorize_about(by, about, what, at)?;
        Ok(self.sight(by, at))
    }

    /// The same for a question that only those who are attached to the
    /// resource may ask, and services. Only who may do it everywhere learns
    /// that a resource is not there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] to a caller that may do it on all resources,
    /// [`Refusal::Forbidden`] to every other.
    pub fn authorize_attached(
        &self,
        by: &Caller,
        locator: &Locator,
        what: &str,
        at: Timestamp,
    ) -> Result<Node, Refusal> {
        let kind = locator.kind.clone().unwrap_or_else(|| ROOT_KIND.into());
        let permission = kind.permission(what);
        let everywhere = self.holds(by, &permission, Tree::ROOT, at);
        let allowed = |node: &Node| match self.power(by) {
            Power::All => true,
            Power::Of(Subject::User(user)) => {
                self.is_member(*node, user, at) && self.holds(by, &permission, *node, at)
            }
            Power::Of(_) => self.holds(by, &permission, *node, at),
            Power::Nothing => false,
        };
        let found = self.find(locator);
        match found.filter(|node| self.knows_above(by, locator, *node, at)) {
            Some(node) if allowed(&node) => Ok(node),
            None if everywhere => Err(Refusal::not_found(kind.as_str())),
            _ => Err(Refusal::Forbidden { permission }),
        }
    }

    /// Whether a caller may read the catalogue: kinds, roles and permissions are
    /// no resource, and known to all who hold any permission on the root.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the caller holds nothing on the root.
    pub fn authorize_catalogue(&self, by: &Caller, at: Timestamp) -> Result<(), Refusal> {
        let holds = match self.power(by) {
            Power::All => self.node(Tree::ROOT).is_some(),
            Power::Of(subject) => self.holds_anything(subject, Tree::ROOT, at),
            Power::Nothing => false,
        };
        match holds {
            true => Ok(()),
            false => Err(Refusal::not_found(ROOT_KIND)),
        }
    }

    /// Whether a caller holds the permission `*` on the root: what choosing an issuer or
    /// changing the catalogue takes.
    ///
    /// # Errors
    /// As [`State::authorize_catalogue`]; [`Refusal::Forbidden`] if it lacks the permission.
    pub fn authorize_everything(&self, by: &Caller, at: Timestamp) -> Result<(), Refusal> {
        self.authorize_catalogue(by, at)?;
        let permission = Pattern::everything();
        match self.holds(by, &permission, Tree::ROOT, at) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }

    /// The permission to do `what` on a resource.
    #[must_use]
    pub fn permission_for(&self, node: Node, what: &str) -> Pattern {
        let kind = self.resource(node).map(|resource| resource.kind.clone());
        kind.unwrap_or_else(|| ROOT_KIND.into()).permission(what)
    }
}

fn not_found(locator: &Locator) -> Refusal {
    let kind = locator.kind.as_ref().map(KindName::as_str);
    Refusal::not_found(kind.unwrap_or("resource"))
}
