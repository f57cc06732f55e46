//! Why a decision is what it is: the `context` of a decision (AuthZEN 1.0,
//! section 5.5, leaves its form open).

use std::borrow::Cow;

use attache_core::ask::{Bounded, Source, SourceKind, Unknown, What};
use attache_core::catalogue::Role;
use attache_core::model::Subject;
use attache_core::{State, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::entity::Entity;

/// Why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    /// For programs.
    code: Code,
    /// For people; left out where it is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    message: Option<Cow<'static, str>>,
    /// Where a name is unknown: the known one that may be meant, if one is like it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nearest: Option<String>,
    /// What allows it; or what would allow it and does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    via: Option<Via>,
    /// The roles that would allow it if they were granted on the resource: the first 20 of the
    /// catalogue. Only with a denial, and where `context.explain` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// How many there are besides those in `roles`. Left out where that is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    more_roles: Option<usize>,
    /// True where all but the code is left out, since an answer to several questions has at most
    /// `limits.answer_size`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    left_out: Option<bool>,
}

/// Why, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReasonCode)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// It may.
    Allowed,
    /// There is no such subject.
    UnknownSubject,
    /// There is no such resource, or none that the caller sees.
    UnknownResource,
    /// The catalogue knows no such permission, for a caller that may read the catalogue.
    UnknownAction,
    /// There is no such type of subjects or kind of resources, for the same.
    UnknownType,
    /// No role takes such a parameter, and one takes nearly that, for the same.
    UnknownParameter,
    /// The user is inactive.
    Inactive,
    /// The user is invited, and has not accepted.
    Invited,
    /// What would allow it does not count any more.
    Expired,
    /// It is held for another part of the resource.
    OtherParameters,
    /// Other permissions are held on the resource, and not this one.
    Lacks,
    /// No permission is held on the resource.
    HoldsNothing,
}

/// A membership, or a grant of a role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Via {
    #[serde(rename = "type")]
    kind: ViaKind,
    /// The role that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    role: Option<String>,
    /// Where: the resource itself, or one above it.
    resource: Entity,
    /// The group that the role was granted to, if it was not the subject itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    group: Option<Entity>,
    /// When it stops counting; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, example = "2026-03-03T09:30:00.000Z")]
    expires_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ViaType)]
#[serde(rename_all = "snake_case")]
enum ViaKind {
    /// The user is attached to the resource.
    Membership,
    /// A role was granted.
    Grant,
}

impl Code {
    fn message(self) -> Option<&'static str> {
        Some(match self {
            Self::Allowed => return None,
            Self::UnknownSubject => "There is no such subject.",
            Self::UnknownResource => "There is no such resource.",
            Self::UnknownAction => "The catalogue knows no such permission.",
            Self::UnknownType => "There is no such type.",
            Self::UnknownParameter => "No role takes such a parameter.",
            Self::Inactive => "The user is inactive.",
            Self::Invited => "The user is invited, and has not accepted.",
            Self::Expired => "What would allow this does not count any more.",
            Self::OtherParameters => "This is held for another part of the resource only.",
            Self::Lacks => "The subject holds permissions on the resource, and not this one.",
            Self::HoldsNothing => "The subject holds no permission on the resource.",
        })
    }
}

impl Reason {
    /// A reason that nothing is the source of.
    pub(super) fn new(code: Code) -> Self {
        let message = code.message().map(Cow::Borrowed);
        Self {
            code,
            message,
            nearest: None,
            via: None,
            roles: None,
            more_roles: None,
            left_out: None,
        }
    }

    /// The code alone.
    pub(super) fn without_the_rest(&self) -> Self {
        Self {
            message: None,
            left_out: Some(true),
            ..Self::new(self.code)
        }
    }

    /// A name is unknown.
    pub(super) fn unknown(unknown: Unknown) -> Self {
        let code = match unknown.what {
            What::Action => Code::UnknownAction,
            What::Type => Code::UnknownType,
            What::Parameter => Code::UnknownParameter,
        };
        Self {
            message: Some(format!("{unknown}.").into()),
            nearest: unknown.nearest.map(String::from),
            ..Self::new(code)
        }
    }

    /// The same, or that a name is unknown. What would allow it for another part stays.
    pub(super) fn or_unknown(self, unknown: Option<Unknown>) -> Self {
        match unknown {
            None => self,
            Some(unknown) => Self {
                via: self.via,
                ..Self::unknown(unknown)
            },
        }
    }

    /// The same with the roles that would allow it.
    pub(super) fn with_roles(self, roles: &Bounded<&Role>) -> Self {
        let names = roles.first.iter().map(|role| role.name.to_string());
        Self {
            roles: Some(names.collect()),
            more_roles: Some(roles.more).filter(|more| *more > 0),
            ..self
        }
    }

    /// A reason, and the grant or membership that it is about.
    pub(super) fn through(
        code: Code,
        state: &State,
        subject: Subject,
        source: &Source<'_>,
    ) -> Self {
        Self {
            via: Via::of(state, subject, source),
            ..Self::new(code)
        }
    }
}

impl Via {
    fn of(state: &State, subject: Subject, source: &Source<'_>) -> Option<Self> {
        let resource = Entity::of_node(state, source.on)?;
        Some(match source.kind {
            SourceKind::Membership => {
                let membership = match subject {
                    Subject::User(user) => state.node(source.on)?.members.get(&user),
                    Subject::Group(_) | Subject::Service(_) => None,
                };
                Self {
                    kind: ViaKind::Membership,
                    role: None,
                    resource,
                    group: None,
                    expires_at: membership.and_then(|found| found.expires_at().instant()),
                }
            }
            SourceKind::Grant { key, grant, group } => Self {
                kind: ViaKind::Grant,
                role: state.role(key.role).map(|role| role.name.to_string()),
                resource,
                group: group.and_then(|group| Entity::of_subject(state, Subject::Group(group))),
                expires_at: grant.expires_at().instant(),
            },
        })
    }
}
