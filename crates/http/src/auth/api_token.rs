//! API tokens of services.

use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::model::{Subject, SubjectId, TokenHash};
use attache_core::{Actor, Caller, State, Timestamp};
use subtle::ConstantTimeEq;

use super::Recognised;
use crate::api_token::ApiToken;
use crate::{App, Problem};

/// Whose token it is, if it is one that counts now.
pub(super) async fn recognise(
    app: &App,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    let token = ApiToken::parse(credential).ok_or(Problem::Unauthenticated)?;
    let tenant = app.tenants().read(token.tenant(), at_least).await?;
    let tenant = tenant.ok_or(Problem::Unauthenticated)?;
    let state = tenant.state()?;
    let hash = token.hash();
    let actor = whose(&state, &hash, at).ok_or(Problem::Unauthenticated)?;
    let caller = Caller {
        tenant: tenant.id(),
        actor,
    };
    Ok(Recognised {
        tenant,
        caller,
        counts: Arc::new(move |state| whose(state, &hash, at) == Some(actor)),
    })
}

/// Whose the token of a hash is, if it counts in a state at an instant.
fn whose(state: &State, hash: &TokenHash, at: Timestamp) -> Option<Actor> {
    let known = state.token_by_hash(hash)?;
    if !same(&known.hash, hash) || !known.expires_at.is_live(at) {
        return None;
    }
    match state.subject_id(Subject::Service(known.service))? {
        SubjectId::Service(id) => Some(Actor::Service(id)),
        SubjectId::User(_) | SubjectId::Group(_) => None,
    }
}

fn same(a: &TokenHash, b: &TokenHash) -> bool {
    a.0.ct_eq(&b.0).into()
}
