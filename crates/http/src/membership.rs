//! Memberships that a path names by their numbers.

use attache_core::ask::MembershipRow;
use attache_core::id::MembershipNumber;
use attache_core::{Locator, Ref, Refusal};

use super::{Problem, Session, number};

/// A membership that a path names by its number, as commands name it: the resource, and the
/// user. Both name nothing once the membership has gone, also if that happens before the
/// command is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipRef(pub MembershipNumber);

impl MembershipRef {
    /// The membership with the number in a path. A text that is no number names nothing.
    #[must_use]
    pub fn in_path(text: &str) -> Self {
        Self(MembershipNumber(number::in_query(text).unwrap_or(0)))
    }

    /// The resource of the membership.
    #[must_use]
    pub fn resource(self) -> Locator {
        Locator::of_membership(self.0)
    }

    /// The user of the membership.
    #[must_use]
    pub fn user(self) -> Ref {
        Ref::OfMembership(self.0)
    }

    /// The membership, as far as the caller may know of it
    /// ([`Authority::membership_of_number`](attache_core::ask::Authority::membership_of_number)). An
    /// operation asks this before its command, so that a membership that is hidden from the
    /// caller and one that does not exist are answered alike.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]: there is none, or the caller may not know of it.
    pub fn find(self, session: &Session) -> Result<MembershipRow<'_>, Problem> {
        let found = session
            .authority()
            .membership_of_number(session.subject(), self.0);
        found.ok_or_else(no_such_membership)
    }
}

fn no_such_membership() -> Problem {
    let what = "membership".into();
    Refusal::NotFound { what }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_number_names_no_membership() {
        assert_eq!(MembershipRef::in_path("57").0, MembershipNumber(57));
        for text in ["", "x", "-1", "1.0", "99999999999"] {
            assert_eq!(
                MembershipRef::in_path(text).0,
                MembershipNumber(0),
                "{text}"
            );
        }
    }
}
