//! Which thing a name means.

use attache_core::id::{GroupId, Key, ResourceId, ServiceId, UserId};
use attache_core::{Locator, Ref};
use uuid::Uuid;

use super::{Attached, Tenant};

/// What a thing can be found by.
struct Names<'a>(Uuid, u32, Option<&'a Key>);

/// Whether two keys are the same: as UUIDs, however these are written, or as
/// texts. The one letter of the histories that has two forms is put into one.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    match (Uuid::parse_str(one), Uuid::parse_str(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.replace("e\u{301}", "é") == other.replace("e\u{301}", "é"),
    }
}

/// A text after `#` is a number. Any other is a key or an id.
fn pick<'a>(all: &(impl Iterator<Item = Names<'a>> + Clone), reference: &Ref) -> Option<Uuid> {
    let found = match reference {
        // Of users and resources only: their own looks know it.
        Ref::OfMembership(_) => None,
        Ref::Id(id) => all.clone().find(|names| names.0 == *id),
        Ref::Number(number) => all.clone().find(|names| names.1 == *number),
        Ref::Key(text) => {
            let by_key = |key: &Key| same_key(key.as_str(), text);
            all.clone().find(|names| names.2.is_some_and(by_key))
        }
        Ref::Text(text) if text.starts_with('#') => {
            let by_number = |names: &Names<'_>| format!("#{}", names.1) == **text;
            all.clone().find(by_number)
        }
        Ref::Text(text) => {
            let by_key = |key: &Key| same_key(key.as_str(), text);
            let by_key = |names: &Names<'_>| names.2.is_some_and(by_key);
            all.clone().find(by_key).or_else(|| {
                let id = Uuid::parse_str(text).ok()?;
                all.clone().find(|names| names.0 == id)
            })
        }
    };
    found.map(|names| names.0)
}

impl Tenant {
    fn of_membership(&self, reference: &Ref) -> Option<&Attached> {
        let Ref::OfMembership(number) = reference else {
            return None;
        };
        self.memberships.iter().find(|one| one.number == number.0)
    }

    pub(crate) fn find_user(&self, reference: &Ref) -> Option<UserId> {
        if let Some(found) = self.of_membership(reference) {
            return Some(found.user);
        }
        let names = |user| -> Names<'_> {
            let user: &attache_core::model::User = user;
            Names(user.id.0, user.number.0, user.key.as_ref())
        };
        pick(&self.users.iter().map(names), reference).map(UserId)
    }

    pub(crate) fn find_group(&self, reference: &Ref) -> Option<GroupId> {
        let groups = self.groups.iter();
        let names = groups.map(|group| Names(group.id.0, group.number.0, group.key.as_ref()));
        pick(&names, reference).map(GroupId)
    }

    pub(crate) fn find_service(&self, reference: &Ref) -> Option<ServiceId> {
        let services = self.services.iter();
        let names = services.map(|one| Names(one.id.0, one.number.0, one.key.as_ref()));
        pick(&names, reference).map(ServiceId)
    }

    /// Without a kind, only an id means a resource: numbers and keys are
    /// counted by kind.
    pub(crate) fn find(&self, locator: &Locator) -> Option<ResourceId> {
        let of_membership = self.of_membership(&locator.reference);
        let is_of_kind =
            |kind: &str| of_membership.is_some_and(|it| self.kind_of(it.resource) == kind);
        let id = match &locator.kind {
            None if of_membership.is_some() => of_membership.map(|it| it.resource.0),
            Some(kind) if is_of_kind(kind.as_str()) => of_membership.map(|it| it.resource.0),
            Some(kind) => {
                let alike = self.places.iter().map(|place| &place.resource);
                let alike = alike.filter(|resource| resource.kind == *kind);
                let names = alike.map(|one| Names(one.id.0, one.number.0, one.key.as_ref()));
                pick(&names, &locator.reference)
            }
            None => match &locator.reference {
                Ref::Number(_) | Ref::Key(_) | Ref::OfMembership(_) => None,
                Ref::Text(text) if text.starts_with('#') => None,
                reference => {
                    let all = self.places.iter();
                    let names = all.map(|place| Names(place.resource.id.0, 0, None));
                    pick(&names, reference)
                }
            },
        };
        let place = self.place(ResourceId(id?))?;
        match &locator.under {
            Some(above) if self.find(above).is_none() || self.find(above) != place.parent => None,
            _ => Some(place.resource.id),
        }
    }
}
