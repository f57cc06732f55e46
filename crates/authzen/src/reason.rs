//! The reason of a decision, in its `context`. AuthZEN 1.0, section 5.5, leaves the form
//! open.

use std::borrow::Cow;

use attache_core::ask::{Bounded, Source, SourceKind, Unknown, What};
use attache_core::catalogue::Role;
use attache_core::model::Subject;
use attache_core::{State, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::entity::Entity;

/// The reason of a decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    /// The reason, for programs.
    code: Code,
    /// The reason, for people. Left out if the decision is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    message: Option<Cow<'static, str>>,
    /// The known name that is most similar to an unknown one, if one is similar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nearest: Option<String>,
    /// The grant or membership that allows the action, or that would allow it and does
    /// not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    via: Option<Via>,
    /// The roles that would allow the action if they were granted on the resource: the
    /// first 20 of the catalogue. Only in denials, and only with `context.explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// The number of roles beyond those in `roles`. Left out if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    more_roles: Option<usize>,
    /// True if everything but the code is left out, because an answer to several
    /// questions has at most `limits.answer_size` bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    left_out: Option<bool>,
}

/// The reason, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReasonCode)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// The subject may do the action.
    Allowed,
    /// The subject does not exist.
    UnknownSubject,
    /// The resource does not exist, or the caller does not see it.
    UnknownResource,
    /// The catalogue does not have the permission. Only for callers that may read the
    /// catalogue.
    UnknownAction,
    /// The type of the subject or kind of the resource does not exist. Only for callers
    /// that may read the catalogue.
    UnknownType,
    /// No role takes the parameter, and a role takes one with a similar name. Only for
    /// callers that may read the catalogue.
    UnknownParameter,
    /// The user is inactive.
    Inactive,
    /// The user is invited and has not accepted.
    Invited,
    /// The grant or membership that would allow the action has expired.
    Expired,
    /// The subject holds the permission for another part of the resource.
    OtherParameters,
    /// The subject holds other permissions on the resource.
    Lacks,
    /// The subject holds no permission on the resource.
    HoldsNothing,
}

/// A membership, or the grant of a role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Via {
    #[serde(rename = "type")]
    kind: ViaKind,
    /// The granted role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    role: Option<String>,
    /// The resource of the grant or membership: the resource itself, or one above it.
    resource: Entity,
    /// The group that has the role, if it is not the subject itself.
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
    /// The subject or its group has a role.
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
    /// Makes a reason without a source.
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

    /// Returns the reason with its code only.
    pub(super) fn without_the_rest(&self) -> Self {
        Self {
            message: None,
            left_out: Some(true),
            ..Self::new(self.code)
        }
    }

    /// Makes the reason for an unknown name.
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

    /// Replaces the reason by that of an unknown name, if there is one. A reason for
    /// another part of the resource stays.
    pub(super) fn or_unknown(self, unknown: Option<Unknown>) -> Self {
        match unknown {
            None => self,
            Some(unknown) => Self {
                via: self.via,
                ..Self::unknown(unknown)
            },
        }
    }

    /// Adds the roles that would allow the action.
    pub(super) fn with_roles(self, roles: &Bounded<&Role>) -> Self {
        let names = roles.first.iter().map(|role| role.name.to_string());
        Self {
            roles: Some(names.collect()),
            more_roles: Some(roles.more).filter(|more| *more > 0),
            ..self
        }
    }

    /// Makes a reason with its grant or membership.
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
