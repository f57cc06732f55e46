//! Pages by position: page 1, 2, … of a list.

/// A page by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The page, from 1.
    pub page: usize,
    /// The number of items per page, from 1.
    pub size: usize,
}

/// Links to other pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The first page.
    pub first: String,
    /// The previous page, if this is not the first.
    pub previous: Option<String>,
    /// The next page, if it has items.
    pub next: Option<String>,
    /// The last page; the first, if the list is empty.
    pub last: String,
}

impl Position {
    /// Returns the number of items before the page.
    #[must_use]
    pub fn skip(&self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.size)
    }

    /// Returns the number of pages of `total` items: 0 for none.
    #[must_use]
    pub fn pages(&self, total: usize) -> usize {
        total.div_ceil(self.size.max(1))
    }

    /// Makes links to the other pages of `total` items. `at` makes the link to a page,
    /// such as `https://a.example/users?page=2`.
    pub fn links(&self, total: usize, at: impl Fn(usize) -> String) -> Links {
        let pages = self.pages(total);
        let last = pages.max(1);
        Links {
            first: at(1),
            previous: (self.page > 1).then(|| at((self.page - 1).min(last))),
            next: (self.page < pages).then(|| at(self.page + 1)),
            last: at(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(page: usize, total: usize) -> (Option<String>, Option<String>, String) {
        let links = Position { page, size: 10 }.links(total, |page| page.to_string());
        (links.previous, links.next, links.last)
    }

    #[test]
    fn links_lead_to_pages_that_hold_something() {
        let page = |number: usize| Some(number.to_string());
        assert_eq!(links(1, 0), (None, None, "1".into()));
        assert_eq!(links(1, 10), (None, None, "1".into()));
        assert_eq!(links(1, 11), (None, page(2), "2".into()));
        assert_eq!(links(2, 30), (page(1), page(3), "3".into()));
        assert_eq!(links(3, 30), (page(2), None, "3".into()));
        // Far behind the last one.
        assert_eq!(links(9, 30), (page(3), None, "3".into()));
        assert_eq!(links(9, 0), (page(1), None, "1".into()));
    }

    #[test]
    fn no_position_is_too_large() {
        let far = Position {
            page: usize::MAX,
            size: 1_000,
        };
        assert_eq!(far.skip(), usize::MAX);
        assert_eq!(far.pages(usize::MAX), usize::MAX.div_ceil(1_000));
    }
}
