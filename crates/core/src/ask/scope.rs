//! Permissions, and the parts of resources that they are held for.

use crate::catalogue::{Pattern, Scope};
use crate::id::Node;
use crate::model::{Parameters, is_same_text, normalized};

/// A permission that somebody holds, or all those that a pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// What is allowed.
    pub pattern: Pattern,
    /// Where, if the role says that it is scoped.
    pub scope: Option<ScopePath>,
}

/// A scope with its parameters filled in, as far as the grant gives them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopePath {
    /// What the resource's place in the path is called, such as `chatbots`.
    pub collection: Box<str>,
    /// The resource that the role was granted on.
    pub on: Node,
    /// The parts of it that are meant. None: all of it.
    pub parts: Vec<ScopePart>,
}

/// A part of a resource, such as `inboxes/7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopePart {
    /// What such parts are called.
    pub collection: Box<str>,
    /// The parameter that names one.
    pub parameter: Box<str>,
    /// Its name.
    pub value: Box<str>,
}

impl ScopePath {
    /// Where parameters lead in a scope. The first one that is not given ends
    /// the path: the role then holds for all of what comes before.
    pub(crate) fn fill(scope: &Scope, on: Node, parameters: &Parameters) -> Self {
        let parts = scope
            .parts
            .iter()
            .map_while(|(collection, parameter)| {
                Some(ScopePart {
                    collection: collection.clone(),
                    parameter: parameter.clone(),
                    // Stored values are in whichever form they came.
                    value: normalized(parameters.get(parameter)?).into(),
                })
            })
            .collect();
        Self {
            collection: scope.collection.clone(),
            on,
            parts,
        }
    }
}

impl ScopePath {
    /// Whether what is held for this holds for the part of a resource that
    /// parameters name.
    pub(crate) fn answers_for(&self, node: Node, parameters: &Parameters) -> bool {
        let is_named = |part: &ScopePart| {
            let named = parameters.get(&part.parameter);
            named.is_some_and(|named| is_same_text(named, &part.value))
        };
        self.parts.is_empty() || self.on == node && self.parts.iter().all(is_named)
    }
}

impl Permission {
    /// Whether everything that `other` allows, this allows too.
    #[must_use]
    pub fn covers(&self, other: &Permission) -> bool {
        self.pattern.covers(&other.pattern)
            && match (&self.scope, &other.scope) {
                (None, _) => true,
                // A scope without parts is all of its resource, and `other`
                // was asked for on that resource or below it.
                (Some(mine), _) if mine.parts.is_empty() => true,
                (Some(_), None) => false,
                (Some(mine), Some(theirs)) => {
                    mine.on == theirs.on && theirs.parts.starts_with(&mine.parts)
                }
            }
    }

    /// Whether it is held for a part of a resource only.
    pub(crate) fn is_for_a_part(&self) -> bool {
        let scope = self.scope.as_ref();
        scope.is_some_and(|scope| !scope.parts.is_empty())
    }
}
