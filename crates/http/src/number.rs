//! Numbers of things in a path, a query or a body.

use std::fmt;

use attache_core::Ref;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Returns a reference to the thing with the number in a path. A text that is not a
/// number refers to nothing, and is answered as unknown.
#[must_use]
pub fn in_path(text: &str) -> Ref {
    Ref::Number(in_query(text).unwrap_or(0))
}

/// Returns the number in a query, which must be digits only. `None` if it is not, or too
/// large for any thing.
#[must_use]
pub fn in_query(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A list of numbers in a body, parsed without building JSON values.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// The list is missing.
    #[default]
    Missing,
    /// The value is not a list.
    Other,
    /// The list. See [`Number`] for its items.
    List(Vec<Option<u32>>),
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

/// A whole number in a body, also in the form `7.0`.
///
/// `None` if the value is not a whole number. A number that is too large for any thing
/// becomes 0, which names nothing either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number(pub Option<u32>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// Ignores a value that is neither a list nor a number.
macro_rules! other {
    ($value:ty, $other:expr) => {
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($other)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<$value, A::Error> {
            while pairs.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($other)
        }
    };
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    other!(Numbers, Numbers::Other);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of whole numbers")
    }

    fn visit_i64<E>(self, _: i64) -> Result<Numbers, E> {
        Ok(Numbers::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Numbers, E> {
        Ok(Numbers::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Numbers, E> {
        Ok(Numbers::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Numbers, A::Error> {
        let mut ids = Vec::new();
        while let Some(Number(id)) = items.next_element()? {
            ids.push(id);
        }
        Ok(Numbers::List(ids))
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    other!(Number, Number(None));

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Some(u32::try_from(number).unwrap_or(0))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(u32::try_from(number).unwrap_or(0))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        let fits = (0.0..=f64::from(u32::MAX)).contains(&number);
        let whole = (number.fract() == 0.0).then_some(number);
        Ok(Number(
            whole.map(|number| if fits { number as u32 } else { 0 }),
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Number, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Numbers {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_whole_however_they_are_written() {
        let read = numbers(r#"[7, 7.0, 7.5, "7", null, true, [1], {"a": 1}]"#);
        let some = [Some(7), Some(7)].into_iter();
        let others = std::iter::repeat_n(None, 6);
        assert_eq!(read, Numbers::List(some.chain(others).collect()));
    }

    #[test]
    fn a_number_that_nothing_can_have_is_left_to_be_found_unknown() {
        let read = numbers("[-1, 99999999999, 1e300]");
        assert_eq!(read, Numbers::List(vec![Some(0); 3]));
    }

    #[test]
    fn what_is_no_list_is_told_from_what_is_missing() {
        assert_eq!(Numbers::default(), Numbers::Missing);
        for other in ["null", "7", "\"7\"", "true", "{}", "1.5", "-1"] {
            assert_eq!(numbers(other), Numbers::Other);
        }
    }

    #[test]
    fn a_text_that_is_no_number_names_nothing() {
        assert_eq!(in_path("42"), Ref::Number(42));
        assert_eq!(in_query("007"), Some(7));
        for text in ["", "x", "-1", "+1", "1.0", " 1", "99999999999", "\u{661}"] {
            assert_eq!(in_path(text), Ref::Number(0), "{text}");
            assert_eq!(in_query(text), None, "{text}");
        }
    }
}
