//! May this caller ask that here? The gate before every question and command.

use super::authority::{Authority, HISTORY, Place, Power};
use super::{Sight, View};
use crate::catalogue::{KindName, Pattern, ROOT_KIND};
use crate::id::Node;
use crate::model::Subject;
use crate::reference::Locator;
use crate::refusal::Refusal;
use crate::state::Tree;

impl<'a> Authority<'a> {
    /// Whether the caller may hold a permission on any resource. `false` only for a caller
    /// that was granted nothing, itself or through a group, and is attached to nothing. Cheap.
    #[must_use]
    pub fn may_hold_something(self) -> bool {
        let state = self.present.state;
        let subject = match self.power() {
            Power::All => return true,
            Power::Of(subject) => subject,
            Power::Nothing => return false,
        };
        match subject {
            Subject::User(number) => state.user_node(number).is_some_and(|row| {
                let nothing =
                    row.resources.is_empty() && row.granted.is_empty() && row.groups.is_empty();
                // What members of the root may, every user may.
                let root = state.catalogue().and_then(|it| it.kind(ROOT_KIND));
                !nothing || root.is_none_or(|root| !root.members_may.is_empty())
            }),
            Subject::Group(_) => true,
            Subject::Service(number) => state
                .service_node(number)
                .is_some_and(|row| !row.granted.is_empty()),
        }
    }

    /// Whether the caller holds a permission on a resource of the subject, and, of another
    /// time, may look back at the resource.
    #[must_use]
    pub fn holds(self, subject: View<'_>, permission: &Pattern, node: Node) -> bool {
        self.holds_now(subject, permission, node)
            && (!self.looks_back_at(subject) || self.holds_history(subject, node))
    }

    /// Whether the caller may look back at a resource of the subject.
    fn holds_history(self, subject: View<'_>, node: Node) -> bool {
        self.holds_now(subject, &subject.permission_for(node, HISTORY), node)
    }

    /// Whether the caller holds a permission where a resource of the subject stands in the
    /// present.
    fn holds_now(self, subject: View<'_>, permission: &Pattern, node: Node) -> bool {
        match self.power_over(subject) {
            Power::All => true,
            Power::Of(own) => {
                let place = self.place(subject, node);
                self.present.holds_at(own, permission, place)
            }
            Power::Nothing => false,
        }
    }

    /// Whether the caller holds a permission on the root.
    fn holds_on_root(self, permission: &Pattern) -> bool {
        match self.power() {
            Power::All => true,
            Power::Of(own) => {
                let root = Place::At(Tree::ROOT);
                self.present.holds_at(own, permission, root)
            }
            Power::Nothing => false,
        }
    }

    /// Whether the caller sees a resource of the subject: [`View::sees`], of the present.
    fn knows(self, subject: View<'_>, node: Node) -> bool {
        match self.power_over(subject) {
            Power::All => true,
            Power::Of(own) => match self.place(subject, node) {
                Place::At(node) => self.present.sees(own, node),
                Place::Gone => {
                    let gone = subject.state.resource(node);
                    gone.is_some_and(|it| self.present.sees_gone(own, &it.kind))
                }
            },
            Power::Nothing => false,
        }
    }

    /// Whether the caller sees all that a locator names above the resource that it found. A
    /// resource that the caller does not see is as unknown to it as one that is not there.
    fn knows_above(self, subject: View<'_>, locator: &Locator, found: Node) -> bool {
        let mut named = std::iter::successors(locator.under.as_deref(), |it| it.under.as_deref());
        // The names were compared with these when it was found.
        let mut above = subject.state.up(found).skip(1);
        named.all(|_| {
            let above = above.next();
            above.is_some_and(|(node, _)| self.knows(subject, node))
        })
    }

    /// Checks that the caller may look back at a resource of the subject that it sees, and at
    /// all that the locator names above it, if the subject is of another time.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it may not, with the first permission that it lacks.
    fn look_back(self, subject: View<'_>, locator: &Locator, found: Node) -> Result<(), Refusal> {
        if !self.looks_back_at(subject) {
            return Ok(());
        }
        let named = std::iter::successors(Some(locator), |it| it.under.as_deref());
        for ((node, _), _) in subject.state.up(found).zip(named) {
            if !self.holds_history(subject, node) {
                return Err(Refusal::Forbidden {
                    permission: subject.permission_for(node, HISTORY),
                });
            }
        }
        Ok(())
    }

    /// The same for a question of the whole tenant.
    fn look_back_at_tenant(self) -> Result<(), Refusal> {
        let permission = KindName::from(ROOT_KIND).permission(HISTORY);
        match !self.looks_back() || self.holds_on_root(&permission) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }

    /// The resource of the subject that the caller means, if the caller sees it, and what the
    /// locator names above it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not there or the caller does not see it,
    /// [`Refusal::Forbidden`] if the subject is of another time and the caller may not look
    /// back.
    pub fn see(self, subject: View<'_>, locator: &Locator) -> Result<Node, Refusal> {
        let known =
            |node: &Node| self.knows(subject, *node) && self.knows_above(subject, locator, *node);
        let found = subject.state.find(locator).filter(known);
        let node = found.ok_or_else(|| not_found(locator))?;
        self.look_back(subject, locator, node)?;
        Ok(node)
    }

    /// The resource of the subject that the caller means, if the caller may do `what` there,
    /// such as `users.list`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the caller does not see it, or not what the locator names
    /// above it, [`Refusal::Forbidden`] if the caller sees it and lacks the permission, or, of
    /// another time, may not look back.
    pub fn authorize(
        self,
        subject: View<'_>,
        locator: &Locator,
        what: &str,
    ) -> Result<Node, Refusal> {
        if self.looks_back_at(subject) {
            let node = self.see(subject, locator)?;
            let permission = subject.permission_for(node, what);
            return match self.holds_now(subject, &permission, node) {
                true => Ok(node),
                false => Err(Refusal::Forbidden { permission }),
            };
        }
        // The permission is of the kind's own family, so that its holders see the
        // resource: nearly all callers are answered by one look.
        let found = subject.state.find(locator);
        if let Some(node) = found.filter(|node| self.knows_above(subject, locator, *node)) {
            let permission = subject.permission_for(node, what);
            if self.holds_now(subject, &permission, node) {
                return Ok(node);
            }
            if self.knows(subject, node) {
                return Err(Refusal::Forbidden { permission });
            }
        }
        Err(not_found(locator))
    }

    /// As [`Authority::authorize`], for a caller that may do one of two things there. A caller
    /// that may do neither is told that it lacks the first.
    ///
    /// # Errors
    /// See [`Authority::authorize`].
    pub(crate) fn authorize_either(
        self,
        subject: View<'_>,
        locator: &Locator,
        [one, other]: [&str; 2],
    ) -> Result<Node, Refusal> {
        let lacks_one = match self.authorize(subject, locator, one) {
            Ok(node) => return Ok(node),
            Err(refusal) => refusal,
        };
        self.authorize(subject, locator, other)
            .map_err(|_| lacks_one)
    }

    /// Whether the caller may do `what` in the tenant as a whole, such as `users.list`.
    /// Everybody knows that its own tenant is there.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it lacks the permission, or may not look back.
    pub fn authorize_tenant(self, what: &str) -> Result<(), Refusal> {
        self.look_back_at_tenant()?;
        let permission = KindName::from(ROOT_KIND).permission(what);
        match self.holds_on_root(&permission) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }

    /// Whether the caller acts as a subject of the tenant.
    pub(super) fn is(self, subject: Subject) -> bool {
        matches!(self.power(), Power::Of(own) if own == subject)
    }

    /// As [`Authority::authorize_tenant`], for a question about a user, group or service. About
    /// itself every caller may ask. Numbers mean the same in all states of a tenant.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it is another and the caller lacks the permission.
    pub fn authorize_about(self, about: Option<Subject>, what: &str) -> Result<(), Refusal> {
        match self.power() {
            Power::Of(own) if Some(own) == about => Ok(()),
            _ => self.authorize_tenant(what),
        }
    }

    /// As [`Authority::authorize_about`], with the resources of the subject that the answer may
    /// tell of: those that the caller sees, and every resource for a caller that may ask about
    /// everybody, since that is what the permission is for.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it is another and the caller lacks the permission.
    pub fn sight_about(
        self,
        subject: View<'a>,
        about: Option<Subject>,
        what: &str,
    ) -> Result<Sight<'a>, Refusal> {
        let asks = match self.looks_back_at(subject) {
            true => self.about_another_time(),
            false => self,
        };
        if asks.authorize_tenant(what).is_ok() {
            return Ok(self.sight_of_all(subject));
        }
        asks.authorize_about(about, what)?;
        Ok(self.sight(subject))
    }

    /// As [`Authority::authorize`], for a question that only those who are attached to the
    /// resource may ask, and services. Only a caller that may do it everywhere learns that a
    /// resource is not there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] to a caller that may do it on all resources,
    /// [`Refusal::Forbidden`] to every other, and to one that may not look back.
    pub fn authorize_attached(
        self,
        subject: View<'_>,
        locator: &Locator,
        what: &str,
    ) -> Result<Node, Refusal> {
        let kind = locator.kind.clone().unwrap_or_else(|| ROOT_KIND.into());
        let permission = kind.permission(what);
        let everywhere = self.holds_on_root(&permission);
        let is_attached = |user, node: Node| match self.place(subject, node) {
            Place::At(node) => self.present.is_member(node, user),
            Place::Gone => false,
        };
        let allowed = |node: &Node| match self.power_over(subject) {
            Power::All => true,
            Power::Of(Subject::User(user)) => {
                is_attached(user, *node) && self.holds_now(subject, &permission, *node)
            }
            Power::Of(_) => self.holds_now(subject, &permission, *node),
            Power::Nothing => false,
        };
        let found = subject.state.find(locator);
        match found.filter(|node| self.knows_above(subject, locator, *node)) {
            Some(node) if allowed(&node) => {
                self.look_back(subject, locator, node)?;
                Ok(node)
            }
            None if everywhere => {
                let history = kind.permission(HISTORY);
                match !self.looks_back_at(subject) || self.holds_on_root(&history) {
                    true => Err(Refusal::not_found(kind.as_str())),
                    false => Err(Refusal::Forbidden {
                        permission: history,
                    }),
                }
            }
            _ => Err(Refusal::Forbidden { permission }),
        }
    }

    /// Whether the caller may read the catalogue: kinds, roles and permissions are
    /// no resource, and known to all who hold any permission on the root.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the caller holds nothing on the root, [`Refusal::Forbidden`] if
    /// it may not look back.
    pub fn authorize_catalogue(self) -> Result<(), Refusal> {
        let holds = match self.power() {
            Power::All => self.present.state.node(Tree::ROOT).is_some(),
            Power::Of(own) => self.present.holds_anything(own, Tree::ROOT),
            Power::Nothing => false,
        };
        match holds {
            true => self.look_back_at_tenant(),
            false => Err(Refusal::not_found(ROOT_KIND)),
        }
    }

    /// Whether the caller holds the permission `*` on the root: what choosing an issuer or
    /// changing the catalogue takes.
    ///
    /// # Errors
    /// As [`Authority::authorize_catalogue`]; [`Refusal::Forbidden`] if it lacks the permission.
    pub fn authorize_everything(self) -> Result<(), Refusal> {
        self.authorize_catalogue()?;
        self.must_hold_everything()
    }

    /// As [`Authority::authorize_everything`], for a caller that knows that the tenant is there.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if the caller lacks the permission.
    pub fn must_hold_everything(self) -> Result<(), Refusal> {
        let permission = Pattern::everything();
        match self.holds_on_root(&permission) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }
}

impl View<'_> {
    /// The permission to do `what` on a resource.
    #[must_use]
    pub fn permission_for(self, node: Node, what: &str) -> Pattern {
        let kind = self.state.resource(node);
        let kind = kind.map(|resource| resource.kind.clone());
        kind.unwrap_or_else(|| ROOT_KIND.into()).permission(what)
    }
}

fn not_found(locator: &Locator) -> Refusal {
    let kind = locator.kind.as_ref().map(KindName::as_str);
    Refusal::not_found(kind.unwrap_or("resource"))
}
