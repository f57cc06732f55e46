//! The operator: does for a tenant what whoever holds the data folder can.

use std::sync::Arc;

use attache_core::id::{Revision, TenantId};
use attache_core::{Actor, Caller};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use super::{Recognised, bearer};
use crate::operator_token::PREFIX;
use crate::{App, Problem};

/// For which tenant the caller works: its slug or id.
pub(super) const TENANT: HeaderName = HeaderName::from_static("attache-tenant");

/// A request of the operator that is about no single tenant.
#[derive(Clone, Debug)]
pub struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let credential = bearer::credential(&parts.headers)?;
        if is_one(credential) {
            return check(app, credential).map(|()| Self);
        }
        // Whoever is somebody else is told that this is not for it.
        let at_least = Revision::default();
        super::recognise(
            app,
            &parts.headers,
            credential,
            app.ambient().now(),
            at_least,
        )
        .await?;
        Err(Problem::OperatorOnly)
    }
}

/// Whether a credential says that it is the operator's.
pub(super) fn is_one(credential: &str) -> bool {
    credential.starts_with(PREFIX)
}

fn check(app: &App, credential: &str) -> Result<(), Problem> {
    match app.operator() {
        Some(hash) if hash.is_of(credential) => Ok(()),
        Some(_) => Err(Problem::bad_credential("it is not the operator's token")),
        None => {
            let reason = "there is no operator: operator_token_sha256 is not configured";
            Err(Problem::bad_credential(reason))
        }
    }
}

/// The operator, at work for the tenant that the request names.
pub(super) async fn recognise(
    app: &App,
    headers: &HeaderMap,
    credential: &str,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    check(app, credential)?;
    let tenant = named_tenant(app, headers).await?.ok_or_else(|| {
        let reason = "is required with the operator's credential: a tenant's slug or id";
        Problem::invalid("Attache-Tenant", reason)
    })?;
    let tenant = app.tenants().read(tenant, at_least).await?;
    let tenant = tenant.ok_or_else(no_such_tenant)?;
    let caller = Caller {
        tenant: tenant.id(),
        actor: Actor::Operator,
    };
    Ok(Recognised {
        tenant,
        caller,
        // No state says anything about the operator.
        counts: Arc::new(|_| true),
    })
}

fn no_such_tenant() -> Problem {
    Problem::invalid("Attache-Tenant", "is no tenant's slug or id")
}

/// Whether a request that names a tenant names this one.
pub(super) async fn must_be_named(
    app: &App,
    headers: &HeaderMap,
    tenant: TenantId,
) -> Result<(), Problem> {
    match named_tenant(app, headers).await {
        Ok(None) => Ok(()),
        Ok(Some(named)) if named == tenant => Ok(()),
        // Whether there is another one of that name is nobody's business.
        Ok(Some(_)) | Err(Problem::Invalid(_)) => Err(Problem::OtherTenant),
        Err(other) => Err(other),
    }
}

/// The tenant that a request names, if it names one.
async fn named_tenant(app: &App, headers: &HeaderMap) -> Result<Option<TenantId>, Problem> {
    let mut values = headers.get_all(TENANT).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| no_such_tenant())?,
        (Some(_), Some(_)) => return Err(Problem::invalid("Attache-Tenant", "stands twice")),
    };
    let found = app.tenants().find(value).await?;
    found.map(|row| Some(row.id)).ok_or_else(no_such_tenant)
}
