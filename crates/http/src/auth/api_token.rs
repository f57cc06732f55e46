//! API tokens of services.

use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::model::{Subject, SubjectId, Token, TokenHash};
use attache_core::{Actor, Caller, State, Timestamp};
use http::request::Parts;
use subtle::ConstantTimeEq;

use super::named;
use super::recognised::Recognised;
use crate::{App, Problem};

/// Returns the caller whose API token the credential is, if the token is valid now for
/// this tenant and address. Records the use of the token.
pub(super) async fn recognise(
    app: &App,
    parts: &Parts,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    let refused = |reason: &'static str| Problem::bad_credential(reason);
    let token = app.known_tokens().read(credential).ok_or_else(|| {
        refused("it is no API token: a part is missing, or its checksum does not fit")
    })?;
    let (tenant, hash) = token.read;
    let tenant = app.tenants().read(tenant, at_least).await?;
    let tenant = tenant.ok_or_else(|| refused("the tenant of the API token does not exist"))?;
    let state = tenant.state()?;
    let (known, actor) = whose(&state, &hash, at).map_err(refused)?;
    app.known_tokens().remember(&token);
    named::check(app, parts, tenant.id()).await?;
    app.tenants().token_used(tenant.id(), known.id, at);
    let caller = Caller {
        tenant: tenant.id(),
        actor,
    };
    let ends = known.expires_at;
    Ok(Recognised {
        tenant,
        caller,
        ends,
        credential: Arc::new(move |state, at| {
            let now = whose(state, &hash, at).ok();
            now.filter(|(_, now)| *now == actor)
                .map(|(known, _)| known.expires_at)
        }),
        state: None,
    })
}

/// Returns the token of a hash and its owner, if the token is valid in a state at an
/// instant; or why it is not.
fn whose<'a>(
    state: &'a State,
    hash: &TokenHash,
    at: Timestamp,
) -> Result<(&'a Token, Actor), &'static str> {
    let known = state.token_by_hash(hash);
    let known = known.filter(|known| same(&known.hash, hash));
    // The state forgets removed tokens, so it cannot tell which of these happened.
    let known =
        known.ok_or("the API token was never created, was revoked, or went with its service")?;
    if !known.expires_at.is_live(at) {
        return Err("the API token has expired");
    }
    match state.subject_id(Subject::Service(known.service)) {
        Some(SubjectId::Service(id)) => Ok((known, Actor::Service(id))),
        Some(SubjectId::User(_) | SubjectId::Group(_)) | None => {
            Err("the service of the API token does not exist")
        }
    }
}

fn same(a: &TokenHash, b: &TokenHash) -> bool {
    a.0.ct_eq(&b.0).into()
}
