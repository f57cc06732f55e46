//! Names in a question that the catalogue does not know: why a denial may be a slip of the
//! pen. Only callers that may read the catalogue are told.

use std::fmt;

use super::{Authority, View};
use crate::model::normalized;
use crate::nearest::near;

/// The types of subjects.
const SUBJECTS: [&str; 3] = ["user", "group", "service"];
/// How many characters of a name are told.
const SHOWN: usize = 64;

/// What a name was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A permission.
    Action,
    /// The type of a subject, or the kind of a resource.
    Type,
    /// A parameter of a role.
    Parameter,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Action, Self::Type, Self::Parameter];

    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Type => "type",
            Self::Parameter => "parameter",
        }
    }
}

/// A name that the catalogue does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What it was given for.
    pub what: What,
    /// The name, or its beginning where it is long.
    pub name: Box<str>,
    /// The known name that may be meant.
    pub nearest: Option<Box<str>>,
}

impl Unknown {
    fn new(what: What, name: &str, nearest: Option<Box<str>>) -> Self {
        let shown: String = name.chars().take(SHOWN).collect();
        Self {
            what,
            name: shown.into(),
            nearest,
        }
    }

    /// What is wrong with it, as the end of a sentence about the field that holds it.
    #[must_use]
    pub fn reason(&self) -> String {
        let what = match self.what {
            What::Action => "no permission that the catalogue knows",
            What::Type => "no type that the catalogue knows",
            What::Parameter => "no parameter of a role",
        };
        match &self.nearest {
            Some(nearest) => format!("is {what}; the nearest is {nearest}"),
            None => format!("is {what}"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.name {
            "" => write!(f, "\"\" {}", self.reason()),
            name => write!(f, "{name} {}", self.reason()),
        }
    }
}

impl Authority<'_> {
    /// The permission of a question, if the catalogue does not know it. What no permission
    /// can be called is unknown too.
    #[must_use]
    pub fn unknown_action(self, subject: View<'_>, name: &str) -> Option<Unknown> {
        let known = subject.state.vocabulary().known();
        if known.knows(name) || !self.may_be_told() {
            return None;
        }
        Some(Unknown::new(What::Action, name, known.nearest(name)))
    }

    /// The type of a question's subject, if it is none.
    #[must_use]
    pub fn unknown_subject_type(self, name: &str) -> Option<Unknown> {
        if SUBJECTS.contains(&name) || !self.may_be_told() {
            return None;
        }
        let nearest = near(name, SUBJECTS).map(Box::from);
        Some(Unknown::new(What::Type, name, nearest))
    }

    /// The kind of a question's resource, if the catalogue has no such kind.
    #[must_use]
    pub fn unknown_kind(self, subject: View<'_>, name: &str) -> Option<Unknown> {
        let catalogue = subject.state.catalogue()?;
        if catalogue.kind(name).is_some() || !self.may_be_told() {
            return None;
        }
        let kinds = catalogue.kinds.iter().map(|kind| kind.name.as_str());
        Some(Unknown::new(
            What::Type,
            name,
            near(name, kinds).map(Box::from),
        ))
    }

    /// A parameter of a question, if no role takes it.
    #[must_use]
    pub fn unknown_parameter(self, subject: View<'_>, name: &str) -> Option<Unknown> {
        let known = subject.state.vocabulary().known();
        let is_known = known.knows_parameter(name) || known.knows_parameter(&normalized(name));
        if is_known || !self.may_be_told() {
            return None;
        }
        let nearest = known.nearest_parameter(name);
        Some(Unknown::new(What::Parameter, name, nearest))
    }

    fn may_be_told(self) -> bool {
        self.authorize_catalogue().is_ok()
    }
}
