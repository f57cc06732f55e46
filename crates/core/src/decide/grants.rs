//! Grants.

use super::Draft;
use crate::Change;
use crate::catalogue::{Role, RoleName};
use crate::command::{GrantRef, SubjectRef};
use crate::id::{Node, ResourceId};
use crate::model::{GrantKey, Parameters, Subject, SubjectId, normalized};
use crate::refusal::Refusal;
use crate::state::{RoleIndex, Sorted, Tree};
use crate::time::{Expiry, Timestamp};

/// The most grants of a subject on one resource. Every check walks them.
const MOST_GRANTS: usize = 256;

impl Draft {
    pub(super) fn grant(
        &mut self,
        wanted: &GrantRef,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let may = ["users.roles.grant", "users.roles.revoke"];
        let node = self.authorize_either(&wanted.resource, may)?;
        let (index, role) = self.role(node, &wanted.role)?;
        let subject = self.subject_if_told(&wanted.subject);
        let key = subject.clone().ok().flatten().map(|subject| {
            let parameters = wanted.parameters.clone();
            let key = GrantKey {
                subject,
                role: index,
                parameters,
            };
            self.as_it_stands(node, key)
        });
        let found = key.as_ref().and_then(|key| self.granted(node, key));
        let stands = found.is_some_and(|end| end.is_live(self.at));
        self.fits(node, role, &wanted.parameters, stands)?;
        self.must_be_to_come(expires_at)?;
        let until = Expiry::from(expires_at);
        match found.filter(|_| key.as_ref().is_some_and(|key| self.counts(node, key))) {
            // An earlier end is a delayed revocation.
            Some(end) if until < end => self.must_may(node, "users.roles.revoke")?,
            end => {
                self.must_may(node, "users.roles.grant")?;
                let gift = match end == Some(until) {
                    true => self.gift().given_already(),
                    false => self.gift(),
                };
                gift.by_means_of(node, "users.roles.grant", until)
                    .role(node, role, &wanted.parameters, until)
                    .must_be_held(Some("expires_at"))?;
            }
        }
        subject?;
        let Some(key) = key else {
            return Err(self.cannot_hold(node, &wanted.subject));
        };
        let subject = key.subject;
        if let Subject::User(user) = subject
            && !self.view().is_member(node, user)
        {
            return Err(self.not_a_member(node));
        }
        match found {
            Some(end) if !end.is_live(self.at) => self.push_grant_expired(node, &key),
            Some(end) if end == until => return Ok(()),
            _ => {}
        }
        let held = self
            .state
            .node(node)
            .map(|found| found.grants_of(subject).count());
        if found.is_none() && held.unwrap_or_default() >= MOST_GRANTS {
            let reason = "would be one grant too many: 256 for one subject on one resource";
            return Err(Refusal::invalid("role", reason));
        }
        if let Some((resource, subject, role)) = self.named(node, &key) {
            let parameters = match stands {
                true => key.parameters,
                false => wanted.parameters.clone(),
            };
            self.push(Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                expires_at,
            });
        }
        Ok(())
    }

    pub(super) fn revoke(&mut self, wanted: &GrantRef) -> Result<(), Refusal> {
        let node = self.authorize(&wanted.resource, "users.roles.revoke")?;
        let Some(index) = self.state.role_index(&wanted.role) else {
            return match self.knows_the_catalogue() {
                true => Err(unknown_role()),
                false => Ok(()),
            };
        };
        let Some(subject) = self.subject_if_told(&wanted.subject)? else {
            return Ok(());
        };
        let key = GrantKey {
            subject,
            role: index,
            parameters: wanted.parameters.clone(),
        };
        let key = self.as_it_stands(node, key);
        if self.counts(node, &key) {
            self.push_revoked(node, &key);
        }
        Ok(())
    }

    /// Returns an existing grant with its recorded parameters, or else the wanted grant:
    /// older versions stored parameters in any form.
    fn as_it_stands(&self, node: Node, wanted: GrantKey) -> GrantKey {
        let found = self.state.node(node);
        let stored = found.and_then(|found| found.stored_grant(&wanted));
        let stored = stored.map(|(key, _)| key.clone());
        stored.unwrap_or(wanted)
    }

    /// Returns the end of a recorded grant, whether or not it counts.
    fn granted(&self, node: Node, key: &GrantKey) -> Option<Expiry> {
        let found = self.state.node(node)?.grants.get(key)?;
        Some(found.expires_at())
    }

    /// Returns whether a grant exists and counts.
    fn counts(&self, node: Node, key: &GrantKey) -> bool {
        let end = self.granted(node, key);
        end.is_some_and(|end| end.is_live(self.at))
            && match key.subject {
                Subject::User(user) => self.view().is_member(node, user),
                Subject::Group(_) | Subject::Service(_) => true,
            }
    }

    /// Revokes everything that a subject was granted.
    pub(super) fn push_all_revoked(&mut self, subject: Subject, granted: &Sorted<Node, ()>) {
        for node in granted.keys() {
            let keys: Vec<GrantKey> = self
                .state
                .node(*node)
                .into_iter()
                .flat_map(|found| found.grants_of(subject))
                .map(|(key, _)| key.clone())
                .collect();
            for key in keys {
                self.push_revoked(*node, &key);
            }
        }
    }

    pub(super) fn push_revoked(&mut self, node: Node, key: &GrantKey) {
        if let Some((resource, subject, role)) = self.named(node, key) {
            self.push(Change::RoleRevoked {
                resource,
                subject,
                role,
                parameters: key.parameters.clone(),
            });
        }
    }

    pub(super) fn push_grant_expired(&mut self, node: Node, key: &GrantKey) {
        if let Some((resource, subject, role)) = self.named(node, key) {
            self.push(Change::GrantExpired {
                resource,
                subject,
                role,
                parameters: key.parameters.clone(),
            });
        }
    }

    fn named(&self, node: Node, key: &GrantKey) -> Option<(ResourceId, SubjectId, RoleName)> {
        Some((
            self.state.resource(node)?.id,
            self.state.subject_id(key.subject)?,
            self.state.role(key.role)?.name.clone(),
        ))
    }

    /// Returns the role with a name. For a caller that may not read the catalogue, roles
    /// of other kinds than the resource's do not exist.
    fn role(&self, node: Node, name: &str) -> Result<(RoleIndex, &Role), Refusal> {
        let index = self.state.role_index(name);
        let found = index.and_then(|index| Some((index, self.state.role(index)?)));
        let kind = self.state.resource(node).map(|resource| &resource.kind);
        found
            .filter(|(_, role)| kind == Some(&role.kind) || self.knows_the_catalogue())
            .ok_or_else(unknown_role)
    }

    fn knows_the_catalogue(&self) -> bool {
        let may = self.authority().authorize_catalogue();
        may.is_ok()
    }

    /// Returns the subject with a name; `None` if it does not exist and the caller may
    /// not learn that, since it may not list subjects of that type.
    fn subject_if_told(&self, subject: &SubjectRef) -> Result<Option<Subject>, Refusal> {
        let (found, all) = match subject {
            SubjectRef::User(user) => (self.user(user).map(Subject::User), "users.list"),
            SubjectRef::Group(group) => (self.group(group).map(Subject::Group), "groups.list"),
            SubjectRef::Service(service) => {
                let found = self.service(service).map(Subject::Service);
                (found, "services.list")
            }
        };
        match found {
            Ok(subject) => Ok(Some(subject)),
            Err(unknown) if self.may_list(all) => Err(unknown),
            Err(_) => Ok(None),
        }
    }

    /// Returns the refusal for granting to an unknown subject, for a caller that may not
    /// learn that. A user is answered as one who is not attached. For groups, services,
    /// and users on the root, the answers differ, since an existing subject would get the
    /// role.
    fn cannot_hold(&self, node: Node, subject: &SubjectRef) -> Refusal {
        let unknown = |what| Refusal::Unknown { field: what, what };
        match subject {
            SubjectRef::User(_) if node == Tree::ROOT => unknown("user"),
            SubjectRef::User(_) => self.not_a_member(node),
            SubjectRef::Group(_) => unknown("group"),
            SubjectRef::Service(_) => unknown("service"),
        }
    }

    /// Checks that a role can be granted with these parameters. Values of an existing
    /// grant (`stands`) are not checked again, since an older version accepted them.
    fn fits(
        &self,
        node: Node,
        role: &Role,
        parameters: &Parameters,
        stands: bool,
    ) -> Result<(), Refusal> {
        let kind = self.state.resource(node).map(|resource| &resource.kind);
        if kind != Some(&role.kind) {
            let reason = format!("can be granted on a {} only", role.kind);
            return Err(Refusal::invalid("role", &reason));
        }
        if parameters.iter().count() > Parameters::MAX {
            return Err(Refusal::invalid("parameters", "must be at most 16"));
        }
        for (name, value) in parameters.iter() {
            let field = format!("parameters.{name}");
            let mut declared = role.parameters.iter();
            if !declared.any(|it| it.name == name || *normalized(&it.name) == *name) {
                let reason = format!("is no parameter of the role {}", role.name);
                return Err(Refusal::invalid(&field, &reason));
            }
            let fits = match (stands, self.as_is) {
                (true, _) => Ok(()),
                (false, true) => Parameters::check_size(value),
                (false, false) => Parameters::check_value(value),
            };
            fits.map_err(|reason| Refusal::invalid(&field, reason))?;
        }
        for parameter in role
            .parameters
            .iter()
            .filter(|parameter| parameter.required)
        {
            if parameters.get(&parameter.name).is_none() {
                let field = format!("parameters.{}", parameter.name);
                let reason = format!("is needed by the role {}", role.name);
                return Err(Refusal::invalid(&field, &reason));
            }
        }
        Ok(())
    }
}

fn unknown_role() -> Refusal {
    Refusal::Unknown {
        field: "role",
        what: "role",
    }
}
