//! Unknown names in questions: named in denials, counted, and refused in strict
//! questions.

use attache_core::ask::{Unknown, What};
use attache_core::model::Parameters;
use serde_json::{Map, Value};

use super::entity::Wanted;
use super::question::Question;
use attache_http::{Fault, Problem, Session};

/// The names in a question that the catalogue does not have, each with its field.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<(String, Unknown)>);

impl Names {
    /// Returns the unknown names of an evaluation. Those of its subject and action come
    /// first.
    pub(super) fn of_question(session: &Session, question: &Question) -> Self {
        let mut names = Self::default();
        names.subject(session, &question.subject.kind);
        names.kind(session, &question.resource.kind);
        names.action(session, &question.action);
        names.parameters(session, &question.resource.properties);
        names
    }

    pub(super) fn subject(&mut self, session: &Session, kind: &str) {
        let unknown = session.authority().unknown_subject_type(kind);
        self.add("subject.type", unknown);
    }

    pub(super) fn kind(&mut self, session: &Session, kind: &str) {
        let unknown = session.authority().unknown_kind(session.subject(), kind);
        self.add("resource.type", unknown);
    }

    pub(super) fn action(&mut self, session: &Session, name: &str) {
        let unknown = session.authority().unknown_action(session.subject(), name);
        self.add("action.name", unknown);
    }

    pub(super) fn wanted(&mut self, session: &Session, wanted: &Wanted) {
        self.kind(session, &wanted.kind);
        self.parameters(session, &wanted.properties);
    }

    pub(super) fn parameters(&mut self, session: &Session, properties: &Map<String, Value>) {
        let (authority, subject) = (session.authority(), session.subject());
        for name in properties.keys().take(Parameters::MAX) {
            let unknown = authority.unknown_parameter(subject, name);
            let field = |unknown: &Unknown| format!("resource.properties.{}", unknown.name);
            self.0.extend(unknown.map(|it| (field(&it), it)));
        }
    }

    fn add(&mut self, field: &str, unknown: Option<Unknown>) {
        self.0.extend(unknown.map(|it| (field.to_owned(), it)));
    }

    /// Checks for a strict question that no name is unknown, and counts unknown ones.
    ///
    /// # Errors
    /// All unknown names, each with its field.
    pub(super) fn strictly(&self, session: &Session) -> Result<(), Problem> {
        let faults = self.0.iter().map(|(field, unknown)| {
            session.counts_unknown(unknown.what);
            Fault::new(field.clone(), unknown.reason())
        });
        let faults: Vec<Fault> = faults.collect();
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Problem::Invalid(faults)),
        }
    }

    /// Returns the first unknown name that is worth reporting, and counts it. A property
    /// that no role takes may be meant for other programs, unless it is similar to one
    /// that a role takes.
    pub(super) fn first(self, session: &Session) -> Option<Unknown> {
        let is_told =
            |unknown: &Unknown| unknown.what != What::Parameter || unknown.nearest.is_some();
        let mut names = self.0.into_iter().map(|(_, unknown)| unknown);
        let first = names.find(is_told)?;
        session.counts_unknown(first.what);
        Some(first)
    }
}
