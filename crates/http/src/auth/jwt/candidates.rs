//! Which tenants a token may be of, before any of them is asked.

use attache_core::id::TenantId;
use http::HeaderMap;

use crate::auth::operator::TENANT;
use crate::{App, Problem};
use attache_tenants::Directory;

/// How many tenants are opened for one token. Where more trust its issuer, the
/// caller has to name the one that it means.
const MOST: usize = 16;

/// The tenants that may trust an issuer: the one that the caller names, or at
/// whose web domain it asks; or else all.
pub(super) async fn find(
    app: &App,
    headers: &HeaderMap,
    issuer: &str,
) -> Result<Vec<TenantId>, Problem> {
    let mut named = headers.get_all(TENANT).iter();
    let named = match (named.next(), named.next()) {
        (None, _) => None,
        (Some(name), None) => Some(name.to_str().map_err(|_| Problem::Unauthenticated)?),
        (Some(_), Some(_)) => return Err(Problem::Unauthenticated),
    };
    let trusting = |directory: &Directory| {
        let all = directory.by_issuer(issuer);
        let meant: Vec<TenantId> = match named {
            Some(name) => {
                let own = directory.named(name)?.id;
                all.iter().copied().filter(|id| *id == own).collect()
            }
            None => match at(directory, headers).filter(|id| all.contains(id)) {
                Some(own) => vec![own],
                None => all.to_vec(),
            },
        };
        (!meant.is_empty()).then_some(meant)
    };
    let found = app.tenants().look_up(trusting).await;
    let found = found.map_err(|error| Problem::Unavailable(error.to_string()))?;
    let found = found.unwrap_or_default();
    if found.len() > MOST {
        tracing::warn!(
            tenants = found.len(),
            "too many tenants trust an issuer to look into all: its callers must send Attache-Tenant"
        );
        return Err(Problem::Unauthenticated);
    }
    Ok(found)
}

/// The tenant at whose web domain the request arrived, if at any.
fn at(directory: &Directory, headers: &HeaderMap) -> Option<TenantId> {
    let host = headers.get(http::header::HOST)?.to_str().ok()?;
    directory.by_domain(host).map(|row| row.id)
}
