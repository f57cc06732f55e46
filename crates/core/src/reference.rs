//! References: how a caller names an existing thing.

use std::fmt;

use uuid::Uuid;

use crate::catalogue::KindName;
use crate::id::MembershipNumber;

/// A reference to a user, a group, a service or a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    /// Its id.
    Id(Uuid),
    /// Its number.
    Number(u32),
    /// A key, even if the text could be read otherwise.
    Key(Box<str>),
    /// A text: a number after `#`, else a key or an id.
    Text(Box<str>),
    /// The user or the resource of the membership that has this number. Names no group and no
    /// service, and nothing once the user is detached, or attached again.
    OfMembership(MembershipNumber),
}

impl Ref {
    /// Makes a reference by key, even if the text could be read otherwise.
    #[must_use]
    pub fn key(text: &str) -> Self {
        Self::Key(text.into())
    }

    /// Makes a reference from a text: a number after `#`, such as `#10`, else a key or an
    /// id. A text that is both a key and another thing's id refers to nothing.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Returns the number that a text names: `#` and 1, 2, 3…, without a sign or a zero before it.
    #[must_use]
    pub fn number_in(text: &str) -> Option<u32> {
        let digits = text.strip_prefix('#')?;
        let is_plain = digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0');
        is_plain.then(|| digits.parse().ok()).flatten()
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => write!(f, "#{number}"),
            Self::Key(text) | Self::Text(text) => f.write_str(text),
            Self::OfMembership(number) => write!(f, "of membership #{number}"),
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

/// A reference to a resource, with its kind, within which numbers and keys are unique,
/// and optionally with its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The kind of the resource. `None`: any kind; then only an id refers to a resource.
    pub kind: Option<KindName>,
    /// The reference within the kind.
    pub reference: Ref,
    /// The parent that the resource must have.
    pub under: Option<Box<Locator>>,
}

impl Locator {
    /// Returns a reference to the root.
    #[must_use]
    pub fn root() -> Self {
        Self::of(crate::catalogue::ROOT_KIND, Ref::Number(1))
    }

    /// Makes a reference to a resource of a kind.
    #[must_use]
    pub fn of(kind: &str, reference: Ref) -> Self {
        Self {
            kind: Some(kind.into()),
            reference,
            under: None,
        }
    }

    /// Makes a reference to a resource of any kind, by its id.
    #[must_use]
    pub fn id(id: crate::id::ResourceId) -> Self {
        Self {
            kind: None,
            reference: id.into(),
            under: None,
        }
    }

    /// The resource of the membership that has a number.
    #[must_use]
    pub fn of_membership(number: MembershipNumber) -> Self {
        Self {
            kind: None,
            reference: Ref::OfMembership(number),
            under: None,
        }
    }

    /// Restricts the reference to children of a parent.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_one_way() {
        assert_eq!(Ref::number_in("#10"), Some(10));
        for text in ["", "+10", "-1", "010", "0", "1 ", "1.0", "٧", "4294967296"] {
            assert_eq!(Ref::number_in(&format!("#{text}")), None, "{text:?}");
            assert_eq!(Ref::number_in(text), None, "{text:?}");
        }
    }
}
