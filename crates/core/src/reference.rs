//! How a caller names a thing that exists.

use std::fmt;

use uuid::Uuid;

use crate::catalogue::KindName;

/// A name for a user, a group, a service or a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    /// Its id.
    Id(Uuid),
    /// Its number.
    Number(u32),
    /// Its key, and nothing else that the text could be.
    Key(Box<str>),
    /// A text: a number after `#`, else a key or an id.
    Text(Box<str>),
}

impl Ref {
    /// A key, and nothing else that the text could be.
    #[must_use]
    pub fn key(text: &str) -> Self {
        Self::Key(text.into())
    }

    /// A text: a number after `#`, such as `#10`, else a key or an id. A text
    /// that could mean two things means neither.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => write!(f, "#{number}"),
            Self::Key(text) | Self::Text(text) => f.write_str(text),
        }
    }
}

macro_rules! from_id {
    ($($id:ty),*) => {$(
        impl From<$id> for Ref {
            fn from(id: $id) -> Self {
                Self::Id(id.0)
            }
        }
    )*};
}

from_id!(
    crate::id::UserId,
    crate::id::GroupId,
    crate::id::ServiceId,
    crate::id::ResourceId
);

/// Which resource: of a kind, where numbers and keys are only unique in one,
/// and, where the caller names it, right under which other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The kind that it must have. `None`: any, and then only an id names it.
    pub kind: Option<KindName>,
    /// Its name.
    pub reference: Ref,
    /// The resource that it must stand right under.
    pub under: Option<Box<Locator>>,
}

impl Locator {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Self::of(crate::catalogue::ROOT_KIND, Ref::Number(1))
    }

    /// A resource of a kind.
    #[must_use]
    pub fn of(kind: &str, reference: Ref) -> Self {
        Self {
            kind: Some(kind.into()),
            reference,
            under: None,
        }
    }

    /// A resource of any kind, by its id.
    #[must_use]
    pub fn id(id: crate::id::ResourceId) -> Self {
        Self {
            kind: None,
            reference: id.into(),
            under: None,
        }
    }

    /// The same, right under another.
    #[must_use]
    pub fn under(mut self, parent: Locator) -> Self {
        self.under = Some(Box::new(parent));
        self
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "{kind}:{}", self.reference),
            None => self.reference.fmt(f),
        }
    }
}
