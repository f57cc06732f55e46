//! The shared state of all endpoints.

use std::sync::Arc;

use attache_ambient::Ambient;
use attache_core::ask::What;
use attache_jwt::{self as jwt, KeySets, Verifier};
use attache_tenants::{Tenants, Unavailable};
use tokio::sync::OnceCell;

use super::Problem;
use super::auth::KnownTokens;
use super::bodies::Bodies;
use super::jobs::Jobs;
use super::limits::Limits;
use super::operator_token::OperatorHash;
use super::seal::Seal;
use super::unknown_names::UnknownNames;

/// The shared state of all endpoints: the tenants, the limits, and the process's memory
/// between requests. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    tenants: Tenants,
    limits: Limits,
    operator: Option<OperatorHash>,
    public_url: String,
    verifier: Arc<Verifier>,
    known_tokens: Arc<KnownTokens>,
    bodies: Bodies,
    jobs: Jobs,
    seal: Arc<OnceCell<Arc<Seal>>>,
    unknown: Arc<UnknownNames>,
}

impl App {
    /// Makes an app without an operator and a public URL, with the default settings for
    /// issuers' tokens.
    #[must_use]
    pub fn new(tenants: Tenants, limits: Limits) -> Self {
        let verifier = Verifier::new(jwt::Settings::default(), tenants.ambient().clone());
        let bodies = Bodies::new(limits.bodies_bytes, limits.bodies_bytes_of_one);
        let jobs = Jobs::new(limits.imports.clone());
        Self(Arc::new(Inner {
            bodies,
            jobs,
            tenants,
            limits,
            operator: None,
            public_url: String::new(),
            verifier: Arc::new(verifier),
            known_tokens: Arc::default(),
            seal: Arc::default(),
            unknown: Arc::default(),
        }))
    }

    /// Sets the hash of the operator's token. With `None`, the server has no operator.
    #[must_use]
    pub fn with_operator(mut self, operator: Option<OperatorHash>) -> Self {
        Arc::make_mut(&mut self.0).operator = operator;
        self
    }

    /// Sets the URL at which clients reach this server; "" if it is unknown.
    #[must_use]
    pub fn reached_at(mut self, public_url: &str) -> Self {
        public_url.clone_into(&mut Arc::make_mut(&mut self.0).public_url);
        self
    }

    /// Returns the URL at which clients reach this server; "" if it is unknown.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Returns the path of [`App::public_url`] without a trailing slash; "" for the root
    /// and if the URL is unknown. The proxy removes this path from requests, and URLs in
    /// answers include it.
    #[must_use]
    pub fn public_path(&self) -> &str {
        path_of(self.public_url())
    }

    /// Returns the cache of recognised API tokens.
    pub(crate) fn known_tokens(&self) -> &KnownTokens {
        &self.0.known_tokens
    }

    /// Returns the hash of the operator's token, if one is configured.
    pub(crate) fn operator(&self) -> Option<&OperatorHash> {
        self.0.operator.as_ref()
    }

    /// Sets how issuers' tokens are verified.
    #[must_use]
    pub fn with_jwt(mut self, settings: jwt::Settings) -> Self {
        let verifier = Verifier::new(settings, self.ambient().clone());
        Arc::make_mut(&mut self.0).verifier = Arc::new(verifier);
        self
    }

    /// Returns the tenants of this installation.
    #[must_use]
    pub fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    /// Returns the limits of a single request.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Returns the jobs of this process, such as imports, which outlive their request.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Returns the budget of request bodies.
    pub(crate) fn bodies(&self) -> &Bodies {
        &self.0.bodies
    }

    /// Returns the verifier of issuers' tokens.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// Returns the key sets of the tenants' issuers.
    #[must_use]
    pub fn key_sets(&self) -> &KeySets {
        self.0.verifier.key_sets()
    }

    /// Returns the clock and randomness of this process.
    pub(crate) fn ambient(&self) -> &Ambient {
        self.0.tenants.ambient()
    }

    /// Returns the number of questions with an unknown name of a sort since the process
    /// started.
    pub(crate) fn unknown_names(&self, what: What) -> u64 {
        self.0.unknown.count(what)
    }

    /// Counts a question with an unknown name of a sort.
    pub(crate) fn count_unknown_name(&self, what: What) {
        self.0.unknown.add(what);
    }

    /// Returns the seal of this installation. Reads it from the database at the first
    /// call.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] if that read fails.
    pub async fn seal(&self) -> Result<Arc<Seal>, Problem> {
        let read = async || {
            let secret = self.tenants().cursor_secret().await?;
            let seal = Seal::new(&secret).map(Arc::new);
            seal.ok_or_else(|| Unavailable::because("no key can be made of its secret"))
        };
        Ok(self.0.seal.get_or_try_init(read).await?.clone())
    }
}

/// Returns the path of a URL that has no query.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/')
        .and_then(|begin| rest.get(begin..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_path_is_that_of_the_public_url() {
        for (url, path) in [
            ("", ""),
            ("https://a.example", ""),
            ("https://a.example/t1", "/t1"),
            ("http://a.example:8080/t1/x", "/t1/x"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
