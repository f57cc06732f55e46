//! Finds the tenants that may accept a token, before asking any of them.

use std::borrow::Cow;

use attache_core::id::TenantId;
use http::request::Parts;

use crate::auth::named::{self, TENANT};
use crate::{App, Problem};
use attache_tenants::Directory;

/// The most tenants that are opened for one token. If more tenants trust its issuer, the
/// caller must name the tenant.
const MOST: usize = 16;

/// Returns the tenants that may trust an issuer: the tenant that the request names or
/// whose web domain it uses, or else all tenants.
pub(super) async fn find(app: &App, parts: &Parts, issuer: &str) -> Result<Vec<TenantId>, Problem> {
    let mut named = parts.headers.get_all(TENANT).iter();
    let named = match (named.next(), named.next()) {
        (None, _) => None,
        (Some(name), None) => {
            let unreadable = |_| Problem::bad_credential("Attache-Tenant is not plain text");
            Some(name.to_str().map_err(unreadable)?)
        }
        (Some(_), Some(_)) => return Err(Problem::bad_credential("Attache-Tenant is repeated")),
    };
    let trusting = |directory: &Directory| {
        let all = directory.by_issuer(issuer);
        let meant: Vec<TenantId> = match named {
            Some(name) => {
                let own = directory.id_of(name)?;
                all.iter().copied().filter(|id| *id == own).collect()
            }
            None => match named::by_domain(directory, parts) {
                Some(own) => all.iter().copied().filter(|id| *id == own).collect(),
                None => all.to_vec(),
            },
        };
        (!meant.is_empty()).then_some(meant)
    };
    let Some(found) = app.tenants().look_up(trusting).await? else {
        let why = why_none(&app.tenants().directory(), named, issuer);
        return Err(Problem::bad_credential(why));
    };
    if found.len() > MOST {
        tracing::warn!(
            tenants = found.len(),
            "too many tenants trust an issuer to look into all: its callers must send Attache-Tenant"
        );
        let reason = "too many tenants trust its issuer: Attache-Tenant must name one";
        return Err(Problem::bad_credential(reason));
    }
    Ok(found)
}

/// Says why a token belongs to no tenant. Quotes nothing from the token, except an issuer
/// that a tenant trusts.
fn why_none(directory: &Directory, named: Option<&str>, issuer: &str) -> Cow<'static, str> {
    if named.is_some_and(|name| directory.id_of(name).is_none()) {
        return "Attache-Tenant is no tenant's slug or id".into();
    }
    if !directory.by_issuer(issuer).is_empty() {
        return match named {
            Some(_) => "the tenant that Attache-Tenant names does not trust its issuer",
            None => "the tenant of the web domain that was asked does not trust its issuer",
        }
        .into();
    }
    let bare = issuer.trim_end_matches('/');
    let similar = [bare.to_owned(), format!("{bare}/")];
    // If the request names a tenant, the issuers of other tenants do not matter.
    let own = named.and_then(|name| directory.id_of(name));
    let mut similar = similar.iter().filter(|it| {
        let trusting = directory.by_issuer(it);
        match own {
            Some(own) => trusting.contains(&own),
            None => !trusting.is_empty(),
        }
    });
    match similar.next() {
        Some(trusted) => format!(
            "no tenant trusts its issuer: {trusted} is trusted, and its iss differs by a slash at its end"
        )
        .into(),
        None => "no tenant trusts its issuer: iss must be that of a trust, to the character".into(),
    }
}
