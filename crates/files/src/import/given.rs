//! The grants that the rows of `grants.csv` give.

use std::collections::HashMap;

use attache_core::Ref;
use attache_core::command::SubjectRef;
use attache_core::id::Node;
use attache_core::model::{Parameters, Subject};

pub(super) const FILE: &str = "grants.csv";

/// The grants of the rows so far.
pub(super) type Given<'r> = HashMap<(Node, Subject, &'r str, &'r Parameters), GivenBy>;

/// The row that gives a grant.
#[derive(Clone, Copy, Debug)]
pub(super) struct GivenBy {
    pub(super) line: u64,
    /// Whether the row has not expired.
    pub(super) is_live: bool,
}

/// Returns a reference to a subject that is found without comparing texts.
pub(super) fn subject_ref(subject: Subject) -> SubjectRef {
    match subject {
        Subject::User(user) => SubjectRef::User(Ref::Number(user.0)),
        Subject::Group(group) => SubjectRef::Group(Ref::Number(group.0)),
        Subject::Service(service) => SubjectRef::Service(Ref::Number(service.0)),
    }
}
