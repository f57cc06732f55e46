//! Finds the tenant that a request names: by `Attache-Tenant`, or else by the web domain
//! that it was sent to.

use attache_core::id::TenantId;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::{App, Problem};
use attache_tenants::Directory;

/// The header with the tenant that the caller works for: its slug or id.
pub(super) const TENANT: HeaderName = HeaderName::from_static("attache-tenant");

/// The problem for a header that names no tenant.
pub(super) fn no_such_tenant() -> Problem {
    Problem::header("Attache-Tenant", "is no tenant's slug or id")
}

/// Returns the tenant that the header of a request names, if the request has that header.
pub(super) async fn by_header(app: &App, headers: &HeaderMap) -> Result<Option<TenantId>, Problem> {
    let mut values = headers.get_all(TENANT).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| no_such_tenant())?,
        (Some(_), Some(_)) => return Err(Problem::header("Attache-Tenant", "is repeated")),
    };
    let found = app.tenants().look_up(|directory| directory.id_of(value));
    found.await?.map(Some).ok_or_else(no_such_tenant)
}

/// Returns the tenant at whose web domain a request arrived, if at any. A complete URL in
/// the request line overrules `Host` (RFC 9112, 3.2.2).
pub(super) fn by_domain(directory: &Directory, parts: &Parts) -> Option<TenantId> {
    let host = match parts.uri.host() {
        Some(host) => host,
        None => parts.headers.get(HOST)?.to_str().ok()?,
    };
    directory.by_domain(host).map(|row| row.id)
}

/// Checks that a request names no other tenant than this one. Another tenant and an
/// unknown tenant get the same answer.
pub(super) async fn check(app: &App, parts: &Parts, tenant: TenantId) -> Result<(), Problem> {
    let named = match by_header(app, &parts.headers).await {
        Ok(Some(named)) => Some(named),
        Ok(None) => {
            // The look-up by domain never makes the directory be read again.
            let found = |directory: &Directory| Some(by_domain(directory, parts));
            app.tenants().look_up(found).await?.flatten()
        }
        Err(Problem::Invalid(_)) => {
            tracing::debug!(
                reason = "Attache-Tenant is no tenant's slug or id, or is repeated",
                "a credential was refused"
            );
            return Err(Problem::OtherTenant);
        }
        Err(other) => return Err(other),
    };
    match named.is_none_or(|named| named == tenant) {
        true => Ok(()),
        false => {
            tracing::debug!(
                reason =
                    "Attache-Tenant or the web domain names another tenant than the credential's",
                "a credential was refused"
            );
            Err(Problem::OtherTenant)
        }
    }
}
