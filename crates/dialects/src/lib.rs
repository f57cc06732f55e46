//! The published APIs that are served as they are documented. No rule of
//! access lives here: a dialect turns the wire into a question or a command,
//! and the answer or the refusal back into the wire.

mod ids;

use attache_http::Api;
use attache_http::description::Description;

/// A published API.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// The API as it is served.
    pub api: Api,
    /// The API as the shared tests know it.
    pub description: &'static Description,
}

macro_rules! dialects {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// All dialects.
        #[must_use]
        pub fn all() -> Vec<Dialect> {
            vec![$(Dialect { api: $name::api(), description: &$name::DESCRIPTION }),+]
        }
    };
}

// Each has a folder here, one in the tests, and a page in docs/dialects.
dialects! {
    voicebot,
    worth,
    cloudcockpit,
    chatcaptain,
}
