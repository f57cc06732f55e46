//! Permissions that a write needs whatever its body says. A large body is not read if the
//! caller lacks them. The core decides again when the write is made.

use attache_core::{Locator, Refusal, State};
use attache_http::{Problem, Session, naming};
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams};
use http::Method;
use http::request::Parts;

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needed {
    /// The permission `*`.
    Everything,
    /// A permission of the root's family, such as `users.add`.
    OnTenant(&'static str),
    /// A permission of the family of the resource that the path names.
    OnResource(&'static str),
}

/// What a request to a route of this API needs, if that is known before its body.
fn needed(method: &Method, route: &str) -> Option<Needed> {
    let path = route.strip_prefix(super::PREFIX).unwrap_or(route);
    Some(match (method.as_str(), path) {
        ("POST", "/issuers")
        | ("PUT", "/issuers/{issuer}" | "/catalogue" | "/roles/{role}" | "/kinds/{kind}") => {
            Needed::Everything
        }
        ("POST", "/users") => Needed::OnTenant("users.add"),
        ("PATCH", "/users/{user}") => Needed::OnTenant("users.change"),
        ("POST", "/groups") => Needed::OnTenant("groups.add"),
        ("PATCH", "/groups/{group}") => Needed::OnTenant("groups.change"),
        ("POST", "/services") => Needed::OnTenant("services.add"),
        ("PATCH", "/services/{service}") => Needed::OnTenant("services.change"),
        ("PUT", "/resources/{resource}/members") => Needed::OnResource("users.add"),
        ("PATCH", "/resources/{resource}") => Needed::OnResource("change"),
        _ => return None,
    })
}

/// What a request needs before its body is known.
pub(super) struct MustHold {
    needed: Option<Needed>,
    resource: Option<Locator>,
}

impl MustHold {
    /// What the route of a request says.
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

    /// Whether the caller may hold it.
    ///
    /// # Errors
    /// As the write itself would be refused.
    pub(super) fn check(&self, session: &Session) -> Result<(), Problem> {
        let state: &State = &session.state;
        let (by, at) = (&session.caller, session.at);
        let refused: Result<(), Refusal> = match (self.needed, &self.resource) {
            (Some(Needed::Everything), _) => state.authorize_everything(by, at),
            (Some(Needed::OnTenant(what)), _) => state.authorize_tenant(by, what, at),
            (Some(Needed::OnResource(what)), Some(resource)) => {
                state.authorize(by, resource, what, at).map(|_| ())
            }
            (Some(Needed::OnResource(_)) | None, _) => Ok(()),
        };
        Ok(refused?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_that_is_named_is_served() {
        let document = crate::document();
        for (method, path) in [
            ("POST", "/issuers"),
            ("PUT", "/issuers/{issuer}"),
            ("PUT", "/catalogue"),
            ("PUT", "/roles/{role}"),
            ("PUT", "/kinds/{kind}"),
            ("POST", "/users"),
            ("PATCH", "/users/{user}"),
            ("POST", "/groups"),
            ("PATCH", "/groups/{group}"),
            ("POST", "/services"),
            ("PATCH", "/services/{service}"),
            ("PUT", "/resources/{resource}/members"),
            ("PATCH", "/resources/{resource}"),
        ] {
            let route = format!("{}{path}", crate::PREFIX);
            let method: Method = method.parse().unwrap();
            assert!(needed(&method, &route).is_some(), "{method} {path}");
            let lower = method.as_str().to_lowercase();
            assert!(
                document["paths"][path][&lower].is_object(),
                "{method} {path}"
            );
        }
    }
}
