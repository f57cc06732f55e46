//! The published APIs that attache serves as their vendors document them. A dialect turns
//! a request into a question or a command, and the answer or refusal into a response. It
//! has no rule of access.

mod ids;

use attache_http::Api;
use attache_http::description::Description;

/// A published API.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// The API as it is served.
    pub api: Api,
    /// The description of the API for the shared tests and the demo.
    pub description: &'static Description,
}

macro_rules! dialects {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Returns all dialects.
        #[must_use]
        pub fn all() -> Vec<Dialect> {
            vec![$(Dialect { api: $name::api(), description: &$name::DESCRIPTION }),+]
        }
    };
}

// Each dialect has a folder here, one in the tests, and a page in docs/dialects.
dialects! {
    voicebot,
    worth,
    cloudcockpit,
    chatcaptain,
}
