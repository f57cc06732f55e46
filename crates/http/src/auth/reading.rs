//! Who reads what: the two views of a request.

use std::sync::Arc;

use attache_core::ask::{Authority, Sight, View};
use attache_core::id::Node;
use attache_core::{Caller, Locator, Refusal, State, Timestamp};

use super::Session;
use crate::FocusOn;
use crate::Problem;
use crate::moment::Asked;

/// A view that keeps its state.
#[derive(Clone, Debug)]
pub(super) struct KeptView {
    pub(super) state: Arc<State>,
    pub(super) at: Timestamp,
}

impl KeptView {
    fn view(&self) -> View<'_> {
        self.state.view(self.at)
    }
}

impl Session {
    /// The session about the moment that the request asks about.
    ///
    /// # Errors
    /// If the operation does not read the state, or the tenant cannot be shown at the moment.
    pub(super) async fn asking(self, asked: &Asked, on: Option<&FocusOn>) -> Result<Self, Problem> {
        let moment = asked.moment()?;
        let tenants = self.app.tenants();
        let past = tenants.past_on(&self.present.state, moment, on).await;
        let past = past.map_err(|no| asked.problem(no))?;
        Ok(self.about(past.state, past.at))
    }

    /// The session about another state, at an instant: what it shows. What the caller may is
    /// judged by the present as before, and takes the permission to look back besides.
    #[must_use]
    pub fn about(self, state: Arc<State>, at: Timestamp) -> Self {
        self.context.answered_at(state.revision());
        self.context.shows(at);
        let past = Some(KeptView { state, at });
        Self { past, ..self }
    }

    /// The caller in the present: what it may ask and see.
    #[must_use]
    pub fn authority(&self) -> Authority<'_> {
        let authority = Authority::new(&self.caller, &self.present.state, self.present.at);
        match &self.past {
            None => authority,
            Some(_) => authority.about_another_time(),
        }
    }

    /// Whether answers show another time than the present.
    #[must_use]
    pub fn is_about_another_time(&self) -> bool {
        self.past.is_some()
    }

    /// What identifies the moment that a list is of, besides its tenant: nothing for the
    /// present, whose lists go on as the tenant changes.
    #[must_use]
    pub fn moment_of_lists(&self) -> Vec<u8> {
        self.past.as_ref().map_or_else(Vec::new, |past| {
            let revision = past.state.revision().0.to_be_bytes();
            let at = past.at.as_millis().to_be_bytes();
            [revision, at].concat()
        })
    }

    /// What answers show: the present, except after [`Session::about`].
    #[must_use]
    pub fn subject(&self) -> View<'_> {
        self.shown().view()
    }

    /// The state of [`Session::subject`], for work that outlasts the session.
    #[must_use]
    pub fn subject_state(&self) -> Arc<State> {
        self.shown().state.clone()
    }

    fn shown(&self) -> &KeptView {
        self.past.as_ref().unwrap_or(&self.present)
    }

    /// The present, as the authority has it.
    pub(crate) fn present(&self) -> View<'_> {
        self.present.view()
    }

    /// What answers show, if it is not the present.
    pub(crate) fn past(&self) -> Option<View<'_>> {
        self.past.as_ref().map(KeptView::view)
    }

    /// The instant of the request, and after a write that of the write at the earliest.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.present.at
    }

    /// The caller at the instant of the request, for questions about the state that a write is
    /// decided on.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader {
            caller: self.caller,
            at: self.present.at,
        }
    }

    /// The resource of the subject that the caller means, if the caller may do `what` there.
    ///
    /// # Errors
    /// See [`Authority::authorize`].
    pub fn authorize(&self, resource: &Locator, what: &str) -> Result<Node, Refusal> {
        self.authority().authorize(self.subject(), resource, what)
    }

    /// The resource of the subject that the caller means, if the caller sees it.
    ///
    /// # Errors
    /// See [`Authority::see`].
    pub fn see(&self, resource: &Locator) -> Result<Node, Refusal> {
        self.authority().see(self.subject(), resource)
    }

    /// The resources of the subject that the caller sees.
    #[must_use]
    pub fn sight(&self) -> Sight<'_> {
        self.authority().sight(self.subject())
    }
}

/// A caller at an instant, to be asked about the state that a write is decided on: both views
/// are of that state.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    caller: Caller,
    at: Timestamp,
}

impl Reader {
    /// The caller in a state that a write is decided on.
    #[must_use]
    pub fn authority<'a>(&'a self, decided_on: &'a State) -> Authority<'a> {
        Authority::new(&self.caller, decided_on, self.at)
    }

    /// What the caller is shown of a state that a write is decided on.
    #[must_use]
    pub fn subject<'a>(&self, decided_on: &'a State) -> View<'a> {
        decided_on.view(self.at)
    }

    /// The resources that the caller sees of a state that a write is decided on.
    #[must_use]
    pub fn sight<'a>(&'a self, decided_on: &'a State) -> Sight<'a> {
        self.authority(decided_on).sight(self.subject(decided_on))
    }
}
