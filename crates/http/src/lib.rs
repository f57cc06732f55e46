//! HTTP: from bytes to questions and commands, and back.

mod api;
pub mod api_token;
pub mod auth;
mod base_url;
mod bodies;
mod connection;
pub mod context;
pub mod cursor;
pub mod cut;
pub mod description;
pub mod document;
mod explorer;
mod health;
pub mod held;
pub mod in_process;
pub mod jobs;
pub mod json_body;
pub mod listing;
mod metrics;
pub mod naming;
pub mod number;
pub mod operator_token;
mod pages;
mod path_ids;
pub mod position;
mod preconditions;
mod prefixed;
pub mod problem;
pub mod query;
pub mod seal;
mod serve;
pub mod speak;
pub mod spelling;
pub mod streamed;
mod suffix;
mod unknown_names;
mod weighing;
mod written;

pub use api::{Api, Route};
pub use auth::{Operator, Session, Terms};
pub use context::{CORRELATION_ID, Context, REVISION};
pub use json_body::{JsonBody, JsonText};
pub use path_ids::PathIds;
pub use preconditions::{Current, Preconditions};
pub use problem::{At, Fault, Problem};
pub use serve::{Server, ServerLimits};

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use tokio::sync::OnceCell;

use auth::KnownTokens;
use bodies::Bodies;
use connection::BadHost;
use jobs::Jobs;
use seal::Seal;
use unknown_names::UnknownNames;

use crate::operator_token::OperatorHash;
use attache_ambient::Ambient;
use attache_jwt::{self as jwt, KeySets, Verifier};
use attache_tenants::Tenants;

/// What every endpoint works with.
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

/// What a single request may take. Each of these stands in the configuration.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body that is read.
    pub body_bytes: usize,
    /// How many bytes all bodies that are being read or worked on may have.
    pub bodies_bytes: usize,
    /// How many of them those of one tenant may have.
    pub bodies_bytes_of_one: usize,
    /// How many bytes a page of a list has at the most. A page holds one thing at
    /// least, however large that is.
    pub answer_bytes: usize,
    /// How many bytes an answer says about what is wrong with a request.
    pub error_bytes: usize,
    /// How long an answer may take.
    pub answer_within: Duration,
    /// The most users that one sync may name.
    pub sync_users: usize,
    /// The most things that one page may hold.
    pub page_size: usize,
    /// The most operations that one bulk may hold.
    pub bulk_operations: usize,
    /// The most evaluations that one request may ask for.
    pub evaluations: usize,
    /// How long an invitation lasts that names no end.
    pub invitation: Duration,
    /// What an import may take.
    pub imports: ImportLimits,
}

/// What an import over a server may take. Each of these stands in the configuration.
#[derive(Clone, Debug)]
pub struct ImportLimits {
    /// The largest archive that is read.
    pub bytes: usize,
    /// How many bytes its files have together, unpacked.
    pub unpacked_bytes: usize,
    /// How many entries an archive has.
    pub entries: usize,
    /// How many imports of all tenants are under way at the same time.
    pub at_once: usize,
    /// How many changes a report shows, and how many faults.
    pub report_lines: usize,
    /// For how long an import can be looked at after its end.
    pub kept_for: Duration,
    /// How many imports of one tenant can be looked at.
    pub kept_of_one: usize,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            unpacked_bytes: 512 * 1024 * 1024,
            entries: 1_000,
            at_once: 2,
            report_lines: 10_000,
            kept_for: Duration::from_secs(3_600),
            kept_of_one: 20,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            bodies_bytes: 256 * 1024 * 1024,
            bodies_bytes_of_one: 64 * 1024 * 1024,
            answer_bytes: 4 * 1024 * 1024,
            error_bytes: 64 * 1024,
            answer_within: Duration::from_secs(30),
            sync_users: 100_000,
            page_size: 1_000,
            bulk_operations: 10_000,
            evaluations: 1_000,
            invitation: Duration::from_secs(7 * 24 * 3_600),
            imports: ImportLimits::default(),
        }
    }
}

impl App {
    /// What every endpoint works with.
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

    /// The same, with an operator who may call. Without, nobody is the operator.
    #[must_use]
    pub fn with_operator(mut self, operator: Option<OperatorHash>) -> Self {
        Arc::make_mut(&mut self.0).operator = operator;
        self
    }

    /// The same, reached from outside at a URL; "" where that is not known.
    #[must_use]
    pub fn reached_at(mut self, public_url: &str) -> Self {
        public_url.clone_into(&mut Arc::make_mut(&mut self.0).public_url);
        self
    }

    /// Where this is reached from outside; "" where that is not known.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// The path at which this is reached from outside, without a slash at its end:
    /// "" where it is the root, or not known. A proxy takes it off the paths of
    /// requests; what is answered has to carry it.
    #[must_use]
    pub fn public_path(&self) -> &str {
        path_of(self.public_url())
    }

    fn known_tokens(&self) -> &KnownTokens {
        &self.0.known_tokens
    }

    fn operator(&self) -> Option<&OperatorHash> {
        self.0.operator.as_ref()
    }

    /// The same, where tokens of issuers are read in another way than by default.
    #[must_use]
    pub fn with_jwt(mut self, settings: jwt::Settings) -> Self {
        let verifier = Verifier::new(settings, self.ambient().clone());
        Arc::make_mut(&mut self.0).verifier = Arc::new(verifier);
        self
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    /// What a single request may take.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The work of this process that goes on after its request was answered.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    fn bodies(&self) -> &Bodies {
        &self.0.bodies
    }

    /// Whether tokens of issuers are good.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// The keys of the tenants' issuers.
    #[must_use]
    pub fn key_sets(&self) -> &KeySets {
        self.0.verifier.key_sets()
    }

    fn ambient(&self) -> &Ambient {
        self.0.tenants.ambient()
    }
}

/// The path of a URL without a query.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/')
        .and_then(|begin| rest.get(begin..))
        .unwrap_or_default()
}

/// A service of the APIs and of what every server has beside them: health,
/// metrics, the documents' page. `others` are further routes with the same
/// context, limits and log lines.
pub fn router(app: App, apis: Vec<Api>, others: Router<App>) -> Router {
    let documents = apis.iter().map(Api::name).collect();
    let apis = apis
        .into_iter()
        .fold(Router::new(), |all, api| all.merge(api.mount(&app)));
    let beside = health::router()
        .merge(metrics::router())
        .merge(explorer::router(documents))
        .merge(others)
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    apis.merge(speak::in_words(beside, &app, plain))
        .fallback(|request: axum::extract::Request| async move {
            let problem = match request.extensions().get::<BadHost>() {
                Some(bad) => bad.problem(),
                None => Problem::NoSuchPath,
            };
            match request.extensions().get::<Context>() {
                Some(context) => plain(&problem, context),
                None => Problem::internal("a request without a context").into_response(),
            }
        })
        .layer(middleware::from_fn_with_state(
            app.clone(),
            context::accompany,
        ))
        .with_state(app)
}

/// How problems read where no API is.
fn plain(problem: &Problem, _: &Context) -> Response {
    (problem.status(), format!("{}\n", problem.message())).into_response()
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
