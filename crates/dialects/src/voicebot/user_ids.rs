//! The ids in a body, read without making values of what stands there.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a body says of which users are meant.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    pub(super) user_ids: Ids,
}

/// What stands where the ids should.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Ids {
    /// Nothing.
    #[default]
    Missing,
    /// No list.
    Other,
    /// A list: numbers of users, and `None` for what is no whole number. One that can
    /// be no user's is 0, which is left to be found unknown, like any other.
    List(Vec<Option<u32>>),
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdsVisitor)
    }
}

/// A whole number, also when it is written as `7.0`.
struct Id(Option<u32>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

/// Visits what is neither a list nor a number: it is passed over.
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

struct IdsVisitor;

impl<'de> Visitor<'de> for IdsVisitor {
    type Value = Ids;

    other!(Ids, Ids::Other);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of whole numbers")
    }

    fn visit_i64<E>(self, _: i64) -> Result<Ids, E> {
        Ok(Ids::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Ids, E> {
        Ok(Ids::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Ids, E> {
        Ok(Ids::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ids, A::Error> {
        let mut ids = Vec::new();
        while let Some(Id(id)) = items.next_element()? {
            ids.push(id);
        }
        Ok(Ids::List(ids))
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Id;

    other!(Id, Id(None));

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
        Ok(Id(Some(u32::try_from(number).unwrap_or(0))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
        Ok(Id(Some(u32::try_from(number).unwrap_or(0))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Id, E> {
        let fits = (0.0..=f64::from(u32::MAX)).contains(&number);
        let whole = (number.fract() == 0.0).then_some(number);
        Ok(Id(whole.map(|number| if fits { number as u32 } else { 0 })))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Id, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Id(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Ids {
        serde_json::from_str::<Given>(text).unwrap().user_ids
    }

    #[test]
    fn ids_are_whole_numbers_however_they_are_written() {
        let read = ids(r#"{"x": [1], "user_ids": [7, 7.0, 7.5, "7", null, true, [1], {"a": 1}]}"#);
        let some = [Some(7), Some(7)].into_iter();
        let others = std::iter::repeat_n(None, 6);
        assert_eq!(read, Ids::List(some.chain(others).collect()));
    }

    #[test]
    fn a_number_that_no_user_can_have_is_left_to_be_found_unknown() {
        let read = ids(r#"{"user_ids": [-1, 99999999999, 1e300]}"#);
        assert_eq!(read, Ids::List(vec![Some(0); 3]));
    }

    #[test]
    fn what_is_no_list_is_told_from_what_is_missing() {
        assert_eq!(ids("{}"), Ids::Missing);
        for other in ["null", "7", "\"7\"", "true", "{}", "1.5", "-1"] {
            assert_eq!(ids(&format!("{{\"user_ids\": {other}}}")), Ids::Other);
        }
    }
}
