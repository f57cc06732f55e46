//! When a list of evaluations ends early (AuthZEN 1.0, section 7.1.2.1).

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entity::object;
use attache_http::Problem;

/// The options of several questions.
#[derive(Clone, Copy, Debug, Default, ToSchema)]
#[schema(as = EvaluationsOptions)]
pub(super) struct Options {
    /// `execute_all` (if it is left out), `deny_on_first_deny` or `permit_on_first_permit`.
    #[schema(rename = "evaluations_semantic", nullable = false, value_type = Option<String>)]
    pub(super) semantic: Semantic,
}

/// When a list of evaluations ends early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Semantic {
    /// Never.
    #[default]
    ExecuteAll,
    /// After the first denial.
    DenyOnFirstDeny,
    /// After the first permit.
    PermitOnFirstPermit,
}

impl Options {
    /// Takes the `options` out of a body.
    ///
    /// # Errors
    /// If the semantic is none of the three.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        let mut options = object(body, "options")?.unwrap_or_default();
        let semantic = match options.remove("evaluations_semantic") {
            None | Some(Value::Null) => Some(Semantic::ExecuteAll),
            Some(Value::String(text)) => match text.as_str() {
                "execute_all" => Some(Semantic::ExecuteAll),
                "deny_on_first_deny" => Some(Semantic::DenyOnFirstDeny),
                "permit_on_first_permit" => Some(Semantic::PermitOnFirstPermit),
                _ => None,
            },
            Some(_) => None,
        };
        let semantic = semantic.ok_or_else(|| {
            Problem::invalid(
                "options.evaluations_semantic",
                "must be execute_all, deny_on_first_deny or permit_on_first_permit",
            )
        })?;
        Ok(Self { semantic })
    }
}

impl Semantic {
    /// Returns whether a decision is the last one.
    pub(super) fn ends_after(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}
