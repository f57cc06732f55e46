//! How much work a list is, told before it is made from counts that are kept.

use super::{Branch, Include, MemberQuery};
use crate::model::{Sort, Subject};
use crate::state::Tree;

impl Branch<'_> {
    /// How many are written down as members of the resource itself, whether or not
    /// that has expired. Cheap.
    #[must_use]
    pub fn attached(&self) -> usize {
        match self.node() == Tree::ROOT {
            true => self.state().user_count(),
            false => self.found().members.len(),
        }
    }

    /// About how many users a list looks at. Cheap.
    #[must_use]
    pub fn looks_at(&self, query: &MemberQuery) -> usize {
        if let Some(few) = self.few_wanted(query) {
            return few.len();
        }
        let all = self.attached();
        match query.include {
            Include::Direct if query.filters.is_empty() && self.is_at_hand(query.sort) => {
                query.take.min(all)
            }
            Include::Direct => all,
            Include::Effective { .. } => all + self.granted(),
        }
    }

    /// Whether the resource's members stand in an order already.
    fn is_at_hand(&self, sort: Sort) -> bool {
        self.state().has_order(self.node(), sort)
    }

    /// About how many hold a role on the resource or above it.
    fn granted(&self) -> usize {
        let mut users = 0;
        for found in self.all() {
            users += found.grants.len();
            let groups = found.grants.keys().filter_map(|key| match key.subject {
                Subject::Group(group) => self.state().group_node(group),
                Subject::User(_) | Subject::Service(_) => None,
            });
            // Where there are many, how many there are exactly does not matter.
            users += groups.take(1_000).map(|row| row.users.len()).sum::<usize>();
        }
        users
    }
}
