//! From a credential to a caller.
//!
//! Each kind of credential has a file that tells whose it is; a new one is a
//! new file and a line in `recognise`.

mod api_token;
mod bearer;
mod jwt;

use attache_core::{Caller, Command};
use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{App, Context, Problem};
use crate::tenants::{Tenant, Written};

/// An authenticated request: who asks, of which tenant, and the one state that
/// the whole answer is made from.
#[derive(Clone, Debug)]
pub struct Session {
    app: App,
    context: Context,
    /// Who asks.
    pub caller: Caller,
    /// The state that answers.
    pub state: std::sync::Arc<attache_core::State>,
    /// The instant at which it is asked.
    pub at: attache_core::Timestamp,
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let credential = bearer::credential(&parts.headers).ok_or(Problem::Unauthenticated)?;
        let context = parts
            .extensions
            .get::<Context>()
            .cloned()
            .ok_or(Problem::Internal)?;
        let at = app.ambient().now();
        let (tenant, caller) = recognise(app, &parts.headers, credential, at).await?;
        let state = tenant.state()?;
        context.answered_at(state.revision());
        Ok(Self {
            app: app.clone(),
            context,
            caller,
            state,
            at,
        })
    }
}

impl Session {
    /// What accompanies the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Let commands become one entry, all of them or none. What is asked
    /// afterwards is asked of a state that holds it.
    ///
    /// # Errors
    /// Why not.
    pub async fn write(&mut self, commands: &[Command]) -> Result<Written, Problem> {
        let correlation_id = self.context.correlation_id();
        let written = self
            .app
            .tenants()
            .write(self.caller, correlation_id, commands)
            .await?;
        self.state = written.state.clone();
        self.at = self.at.max(self.state.at());
        self.context.answered_at(self.state.revision());
        Ok(written)
    }
}

/// Whose credential it is. All that is not good is answered alike.
async fn recognise(
    app: &App,
    headers: &http::HeaderMap,
    credential: &str,
    at: attache_core::Timestamp,
) -> Result<(Tenant, Caller), Problem> {
    if credential.starts_with(crate::api_token::PREFIX) {
        api_token::recognise(app, credential, at).await
    } else {
        jwt::recognise(app, headers, credential, at).await
    }
}
