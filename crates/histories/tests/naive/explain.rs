//! What is tried for a decision, and what would change it.

use attache_core::ask::Verdict;
use attache_core::catalogue::Role;
use attache_core::id::ResourceId;
use attache_core::model::{Parameters, SubjectId};
use attache_core::time::Timestamp;

use super::access::covers;
use super::{Answer, Held, Source, Tenant};

impl Source<'_> {
    /// What this is worth to a question.
    pub(crate) fn verdict(&self, wanted: &str, on: ResourceId, named: &Parameters) -> Verdict {
        let allows = self.gives.iter().any(|it| it.allows(wanted, on, named));
        let names_it = self.gives.iter().any(|it| covers(it.pattern, wanted));
        match (allows, self.live, names_it) {
            (true, true, _) => Verdict::Allows,
            (true, false, _) => Verdict::DoesNotCount,
            (false, _, true) => Verdict::AnotherPart,
            (false, _, false) => Verdict::Lacks,
        }
    }
}

/// The parameters of a grant of a role that says what a question names. `None`: it would
/// lack one.
fn grant_of(role: &Role, named: &Parameters) -> Option<Parameters> {
    let mut given = Vec::new();
    for taken in &role.parameters {
        match named.get(&taken.name) {
            Some(value) => given.push((taken.name.as_str(), value)),
            None if taken.required => return None,
            None => {}
        }
    }
    Some(given.into_iter().collect())
}

impl Tenant {
    pub(crate) fn roles_that_allow(
        &self,
        wanted: &str,
        granted_on: ResourceId,
        on: ResourceId,
        named: &Parameters,
    ) -> Vec<&Role> {
        let kind = self.kind_of(granted_on);
        let roles = self.catalogue.iter().flat_map(|it| &it.roles);
        let would = |role: &&Role| {
            let Some(given) = grant_of(role, named) else {
                return false;
            };
            let held = Held::of_role(role, granted_on, &given);
            held.iter().any(|it| it.allows(wanted, on, named))
        };
        roles
            .filter(|role| role.kind.as_str() == kind)
            .filter(would)
            .collect()
    }

    /// Whether a subject may grant a role: it may grant, and holds all that the role gives.
    pub(crate) fn may_grant(
        &self,
        subject: SubjectId,
        role: &Role,
        on: ResourceId,
        named: &Parameters,
        at: Timestamp,
    ) -> bool {
        let permission = format!("{}s.users.roles.grant", self.kind_of(on));
        let may = self.access(subject, &permission, on, &Parameters::none(), at);
        // Without a parameter that it must have, it cannot be granted.
        let Some(given) = grant_of(role, named) else {
            return false;
        };
        let held = self.held(subject, on, at);
        let given = Held::of_role(role, on, &given);
        matches!(may, Answer::Allowed(_))
            && given
                .iter()
                .all(|it| held.iter().any(|held| held.covers(it)))
    }
}
