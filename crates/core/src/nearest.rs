//! The nearest of some names to an unknown one. Errors and warnings propose it; no decision
//! depends on it.

/// From which likeness on, between 0 and 1, a name may be meant.
const ALIKE: f64 = 0.8;
/// How many names are compared at the most.
const COMPARED: usize = 10_000;
/// Longer names are compared with none: no name is longer, and the time to compare grows with
/// the square of the length.
const LONGEST: usize = 255;

/// Returns how alike two names are, between 0 and 1. The case of letters does not count.
#[must_use]
pub fn likeness(one: &str, other: &str) -> f64 {
    of_lower(&one.to_lowercase(), other)
}

fn of_lower(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(one, &other.to_lowercase())
}

/// Returns the likest of some names, if it is like enough to be meant. Of two alike, the first by name.
pub fn near<T: AsRef<str>>(name: &str, names: impl IntoIterator<Item = T>) -> Option<T> {
    let lower = name.to_lowercase();
    let alike = |it: &str| {
        // Names of other lengths are not alike enough, whatever they say.
        let (short, long) = (name.len().min(it.len()), name.len().max(it.len()));
        let is_as_long = short * 5 >= long * 2;
        is_as_long.then_some(())?;
        Some(of_lower(&lower, it)).filter(|it| *it >= ALIKE)
    };
    best(name, names, alike)
}

/// Returns the likest of some names, however unlike it is. `None` where there is no name.
pub fn likest<T: AsRef<str>>(name: &str, names: impl IntoIterator<Item = T>) -> Option<T> {
    let end = name.floor_char_boundary(LONGEST);
    let name = name.get(..end).unwrap_or_default();
    let lower = name.to_lowercase();
    best(name, names, |it| Some(of_lower(&lower, it)))
}

/// Returns the likest of the names with as many segments between dots, each of them like its own: a slip
/// in `sites.dors.open` is no other permission of sites. Of two alike, the first by name.
pub(crate) fn near_by_segments<T: AsRef<str>>(
    name: &str,
    names: impl IntoIterator<Item = T>,
) -> Option<T> {
    let lower = name.to_lowercase();
    let asked: Vec<&str> = lower.split('.').collect();
    let alike = |it: &str| {
        (it.split('.').count() == asked.len()).then_some(())?;
        let mut sum = 0.0;
        for (asked, own) in asked.iter().zip(it.split('.')) {
            let likeness = of_lower(asked, own);
            (likeness >= ALIKE).then_some(())?;
            sum += likeness;
        }
        Some(sum)
    };
    best(name, names, alike)
}

/// Returns the name of the highest likeness.
fn best<T: AsRef<str>>(
    name: &str,
    names: impl IntoIterator<Item = T>,
    alike: impl Fn(&str) -> Option<f64>,
) -> Option<T> {
    if name.len() > LONGEST {
        return None;
    }
    let names = names.into_iter().take(COMPARED);
    let alike = names.filter_map(|it| Some((alike(it.as_ref())?, it)));
    let best = alike.max_by(|(a, x), (b, y)| {
        let order = a.total_cmp(b);
        order.then_with(|| y.as_ref().cmp(x.as_ref()))
    });
    best.map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_may_be_meant_is_near() {
        let roles = ["owner", "manager", "agent", "viewer"];
        for (asked, nearest) in [
            ("ownr", Some("owner")),
            ("OWNER", Some("owner")),
            ("manger", Some("manager")),
            ("viewers", Some("viewer")),
            ("", None),
            ("x", None),
            ("billing", None),
        ] {
            assert_eq!(near(asked, roles), nearest, "{asked}");
        }
        let none: [&str; 0] = [];
        assert_eq!((near("owner", none), likest("owner", none)), (None, None));
    }

    #[test]
    fn of_two_names_alike_the_first_is_taken_whatever_their_order() {
        assert_eq!(near("role-x", ["role-b", "role-a"]), Some("role-a"));
        assert_eq!(near("role-x", ["role-a", "role-b"]), Some("role-a"));
    }

    #[test]
    fn the_likest_is_told_however_unlike_it_is() {
        assert_eq!(likest("phone", ["key", "email"]), Some("email"));
        let long = "é".repeat(100_000);
        assert!(likest(&long, ["key", "email"]).is_some());
        assert_eq!(near(&long, ["key", "email"]), None);
    }
}
