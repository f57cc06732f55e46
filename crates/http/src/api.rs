//! An API as it is served: its routes, their OpenAPI document, and its rendering of
//! errors.

use attache_core::Origin;
use axum::Router;
use http::Method;
use serde_json::Value;
use utoipa::openapi::{Components, OpenApi, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::document::{self, About};
use super::errors::Errors;
use super::moment::{FocusOf, Times};
use super::moment_document;
use super::render::Rendering;
use super::{App, prefixed, suffix};

/// An API with everything that serving it takes. The lists of APIs, documents and
/// prefixes are made from these values.
///
/// The routes are not nested, since axum removes the prefix from the path of each request
/// to a nested router. That costs 3.6 % of a check (without its connection), and 5 % of
/// an unchanged list.
#[derive(Clone)]
pub struct Api {
    name: &'static str,
    origin: Origin,
    prefix: &'static str,
    about: About,
    errors: Errors,
    operations: Vec<Served>,
    takes_moments_in_queries: bool,
    undocumented: fn(&App) -> Router<App>,
    layer: fn(Router<App>) -> Router<App>,
    finish: fn(OpenApi) -> Value,
}

/// Operations at one path.
#[derive(Clone)]
struct Served {
    /// The prefix of the path; "" if the path is complete.
    prefix: &'static str,
    /// Whether the operations only read. Some of them have the method POST.
    is_question: bool,
    /// Why reads of the path are not of the tenant's state, if they are not.
    beside: Option<&'static str>,
    /// What its reads are about, if that is one resource.
    focus: Option<FocusOf>,
    routes: UtoipaMethodRouter<App>,
}

/// A documented route: a method at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The complete path, in the spelling of the document.
    pub path: String,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("name", &self.name)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Api {
    /// Makes an API without operations. Its document is served at `/openapi/<name>.json`.
    /// A path below `prefix` that is not served is answered with a problem, rendered by
    /// `errors`.
    #[must_use]
    pub fn new(name: &'static str, prefix: &'static str, about: About, errors: Errors) -> Self {
        Self {
            name,
            origin: Origin::of_door(name),
            prefix,
            about,
            errors,
            operations: Vec::new(),
            takes_moments_in_queries: false,
            undocumented: |_| Router::new(),
            layer: |routes| routes,
            finish: |document| document::as_json(&document),
        }
    }

    /// Changes the origin of what is written through this API: its name, if nothing else is
    /// said.
    #[must_use]
    pub fn through(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Adds operations (`routes!`) whose paths are relative to the prefix. A name in a
    /// path may have a suffix, as in `{id}.json`.
    #[must_use]
    pub fn operations(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        let prefix = self.prefix;
        self.with(prefix, false, None, routes)
    }

    /// Adds operations whose reads are about one resource: its users, or what one subject may
    /// there. As of another time they need nothing else of the tenant's state but what stands
    /// above the resource, so that the answer does not take longer the longer the log is.
    #[must_use]
    pub fn operations_on(
        mut self,
        focus: FocusOf,
        routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
    ) -> Self {
        let before = self.operations.len();
        self = self.operations(routes);
        for served in self.operations.iter_mut().skip(before) {
            served.focus = Some(focus);
        }
        self
    }

    /// Says of operations that were added what their reads are about, as
    /// [`Api::operations_on`] does.
    #[must_use]
    pub fn about_one(mut self, path: &str, focus: FocusOf) -> Self {
        for served in &mut self.operations {
            let (_, paths, _) = &served.routes;
            if paths.paths.contains_key(path) {
                served.focus = Some(focus);
            }
        }
        self
    }

    /// Adds operations at paths whose reads are not of a tenant's state, so that they are
    /// refused as of another time, for this reason: the end of a sentence that begins with the
    /// name of the header.
    #[must_use]
    pub fn of_no_state(
        self,
        reason: &'static str,
        routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
    ) -> Self {
        let prefix = self.prefix;
        self.with(prefix, false, Some(reason), routes)
    }

    /// Lets the query of every operation name a moment, as `at` or `revision`, besides the
    /// header `Attache-At`.
    #[must_use]
    pub fn moments_in_queries(mut self) -> Self {
        self.takes_moments_in_queries = true;
        self
    }

    /// Adds operations that read by POST and never write. Their paths are relative to the
    /// prefix.
    #[must_use]
    pub fn questions(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        let prefix = self.prefix;
        self.with(prefix, true, None, routes)
    }

    /// Adds operations with complete paths, which need not be below the prefix.
    #[must_use]
    pub fn beside(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        self.with("", false, None, routes)
    }

    fn with(
        mut self,
        prefix: &'static str,
        is_question: bool,
        beside: Option<&'static str>,
        routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
    ) -> Self {
        let served = routes.into_iter().map(|routes| Served {
            prefix,
            is_question,
            beside,
            focus: None,
            routes,
        });
        self.operations.extend(served);
        self
    }

    /// Adds routes that the document does not name.
    #[must_use]
    pub fn undocumented(mut self, routes: fn(&App) -> Router<App>) -> Self {
        self.undocumented = routes;
        self
    }

    /// Adds a layer around all routes of this API.
    #[must_use]
    pub fn layer(mut self, layer: fn(Router<App>) -> Router<App>) -> Self {
        self.layer = layer;
        self
    }

    /// Sets the function that turns the document, with its head, into JSON.
    #[must_use]
    pub fn finish(mut self, finish: fn(OpenApi) -> Value) -> Self {
        self.finish = finish;
        self
    }

    /// Returns the name in `/openapi/<name>.json`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The origin of what is written through this API.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the prefix of all operations' paths.
    #[must_use]
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Returns all documented routes.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        for served in &self.operations {
            let (_, paths, _) = &served.routes;
            for (path, item) in &paths.paths {
                routes.extend(methods(item).map(|method| Route {
                    method,
                    path: format!("{}{path}", served.prefix),
                }));
            }
        }
        routes
    }

    /// Returns the OpenAPI document, for a server that is reached at its own root.
    #[must_use]
    pub fn document(self) -> Value {
        let (about, finish, errors) = (self.about, self.finish, self.errors);
        let is_nested = about.server != self.prefix;
        let mut document = OpenApiRouter::<App>::new().into_openapi();
        let components = document.components.get_or_insert_with(Components::new);
        let mut schemas = Vec::new();
        errors.components(&mut schemas);
        components.schemas.extend(schemas);
        for served in self.operations {
            let prefix = match is_nested {
                true => served.prefix,
                false => "",
            };
            let (schemas, paths, _) = served.routes;
            components.schemas.extend(schemas);
            for (path, mut item) in paths.paths {
                errors.document(&mut item, served.is_question);
                if served.beside.is_none() {
                    let in_query = self.takes_moments_in_queries;
                    moment_document::describe(&mut item, served.is_question, in_query);
                }
                let path = format!("{prefix}{path}");
                match document.paths.paths.get_mut(&path) {
                    Some(there) => there.merge_operations(item),
                    None => {
                        document.paths.paths.insert(path, item);
                    }
                }
            }
        }
        finish(document::with_head(document, &about))
    }

    /// Returns the router of the API's routes and document. This API's renderer renders
    /// all problems of the routes.
    pub(crate) fn mount(self, app: &App) -> Router<App> {
        let mut routes = (self.undocumented)(app);
        let mut times = Times::new(self.takes_moments_in_queries);
        for served in &self.operations {
            // utoipa's router would serve an operation at its documented path, which the
            // router refuses for paths such as `{id}.json`.
            let (_, paths, methods) = &served.routes;
            for path in paths.paths.keys() {
                let whole = format!("{}{path}", served.prefix);
                let (path, methods) = suffix::served(&whole, methods.clone());
                if served.is_question {
                    times.reads(&path);
                }
                if let Some(focus) = served.focus {
                    times.focuses(&path, focus);
                }
                if let Some(reason) = served.beside {
                    times.reads_beside(&path, reason);
                }
                routes = routes.route(&path, methods);
            }
        }
        let render = self.errors.render();
        let rendering = Rendering::of_api(app, render, self.origin, times);
        let routes = (self.layer)(prefixed::api(self.prefix, routes, &rendering));
        let name = self.name;
        routes.merge(document::served(name, move || self.document(), app))
    }
}

fn methods(item: &PathItem) -> impl Iterator<Item = Method> {
    let methods = [
        (&item.get, Method::GET),
        (&item.put, Method::PUT),
        (&item.post, Method::POST),
        (&item.delete, Method::DELETE),
        (&item.options, Method::OPTIONS),
        (&item.head, Method::HEAD),
        (&item.patch, Method::PATCH),
        (&item.trace, Method::TRACE),
    ];
    let taken = methods.map(|(operation, method)| operation.is_some().then_some(method));
    taken.into_iter().flatten()
}
