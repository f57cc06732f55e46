//! Permissions that a write needs whatever its body says. If the caller lacks them, a
//! large body is not read. The core checks permissions again when the write is decided.

use attache_core::{Locator, Refusal};
use attache_http::{Problem, Session, naming};
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams};
use http::Method;
use http::request::Parts;

/// A permission that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needed {
    /// The permission `*`.
    Everything,
    /// A permission of the root's family, such as `users.add`.
    OnTenant(&'static str),
    /// A permission of the family of the resource that the path names.
    OnResource(&'static str),
}

/// Returns the permission that a request to a route of this API needs, if that is known
/// before its body. The access table of all APIs (`crates/apis/tests/access_table`)
/// compares each route with the core.
#[rustfmt::skip]
fn needed(method: &Method, route: &str) -> Option<Needed> {
    use Needed::{Everything, OnResource, OnTenant};
    let path = route.strip_prefix(super::PREFIX).unwrap_or(route);
    Some(match (method.as_str(), path) {
        ("PUT", "/catalogue")
        | ("PUT" | "DELETE", "/roles/{role}" | "/kinds/{kind}")
        | ("POST", "/issuers")
        | ("PUT" | "DELETE", "/issuers/{issuer}") => Everything,
        ("POST", "/users") => OnTenant("users.add"),
        ("PATCH", "/users/{user}") => OnTenant("users.change"),
        ("DELETE", "/users/{user}") => OnTenant("users.remove"),
        ("POST" | "DELETE", "/users/{user}/invitation") => OnTenant("users.change"),
        ("POST", "/groups") => OnTenant("groups.add"),
        ("PATCH", "/groups/{group}") => OnTenant("groups.change"),
        ("DELETE", "/groups/{group}") => OnTenant("groups.remove"),
        ("PUT", "/groups/{group}/users/{user}") => OnTenant("groups.users.add"),
        ("DELETE", "/groups/{group}/users/{user}") => OnTenant("groups.users.remove"),
        ("POST", "/services") => OnTenant("services.add"),
        ("PATCH", "/services/{service}") => OnTenant("services.change"),
        ("DELETE", "/services/{service}") => OnTenant("services.remove"),
        ("POST", "/services/{service}/tokens") => OnTenant("services.tokens.create"),
        ("DELETE", "/services/{service}/tokens/{token}") => OnTenant("services.tokens.revoke"),
        ("PATCH", "/resources/{resource}") => OnResource("change"),
        ("DELETE", "/resources/{resource}") => OnResource("remove"),
        ("POST", "/resources/{resource}/move") => OnResource("move"),
        ("PUT", "/resources/{resource}/members") => OnResource("users.add"),
        ("DELETE", "/resources/{resource}/members/{user}") => OnResource("users.remove"),
        ("DELETE", "/resources/{resource}/grants/{grant}") => OnResource("users.roles.revoke"),
        _ => return None,
    })
}

/// The permission that a request needs before its body is read.
pub(super) struct MustHold {
    needed: Option<Needed>,
    resource: Option<Locator>,
}

impl MustHold {
    /// Reads it from the route of a request.
    pub(super) async fn of(parts: &mut Parts) -> Self {
        let route = parts.extensions.get::<MatchedPath>();
        let needed = route.and_then(|route| needed(&parts.method, route.as_str()));
        let path = RawPathParams::from_request_parts(parts, &()).await.ok();
        let named = path.as_ref().and_then(|path| {
            let mut named = path.iter().filter(|(name, _)| *name == "resource");
            named.next().map(|(_, text)| naming::locator(text))
        });
        Self {
            needed,
            resource: named,
        }
    }

    /// Checks that the caller holds it.
    ///
    /// # Errors
    /// The refusal that the write itself would get.
    pub(super) fn check(&self, session: &Session) -> Result<(), Problem> {
        let authority = session.authority();
        let refused: Result<(), Refusal> = match (self.needed, &self.resource) {
            (Some(Needed::Everything), _) => authority.authorize_everything(),
            (Some(Needed::OnTenant(what)), _) => authority.authorize_tenant(what),
            (Some(Needed::OnResource(what)), Some(resource)) => {
                session.authorize(resource, what).map(|_| ())
            }
            (Some(Needed::OnResource(_)) | None, _) => Ok(()),
        };
        Ok(refused?)
    }
}
