//! The beginning of a tenant, and its catalogue, whole or role by role.

use std::sync::Arc;

use attache_core::catalogue::{Catalogue, Kind, Pattern, ROOT_KIND, Role, Scope};
use attache_core::id::ResourceNumber;
use attache_core::model::{Giver, Resource};
use attache_core::refusal::Use;
use attache_core::{Actor, Command, Refusal};

use super::access::covers;
use super::gate::not_found;
use super::holding::work;
use super::run::invalid;
use super::{Act, Place, Tenant};

pub(super) fn in_use(uses: Vec<Use>) -> Refusal {
    Refusal::InUse {
        what: "".into(),
        by: "".into(),
        uses,
    }
}

impl Tenant {
    pub(crate) fn perform_on_catalogue(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::CreateTenant {
                root,
                name,
                catalogue,
            } => {
                if act.by.actor != Actor::Operator || act.by.tenant != self.id {
                    return Err(not_found("tenant"));
                }
                if !self.places.is_empty() {
                    return Err(Refusal::Taken { field: "tenant" });
                }
                self.let_hold(act, catalogue)?;
                self.use_number(ROOT_KIND, 1);
                self.note(act, "resource", root);
                self.places.push(Place {
                    resource: Resource {
                        id: *root,
                        kind: ROOT_KIND.into(),
                        number: ResourceNumber(1),
                        key: None,
                        name: name.clone(),
                        created_at: act.stamp,
                        created_by: Giver::UNKNOWN,
                    },
                    parent: None,
                });
                Ok(())
            }
            Command::SetCatalogue { catalogue } => {
                self.must_hold_everything(act)?;
                self.must_give_no_more(act, catalogue)?;
                self.let_hold(act, catalogue)
            }
            _ => {
                self.must_hold_everything(act)?;
                let mut new = self.catalogue.as_deref().expect("there is a root").clone();
                change(&mut new, command)?;
                if let Command::RemoveKind { name } = command {
                    let uses = self.resources_of(name);
                    if !uses.is_empty() {
                        return Err(in_use(uses));
                    }
                }
                self.must_give_no_more(act, &new)?;
                self.let_hold(act, &new)
            }
        }
    }

    pub(super) fn must_hold_everything(&self, act: &Act) -> Result<(), Refusal> {
        self.authorize_catalogue(&act.by, act.at)?;
        let root = self.root().ok_or_else(|| not_found("tenant"))?;
        self.must_may(&act.by, root, "*", act.at)
    }

    /// What the catalogue gives has no end.
    pub(super) fn must_hold_everything_for_ever(&self, act: &Act) -> Result<(), Refusal> {
        let root = self.root().ok_or_else(|| not_found("tenant"))?;
        self.must_hold(act, None, &[work(root, "*", None)])
    }

    /// A catalogue under which a grant that is written down, or being attached, gives
    /// what it does not give now.
    fn must_give_no_more(&self, act: &Act, new: &Catalogue) -> Result<(), Refusal> {
        if is_too_large(new, self.catalogue.as_deref()) || !new.check().is_empty() {
            return Err(invalid("catalogue"));
        }
        let mut more = false;
        for granted in &self.grants {
            let roles = new
                .roles
                .iter()
                .filter(|it| it.name.as_str() == &*granted.role);
            let old = self.role(&granted.role).expect("it is granted");
            for role in roles {
                more |= role.permissions.iter().any(|it| !gives(old, None, it));
                for scoped in &role.scoped {
                    let mut all = scoped.permissions.iter();
                    more |= all.any(|it| !gives(old, Some(&scoped.scope), it));
                }
            }
        }
        for kind in &new.kinds {
            let old = self.kind(kind.name.as_str());
            let old: Vec<_> = old.iter().flat_map(|kind| &kind.members_may).collect();
            let is_new = |may: &Pattern| !old.iter().any(|it| covers(it.as_str(), may.as_str()));
            more |= kind.members_may.iter().any(is_new);
        }
        match more {
            true => self.must_hold_everything_for_ever(act),
            false => Ok(()),
        }
    }

    fn resources_of(&self, kind: &str) -> Vec<Use> {
        let places = self.places.iter().map(|place| &place.resource);
        let places = places.filter(|it| it.kind.as_str() == kind);
        places.map(|it| Use::Resource(it.id)).collect()
    }

    fn let_hold(&mut self, act: &Act, new: &Catalogue) -> Result<(), Refusal> {
        if is_too_large(new, self.catalogue.as_deref()) || !new.check().is_empty() {
            return Err(invalid("catalogue"));
        }
        let kind_in = |all: &Catalogue, name: &str| -> Option<Kind> {
            let mut alike = all.kinds.iter().filter(|it| it.name.as_str() == name);
            alike.next().cloned()
        };
        let role_in = |all: &Catalogue, name: &str| -> Option<Role> {
            let mut alike = all.roles.iter().filter(|it| it.name.as_str() == name);
            alike.next().cloned()
        };
        let old = self.catalogue.clone();
        for name in &self.kinds_ever {
            let uses = self.resources_of(name);
            let rule = |all: &Catalogue| kind_in(all, name).map(|it| it.members_from_parent);
            if !uses.is_empty() && rule(new) != old.as_deref().and_then(rule) {
                return Err(in_use(uses));
            }
        }
        // What has run out stands in the way until it is swept: the entry that
        // says so names the role.
        for name in &self.roles_ever {
            let granted = self.grants.iter().filter(|it| it.role == *name);
            let uses = granted.map(|it| Use::Grant {
                resource: it.resource,
                subject: it.subject,
                role: (**name).into(),
            });
            let uses: Vec<Use> = uses.collect();
            let shape = |all: &Catalogue| role_in(all, name).map(|it| (it.kind, it.parameters));
            if !uses.is_empty() && shape(new) != old.as_deref().and_then(shape) {
                return Err(in_use(uses));
            }
        }
        for kind in &new.kinds {
            let name = kind.name.as_str();
            if old.as_deref().and_then(|old| kind_in(old, name)).is_none() {
                self.note(act, "kind", name);
            }
            if !self.kinds_ever.iter().any(|known| &**known == name) {
                self.kinds_ever.push(name.into());
            }
        }
        for role in &new.roles {
            let name = role.name.as_str();
            if old.as_deref().and_then(|old| role_in(old, name)).is_none() {
                self.note(act, "role", name);
            }
            if !self.roles_ever.iter().any(|known| &**known == name) {
                self.roles_ever.push(name.into());
            }
        }
        if self.catalogue.as_deref() != Some(new) {
            self.catalogue = Some(Arc::new(new.clone()));
        }
        Ok(())
    }
}

/// Whether one of the roles or kinds that are not there yet as they are is too large.
/// The catalogues of histories are small, and never as a whole.
fn is_too_large(new: &Catalogue, old: Option<&Catalogue>) -> bool {
    let role = |it: &&Role| {
        let scoped: usize = it.scoped.iter().map(|it| it.permissions.len()).sum();
        it.permissions.len() + scoped > 1_000
            || it.parameters.len() > 64
            || it.description.len() > 4_096
            || it.scoped.len() > 100
    };
    let kind = |it: &&Kind| it.parents.len() > 256 || it.members_may.len() > 1_000;
    let is_new_role = |it: &&Role| !old.is_some_and(|old| old.roles.contains(it));
    let is_new_kind = |it: &&Kind| !old.is_some_and(|old| old.kinds.contains(it));
    new.roles.iter().filter(is_new_role).any(|it| role(&it))
        || new.kinds.iter().filter(is_new_kind).any(|it| kind(&it))
}

/// Whether a role gives a permission: everywhere, or within a scope.
fn gives(role: &Role, within: Option<&Scope>, wanted: &Pattern) -> bool {
    let covering = |all: &[Pattern]| all.iter().any(|it| covers(it.as_str(), wanted.as_str()));
    let mut scoped = role.scoped.iter();
    covering(&role.permissions)
        || scoped.any(|it| Some(&it.scope) == within && covering(&it.permissions))
}

/// One role or kind comes, in its old place if it has one, or goes.
fn change(all: &mut Catalogue, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::SetRole { role } => {
            let old = all.roles.iter().position(|it| it.name == role.name);
            let mut new = (**role).clone();
            match old {
                // Whatever id is said: it still is the same role.
                Some(old) => {
                    new.id = all.roles[old].id;
                    all.roles[old] = new;
                }
                None => all.roles.push(new),
            }
            Ok(())
        }
        Command::SetKind { kind } => {
            let old = all.kinds.iter().position(|it| it.name == kind.name);
            match old {
                Some(old) => all.kinds[old] = (**kind).clone(),
                None => all.kinds.push((**kind).clone()),
            }
            Ok(())
        }
        Command::RemoveRole { name } => {
            let old = all.roles.iter().position(|it| it.name.as_str() == &**name);
            all.roles.remove(old.ok_or(not_found("role"))?);
            Ok(())
        }
        Command::RemoveKind { name } => {
            let old = all.kinds.iter().position(|it| it.name.as_str() == &**name);
            all.kinds.remove(old.ok_or(not_found("kind"))?);
            Ok(())
        }
        _ => unreachable!(),
    }
}
