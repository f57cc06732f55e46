//! An API as it is served: its routes, their document, its rendering of errors.

use axum::Router;
use http::Method;
use serde_json::Value;
use utoipa::openapi::{Components, OpenApi, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::document::{self, About};
use super::errors::Errors;
use super::{App, prefixed, suffix};

/// An API: everything that serving it takes. The lists of APIs, documents and
/// prefixes are made from these.
///
/// The routes are not nested: axum takes the prefix off the path of each request to
/// what is nested, which was 3.6 % of what a check takes without a connection, and
/// 5 % of an unchanged list.
#[derive(Clone)]
pub struct Api {
    name: &'static str,
    prefix: &'static str,
    about: About,
    errors: Errors,
    operations: Vec<Served>,
    undocumented: fn(&App) -> Router<App>,
    layer: fn(Router<App>) -> Router<App>,
    finish: fn(OpenApi) -> Value,
}

/// Operations at one path.
#[derive(Clone)]
struct Served {
    /// The prefix of the path; "" for a path that is whole.
    prefix: &'static str,
    /// Whether the operations only read, also those whose method is POST.
    is_question: bool,
    routes: UtoipaMethodRouter<App>,
}

/// A method at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The whole path, as the document spells it.
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
    /// An API without operations, at `/openapi/<name>.json` and below a prefix. A path below
    /// the prefix that is not served is answered with a problem as `errors` renders it.
    #[must_use]
    pub fn new(name: &'static str, prefix: &'static str, about: About, errors: Errors) -> Self {
        Self {
            name,
            prefix,
            about,
            errors,
            operations: Vec::new(),
            undocumented: |_| Router::new(),
            layer: |routes| routes,
            finish: |document| document::as_json(&document),
        }
    }

    /// Adds operations (`routes!`) whose paths are relative to the prefix. A name in a
    /// path can have a suffix, such as `{id}.json`.
    #[must_use]
    pub fn operations(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        let prefix = self.prefix;
        self.with(prefix, false, routes)
    }

    /// Adds operations that ask by POST and never write. Their paths are relative to the
    /// prefix.
    #[must_use]
    pub fn questions(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        let prefix = self.prefix;
        self.with(prefix, true, routes)
    }

    /// Adds operations whose paths are whole, because they are not below the prefix.
    #[must_use]
    pub fn beside(self, routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        self.with("", false, routes)
    }

    fn with(
        mut self,
        prefix: &'static str,
        is_question: bool,
        routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
    ) -> Self {
        let served = routes.into_iter().map(|routes| Served {
            prefix,
            is_question,
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

    /// Changes how the document, with its head, becomes JSON.
    #[must_use]
    pub fn finish(mut self, finish: fn(OpenApi) -> Value) -> Self {
        self.finish = finish;
        self
    }

    /// The name in `/openapi/<name>.json`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the paths of all operations begin with.
    #[must_use]
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Every documented route.
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

    /// The OpenAPI document, for a server that is reached at its own root.
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

    /// The routes and the document, with problems rendered as this API does.
    pub(crate) fn mount(self, app: &App) -> Router<App> {
        let mut routes = (self.undocumented)(app);
        for served in &self.operations {
            // utoipa's router would serve an operation at its documented path, and no router
            // takes some of these.
            let (_, paths, methods) = &served.routes;
            for path in paths.paths.keys() {
                let whole = format!("{}{path}", served.prefix);
                let (path, methods) = suffix::served(&whole, methods.clone());
                routes = routes.route(&path, methods);
            }
        }
        let render = self.errors.render();
        let routes = (self.layer)(prefixed::api(self.prefix, routes, app, render));
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
