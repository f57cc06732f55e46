//! API tokens of services.

use attache_core::id::Revision;
use attache_core::model::{SubjectId, TokenHash};
use attache_core::{Actor, Caller, Timestamp};
use subtle::ConstantTimeEq;

use crate::api_token::ApiToken;
use crate::http::{App, Problem};
use crate::tenants::Tenant;

/// Whose token it is, if it is one that counts now.
pub(super) async fn recognise(
    app: &App,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<(Tenant, Caller), Problem> {
    let token = ApiToken::parse(credential).ok_or(Problem::Unauthenticated)?;
    let tenant = app.tenants().read(token.tenant(), at_least).await?;
    let tenant = tenant.ok_or(Problem::Unauthenticated)?;
    let state = tenant.state()?;
    let hash = token.hash();
    let actor = state
        .token_by_hash(&hash)
        .filter(|known| same(&known.hash, &hash) && known.expires_at.is_live(at))
        .and_then(|known| state.subject_id(attache_core::model::Subject::Service(known.service)))
        .and_then(|subject| match subject {
            SubjectId::Service(id) => Some(Actor::Service(id)),
            SubjectId::User(_) | SubjectId::Group(_) => None,
        })
        .ok_or(Problem::Unauthenticated)?;
    let caller = Caller {
        tenant: tenant.id(),
        actor,
    };
    Ok((tenant, caller))
}

fn same(a: &TokenHash, b: &TokenHash) -> bool {
    a.0.ct_eq(&b.0).into()
}
