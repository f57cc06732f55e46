//! The roles by which a role is granted, before and after it is changed.

use super::{Catalogue, Pattern, Problem, Role};

impl Catalogue {
    /// Returns the roles whose holders can grant a role of this catalogue so far, and can no longer once
    /// it is as given: nobody gives what they do not hold. The first [`Problem::MOST`] of them.
    /// A holder of several roles may still be able to.
    #[must_use]
    pub fn lost_granters(&self, role: &Role) -> Vec<Problem> {
        let before = self.role(role.name.as_str());
        let Some(before) = before.filter(|before| before.kind == role.kind) else {
            return Vec::new();
        };
        let granting = role.kind.permission("users.roles.grant");
        let granters = self.roles.iter().filter(|granter| {
            granter.name != role.name
                && gives(granter, &granting)
                && all_of(before).all(|pattern| gives(granter, pattern))
        });
        let lost = granters.filter_map(|granter| {
            let lacking = all_of(role).find(|pattern| !gives(granter, pattern))?;
            let lacking = Problem::named(lacking.as_str());
            let (name, granter) = (role.name.as_str(), granter.name.as_str());
            let reason = format!(
                "have {lacking}, which the role {granter} lacks: {} can no longer be granted by it",
                Problem::named(name)
            );
            Some(Problem::new("permissions", reason))
        });
        lost.take(Problem::MOST).collect()
    }
}

/// Returns everything that a role gives, on the whole resource or on a part.
fn all_of(role: &Role) -> impl Iterator<Item = &Pattern> {
    let scoped = role.scoped.iter().flat_map(|it| &it.permissions);
    role.permissions.iter().chain(scoped)
}

/// Returns whether a role gives a permission on the whole resource.
fn gives(role: &Role, permission: &Pattern) -> bool {
    role.permissions.iter().any(|it| it.covers(permission))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_gets_more_is_no_longer_granted_by_those_that_lack_it() {
        let catalogue = Catalogue::starting().unwrap();
        let lost = |name: &str, more: &[&str]| {
            let mut role = catalogue.role(name).unwrap().clone();
            let more = more.iter().map(|text| Pattern::new(text).unwrap());
            role.permissions.extend(more);
            let lost = catalogue.lost_granters(&role).into_iter();
            lost.map(|it| it.to_string()).collect::<Vec<String>>()
        };
        let sites = "permissions have sites.*, which the role";
        let end = "lacks: owner can no longer be granted by it";
        assert_eq!(
            lost("owner", &["sites.*"]),
            [
                format!("{sites} membership-manager {end}"),
                format!("{sites} reseller-manager {end}"),
            ]
        );
        // These hold it, or could not grant the role before.
        assert_eq!(lost("owner", &["customers.invoices.pay"]), [""; 0]);
        assert_eq!(lost("viewer", &["customers.conversations.*"]).len(), 1);
        assert_eq!(lost("admin", &["sites.*"]), [""; 0]);
        assert_eq!(lost("owner", &[]), [""; 0]);
    }
}
