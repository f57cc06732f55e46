//! The effective users of a resource: parameters, and fields of answers.

use std::collections::BTreeMap;

use attache_core::ask::{Bounded, Effective, Filter, Include, Permission};
use attache_core::model::Status;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::query::Query;
use super::words;
use attache_http::Problem;
use attache_http::problem::fitting;

/// The schema of the parameter `include`: which users a list includes.
pub(super) struct Included;

impl PartialSchema for Included {
    fn schema() -> RefOr<Schema> {
        words::one_of(INCLUDED, "Which users a list is to include.")
    }
}

impl ToSchema for Included {}

/// The users that a list includes, by its query.
pub(super) struct Asked {
    include: Include,
}

const INCLUDED: &[(&str, Include)] = &[
    ("direct", Include::Direct),
    ("effective", Include::EFFECTIVE),
];

impl Asked {
    /// Reads the parameters.
    ///
    /// # Errors
    /// If a parameter is wrong, or belongs to another list.
    pub(super) fn read(query: &mut Query) -> Result<Self, Problem> {
        let asked = query.word("include", INCLUDED)?.unwrap_or_default();
        let (inactive, expired) = (query.flag("inactive")?, query.flag("expired")?);
        let include = match asked {
            Include::Effective { .. } => Include::Effective { inactive, expired },
            Include::Direct => {
                for (name, is_set) in [("inactive", inactive), ("expired", expired)] {
                    if is_set {
                        return Err(Problem::invalid(name, "goes with include=effective only"));
                    }
                }
                Include::Direct
            }
        };
        Ok(Self { include })
    }

    /// Returns the users to include. A filter for the status `inactive` or `invited`
    /// includes users without access.
    pub(super) fn include(&self, filters: &[Filter]) -> Include {
        let asks_for = |status| filters.contains(&Filter::Status(status));
        let by_status = asks_for(Status::Inactive) || asks_for(Status::Invited);
        match self.include {
            Include::Effective { inactive, expired } => Include::Effective {
                inactive: inactive || by_status,
                expired,
            },
            Include::Direct => Include::Direct,
        }
    }
}

/// Permissions of a user on a part of a resource.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PermissionsOnPart)]
pub(super) struct OnAPart {
    /// The parameters that select the part.
    #[schema(example = json!({"inboxId": "7"}))]
    parameters: BTreeMap<String, String>,
    #[schema(value_type = Vec<String>, example = json!(["chatbots.inbox.views.*"]))]
    permissions: Vec<String>,
}

/// How a user sees a resource.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EffectiveAccess)]
pub(super) enum Access {
    Active,
    Inactive,
    Expired,
}

impl From<Effective> for Access {
    fn from(effective: Effective) -> Self {
        match effective {
            Effective::Active => Self::Active,
            Effective::Inactive => Self::Inactive,
            Effective::Expired => Self::Expired,
        }
    }
}

/// The most permissions on parts of a resource in one user's answer.
const MAX_ON_PARTS: usize = 1000;

/// Groups permissions by part, each part with all its permissions. Returns as many
/// complete parts as have [`MAX_ON_PARTS`] permissions together, and at least one.
pub(super) fn on_parts(held: Vec<Permission>) -> Bounded<OnAPart> {
    let mut parts: BTreeMap<BTreeMap<String, String>, Vec<String>> = BTreeMap::new();
    for permission in held {
        let named = permission.scope.into_iter().flat_map(|scope| scope.parts);
        let named = named.map(|part| (part.parameter.into(), part.value.into()));
        let permissions = parts.entry(named.collect()).or_default();
        permissions.push(permission.pattern.to_string());
    }
    let parts: Vec<OnAPart> = parts
        .into_iter()
        .map(|(parameters, permissions)| OnAPart {
            parameters,
            permissions,
        })
        .collect();
    let fitting = fitting(&parts, MAX_ON_PARTS, |part| part.permissions.len());
    Bounded::of(fitting, parts)
}
