//! The rows of `memberships.csv`.

use attache_core::Timestamp;
use attache_core::id::Node;

use super::fault::{Fault, Spot};
use super::row::Row;
use super::work::{FromRow, Work};

/// A row that attaches a user to a resource.
pub(super) struct MembershipRow {
    pub(super) spot: Spot,
    pub(super) resource: String,
    /// Empty for a resource without members. Only if the file is the truth.
    pub(super) user: String,
    /// `None` if the file lacks the column.
    pub(super) expires_at: Option<Option<Timestamp>>,
}

impl FromRow for MembershipRow {
    const FILE: &'static str = "memberships.csv";
    const REQUIRED: &'static [&'static str] = &["resource", "user"];
    const OPTIONAL: &'static [&'static str] = &["expires_at"];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let expires_at = row.end()?;
        Ok(Self {
            spot: row.spot,
            resource: row.needed("resource")?.to_owned(),
            user: row.cell("user").unwrap_or_default().to_owned(),
            expires_at: row.cell("expires_at").map(|_| expires_at),
        })
    }

    fn check(&self, is_read: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        if is_read("resource") {
            work.resource(self.spot, "resource", &self.resource);
        }
        if is_read("user") && !self.user.is_empty() {
            work.user(self.spot, "user", &self.user);
        }
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        let resource = row.filled("resource");
        let names = resource.zip(row.filled("user"));
        names
            .into_iter()
            .map(|(resource, user)| named(resource, user))
            .collect()
    }
}

/// Returns the name of a membership whose row is faulty.
pub(super) fn named(resource: &str, user: &str) -> String {
    format!("{user} on {resource}")
}

/// A row with the depth of its resource, and the resource if it is certain.
pub(super) type Placed<'r> = (usize, Option<Node>, &'r MembershipRow);
