//! When to stop asking (AuthZEN 1.0, section 7.1.2.1).

use serde_json::{Map, Value};

use super::entity::object;
use attache_http::Problem;

/// When a list of evaluations ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Semantic {
    /// Never.
    ExecuteAll,
    /// After the first that is denied.
    DenyOnFirstDeny,
    /// After the first that is allowed.
    PermitOnFirstPermit,
}

impl Semantic {
    /// What the `options` of a body say.
    ///
    /// # Errors
    /// If it is none of the three.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        let mut options = object(body, "options")?.unwrap_or_default();
        match options.remove("evaluations_semantic") {
            None | Some(Value::Null) => Ok(Self::ExecuteAll),
            Some(Value::String(text)) if text == "execute_all" => Ok(Self::ExecuteAll),
            Some(Value::String(text)) if text == "deny_on_first_deny" => Ok(Self::DenyOnFirstDeny),
            Some(Value::String(text)) if text == "permit_on_first_permit" => {
                Ok(Self::PermitOnFirstPermit)
            }
            Some(_) => Err(Problem::invalid(
                "options.evaluations_semantic",
                "must be execute_all, deny_on_first_deny or permit_on_first_permit",
            )),
        }
    }

    /// Whether a decision is the last one.
    pub(super) fn ends_after(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}
