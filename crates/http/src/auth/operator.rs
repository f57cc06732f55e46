//! The operator, who has the rights of the command line on the data folder.

use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::time::Expiry;
use attache_core::{Actor, Caller};
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use super::recognised::Recognised;
use super::{bearer, named};
use crate::operator_token::PREFIX;
use crate::{App, Context, Problem};

/// A request of the operator that concerns no single tenant.
#[derive(Clone, Debug)]
pub struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let credential = bearer::credential(&parts.headers)?;
        let context = parts.extensions.get::<Context>();
        if is_one(credential) {
            check(app, credential)?;
            if let Some(context) = context {
                context.is_asked_by(None, Actor::Operator);
                context.must_ask_about_now()?;
            }
            return Ok(Self);
        }
        // Another caller is recognised first, and then told that this is for the operator
        // only.
        let at_least = Revision::default();
        let at = app.ambient().now();
        let found = super::recognise(app, parts, credential, at, at_least).await?;
        if let Some(context) = context {
            context.is_asked_by(Some(found.caller.tenant), found.caller.actor);
        }
        Err(Problem::OperatorOnly)
    }
}

/// Returns whether a credential has the form of an operator's token.
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

/// Recognises the operator, working for the tenant that the request names.
pub(super) async fn recognise(
    app: &App,
    headers: &HeaderMap,
    credential: &str,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    check(app, credential)?;
    let tenant = named::by_header(app, headers).await?.ok_or_else(|| {
        let reason = "is required with the operator's credential: a tenant's slug or id";
        Problem::header("Attache-Tenant", reason)
    })?;
    let tenant = app.tenants().read(tenant, at_least).await?;
    let tenant = tenant.ok_or_else(named::no_such_tenant)?;
    let caller = Caller {
        tenant: tenant.id(),
        actor: Actor::Operator,
    };
    Ok(Recognised {
        tenant,
        caller,
        ends: Expiry::NEVER,
        // The operator's credential depends on no state and has no end.
        credential: Arc::new(|_, _| Some(Expiry::NEVER)),
        state: None,
    })
}
