//! An API as it is served: its routes, their document, its rendering of errors.

use axum::Router;
use http::Method;
use serde_json::Value;
use utoipa::openapi::{Components, OpenApi, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::document::{self, About};
use super::speak::Say;
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
    say: Say,
    operations: Vec<UtoipaMethodRouter<App>>,
    beside: Vec<UtoipaMethodRouter<App>>,
    undocumented: fn(&App) -> Router<App>,
    layer: fn(Router<App>) -> Router<App>,
    finish: fn(OpenApi) -> Value,
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
    /// An API without operations, at `/openapi/<name>.json` and below a prefix. Below
    /// that prefix, everything that is not served is answered by `say`.
    #[must_use]
    pub fn new(name: &'static str, prefix: &'static str, about: About, say: Say) -> Self {
        Self {
            name,
            prefix,
            about,
            say,
            operations: Vec::new(),
            beside: Vec::new(),
            undocumented: |_| Router::new(),
            layer: |routes| routes,
            finish: |document| document::as_json(&document),
        }
    }

    /// Adds operations (`routes!`) whose paths are relative to the prefix. A name in a
    /// path can have a suffix, such as `{id}.json`.
    #[must_use]
    pub fn operations(
        mut self,
        operations: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
    ) -> Self {
        self.operations.extend(operations);
        self
    }

    /// Adds operations whose paths are whole, because they are not below the prefix.
    #[must_use]
    pub fn beside(mut self, operations: impl IntoIterator<Item = UtoipaMethodRouter<App>>) -> Self {
        self.beside.extend(operations);
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
        for (prefix, (_, paths, _)) in self.with_prefixes() {
            for (path, item) in &paths.paths {
                routes.extend(methods(item).map(|method| Route {
                    method,
                    path: format!("{prefix}{path}"),
                }));
            }
        }
        routes
    }

    /// The OpenAPI document, for a server that is reached at its own root.
    #[must_use]
    pub fn document(self) -> Value {
        let (about, finish) = (self.about, self.finish);
        let whole = about.server != self.prefix;
        let mut documented = document_of(self.operations);
        if whole {
            documented = OpenApi::default().nest(self.prefix, documented);
        }
        documented.merge(document_of(self.beside));
        finish(document::with_head(documented, &about))
    }

    /// The routes and the document, with problems rendered as this API does.
    pub(crate) fn mount(self, app: &App) -> Router<App> {
        let mut routes = (self.undocumented)(app);
        for (prefix, (_, paths, methods)) in self.with_prefixes() {
            for path in paths.paths.keys() {
                let (path, methods) = suffix::served(&format!("{prefix}{path}"), methods.clone());
                routes = routes.route(&path, methods);
            }
        }
        let routes = (self.layer)(prefixed::api(self.prefix, routes, app, self.say));
        let name = self.name;
        routes.merge(document::served(name, move || self.document(), app))
    }

    fn with_prefixes(&self) -> impl Iterator<Item = (&'static str, &UtoipaMethodRouter<App>)> {
        let operations = self.operations.iter().map(|it| (self.prefix, it));
        operations.chain(self.beside.iter().map(|it| ("", it)))
    }
}

/// The document of operations. utoipa's router would serve them at the documented paths, some
/// of which no router takes.
fn document_of(operations: Vec<UtoipaMethodRouter<App>>) -> OpenApi {
    let mut document = OpenApiRouter::<App>::new().into_openapi();
    for (schemas, paths, _) in operations {
        for (path, item) in paths.paths {
            match document.paths.paths.get_mut(&path) {
                Some(there) => there.merge_operations(item),
                None => {
                    document.paths.paths.insert(path, item);
                }
            }
        }
        let components = document.components.get_or_insert_with(Components::new);
        components.schemas.extend(schemas);
    }
    document
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
