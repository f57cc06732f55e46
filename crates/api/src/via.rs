//! The memberships and grants through which a user reaches a resource.

use attache_core::ask::{Bounded, MAX_SOURCES_NAMED, Source, SourceKind};
use attache_core::id::Node;
use attache_core::model::Parameters;
use attache_core::state::UserNode;
use attache_core::{Origin, State, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A membership or grant through which a user reaches a resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Via)]
pub(super) struct Via<'a> {
    /// `direct`: a membership or grant on the resource. `ancestor`: a grant on a resource
    /// above it. `group`: a grant of a group of the user, on the resource or above it.
    /// `admin`: the role `admin` on the tenant, the user's own or a group's.
    #[serde(rename = "type")]
    #[schema(value_type = Kind)]
    kind: Kind,
    /// The role of a grant. Left out for a membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "owner")]
    role: Option<&'a str>,
    /// The role's parameters.
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    parameters: &'a Parameters,
    /// The id of the resource of the grant or membership.
    resource: Uuid,
    /// The id of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    group: Option<Uuid>,
    /// Through which door the grant or membership came first, such as `api` or `import`.
    #[schema(value_type = String, example = "api")]
    origin: Origin,
    /// When the grant ends; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    expires_at: Option<Timestamp>,
}

static NONE: Parameters = Parameters::none();

/// How a user reaches a resource.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ViaType)]
pub(super) enum Kind {
    Direct,
    Group,
    Ancestor,
    Admin,
}

impl<'a> Via<'a> {
    /// Returns the first sources of a user seen from a resource, those on the resource first, then
    /// the closest ones above, and the number of others.
    pub(super) fn of_all<'s>(
        state: &'a State,
        node: Node,
        row: &UserNode,
        sources: impl Iterator<Item = &'s Source<'a>>,
    ) -> Bounded<Self>
    where
        'a: 's,
    {
        let all = Bounded::of(MAX_SOURCES_NAMED, sources);
        let first = all.first.into_iter();
        Bounded {
            first: first
                .filter_map(|it| Self::of(state, node, row, it))
                .collect(),
            more: all.more,
        }
    }

    /// Returns a source as seen from a resource.
    fn of(state: &'a State, node: Node, row: &UserNode, source: &Source<'a>) -> Option<Self> {
        let resource = state.resource(source.on)?.id.0;
        let (key, grant, group) = match source.kind {
            SourceKind::Membership => {
                return Some(Self {
                    kind: Kind::Direct,
                    role: None,
                    parameters: &NONE,
                    resource,
                    group: None,
                    origin: state.origin_of_membership(source.on, row.user.number),
                    expires_at: None,
                });
            }
            SourceKind::Grant { key, grant, group } => (key, grant, group),
        };
        let role = state.role(key.role)?.name.as_str();
        let kind = match group {
            _ if source.on == state.root() && role == attache_core::catalogue::ADMIN_ROLE => {
                Kind::Admin
            }
            Some(_) => Kind::Group,
            None if source.on == node => Kind::Direct,
            None => Kind::Ancestor,
        };
        Some(Self {
            kind,
            role: Some(role),
            parameters: &key.parameters,
            resource,
            group: group.and_then(|group| Some(state.group_node(group)?.group.id.0)),
            origin: state.origin(grant.granted_by()),
            expires_at: grant.expires_at().instant(),
        })
    }
}

/// Returns whether nothing is left out.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
pub(super) fn none(more: &usize) -> bool {
    *more == 0
}

/// Returns parameters by name.
pub(super) fn words(parameters: &Parameters) -> BTreeMap<String, String> {
    let pairs = parameters.iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
