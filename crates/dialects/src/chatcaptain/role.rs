//! Roles and their parameters in requests.

use attache_core::model::Parameters;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use attache_http::Problem;

macro_rules! roles {
    ($($role:ident),+ $(,)?) => {
        /// A role on a chatbot.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
        pub(super) enum WireRole {
            $($role),+
        }

        impl WireRole {
            /// The names of all roles of this API.
            pub(super) const NAMES: &[&str] = &[$(stringify!($role)),+];

            /// Returns the role of a name; `None` for a role that this API does not have.
            pub(super) fn of(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($role) => Some(Self::$role),)+
                    _ => None,
                }
            }

            /// Returns the name of the role.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$role => stringify!($role)),+
                }
            }
        }
    };
}

roles! {
    ChatbotAdmin,
    ChatbotOwner,
    ChatbotEditor,
    ChatbotMember,
    InboxAdmin,
    InboxUser,
    ExternalInboxUser,
    StatisticsViewer,
}

/// Takes `params` out of a body. It is required, and a map of strings.
pub(super) fn params(body: &mut Map<String, Value>) -> Result<Parameters, Problem> {
    let params = match body.remove("params") {
        Some(Value::Object(params)) => params,
        Some(_) => return Err(Problem::invalid("params", "must be a map of strings")),
        None => return Err(Problem::invalid("params", "is required, if only as {}")),
    };
    params
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(value) => Ok((name, value)),
            _ => Err(Problem::invalid(
                format!("params.{name}"),
                "must be a string",
            )),
        })
        .collect()
}

/// Renames the field `parameters` of a problem to `params`, as requests call it.
pub(super) fn renamed(problem: Problem) -> Problem {
    use attache_core::Refusal::Invalid;
    match problem {
        Problem::Refused(Invalid { field, reason }) => {
            Problem::invalid(field.replacen("parameters", "params", 1), reason)
        }
        other => other,
    }
}
