//! Reads JSON into a [`Value`].

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// Reads JSON into a value.
///
/// # Errors
/// The text is not JSON, nests too deep, or an object repeats a key.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    parse_within(bytes, usize::MAX)
}

/// Reads JSON that has at most `most` values, and stops at the first value beyond. Each
/// list, object, string, number, boolean and null counts. A value takes up to 700 bytes
/// of memory, however short its text.
///
/// # Errors
/// As [`parse`], and if the text has more than `most` values.
pub fn parse_within(bytes: &[u8], most: usize) -> Result<Value, serde_json::Error> {
    let mut left = most;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict {
        left: &mut left,
        most,
    };
    let value = strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Builds a value and counts its parts.
struct Strict<'a> {
    left: &'a mut usize,
    most: usize,
}

impl Strict<'_> {
    fn again(&mut self) -> Strict<'_> {
        Strict {
            left: self.left,
            most: self.most,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.checked_sub(1) {
            Some(left) => *self.left = left,
            None => {
                let most = self.most;
                return Err(D::Error::custom(format!("it has more than {most} values")));
            }
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.again())? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = pairs.next_key::<String>()? {
            match map.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(pairs.next_value_seed(self.again())?);
                }
                Entry::Occupied(found) => {
                    let key = found.key();
                    return Err(A::Error::custom(format!("the key {key:?} is repeated")));
                }
            }
        }
        Ok(Value::Object(map))
    }
}
