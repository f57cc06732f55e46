//! Parameters of grants.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::spelling::{check_identifier, normalized};

/// The values of a grant for its role's parameters, such as `inboxId = 7`. Cheap to
/// clone, and without an allocation if empty.
///
/// Collected from an iterator, names and values are in Unicode Normalization Form C.
/// Stored parameters are read as they are. [`Parameters::get`] and
/// [`Parameters::is_same`] compare in that form; `==` compares exactly, as the state
/// distinguishes grants.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parameters(Option<Arc<BTreeMap<Box<str>, Box<str>>>>);

impl Parameters {
    /// The most parameters of a grant.
    pub const MAX: usize = 16;
    /// The most bytes of a parameter's name or value.
    pub const MAX_BYTES: usize = 255;

    fn of(map: BTreeMap<Box<str>, Box<str>>) -> Self {
        Self((!map.is_empty()).then(|| Arc::new(map)))
    }

    /// Returns no parameters.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Makes parameters in the form in which an older version stored them, for an import
    /// of an export. Collect new ones instead.
    pub fn as_stored<N: Into<Box<str>>, V: Into<Box<str>>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let pairs = pairs.into_iter();
        Self::of(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let map = self.0.as_ref()?;
        let value = map.get(name).or_else(|| {
            let mut all = map.iter();
            let (_, value) = all.find(|(own, _)| is_same_text(own, name))?;
            Some(value)
        });
        value.map(|value| &**value)
    }

    /// Returns whether other parameters have the same names and values in Unicode
    /// Normalization Form C.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let is_in_other = |(name, value): (&str, &str)| {
            let found = other.get(name);
            found.is_some_and(|found| is_same_text(found, value))
        };
        self == other || self.iter().count() == other.iter().count() && self.iter().all(is_in_other)
    }

    /// Returns the parameters in Unicode Normalization Form C.
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self
            .iter()
            .all(|(name, value)| name.is_ascii() && value.is_ascii())
        {
            true => self.clone(),
            false => self.iter().collect(),
        }
    }

    /// Checks that a value fits into a scope.
    pub(crate) fn check_size(value: &str) -> Result<(), &'static str> {
        match value.is_empty() || value.len() > Self::MAX_BYTES || value.contains('/') {
            true => Err("must have 1 to 255 bytes, and no slash"),
            false => Ok(()),
        }
    }

    /// Checks that a new parameter may have a value: 1 to 255 bytes, spelled as a key,
    /// without a slash, which separates the parts of a scope.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the value.
    pub fn check_value(value: &str) -> Result<(), &'static str> {
        Self::check_size(value)?;
        check_identifier(value)?;
        match *normalized(value) == *value {
            true => Ok(()),
            false => Err("must be in Unicode Normalization Form C"),
        }
    }

    /// Iterates over the parameters, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|map| map.iter().map(|(name, value)| (&**name, &**value)))
    }
}

impl<N: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(N, V)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut map = BTreeMap::new();
        let mut others = Vec::new();
        for (name, value) in pairs {
            let (name, value): (Box<str>, Box<str>) = (name.into(), value.into());
            let value = in_normal_form(&value).unwrap_or(value);
            match in_normal_form(&name) {
                None => {
                    map.insert(name, value);
                }
                Some(normal) => others.push((normal, name, value)),
            }
        }
        for (normal, name, value) in others {
            // If another name has the same meaning, the name stays: no role takes it.
            let name = if map.contains_key(&normal) {
                name
            } else {
                normal
            };
            map.insert(name, value);
        }
        Self::of(map)
    }
}

/// Returns a text in Unicode Normalization Form C; `None` if it is in that form already.
fn in_normal_form(text: &str) -> Option<Box<str>> {
    match normalized(text) {
        Cow::Owned(normal) if *normal != *text => Some(normal.into()),
        Cow::Owned(_) | Cow::Borrowed(_) => None,
    }
}

/// Returns whether two texts are equal in Normalization Form C.
pub(crate) fn is_same_text(one: &str, other: &str) -> bool {
    one == other || !(one.is_ascii() && other.is_ascii()) && normalized(one) == normalized(other)
}

impl Serialize for Parameters {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(map) => map.serialize(serializer),
            None => BTreeMap::<Box<str>, Box<str>>::new().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Stored parameters are read as they are.
        BTreeMap::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPOSED: &str = "Zo\u{eb}";
    const DECOMPOSED: &str = "Zoe\u{308}";

    fn stored(json: &str) -> Parameters {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn new_parameters_are_in_normal_form_and_stored_ones_stay() {
        let new = Parameters::from_iter([("inboxId", DECOMPOSED)]);
        assert_eq!(new, Parameters::from_iter([("inboxId", COMPOSED)]));
        assert_eq!(new.get("inboxId"), Some(COMPOSED));
        let old = stored(&format!("{{\"inboxId\":\"{DECOMPOSED}\"}}"));
        assert_eq!(old.get("inboxId"), Some(DECOMPOSED));
        assert!(old != new && old.is_same(&new) && new.is_same(&old));
        assert_eq!(old.canonical(), new);
    }

    #[test]
    fn a_name_is_found_in_each_of_its_forms_and_two_forms_stay_two() {
        let old = stored("{\"ra\u{308}um\":\"7\"}");
        assert_eq!(old.get("r\u{e4}um"), Some("7"));
        assert_eq!(old.get("raum"), None);
        let both = Parameters::from_iter([("r\u{e4}um", "7"), ("ra\u{308}um", "8")]);
        assert_eq!(both.iter().count(), 2);
        assert!(!both.is_same(&Parameters::from_iter([("r\u{e4}um", "7")])));
        // The kelvin sign is an ASCII letter in that form.
        let kelvin = stored("{\"\u{212a}\":\"1\"}");
        assert_eq!(kelvin.get("K"), Some("1"));
    }

    #[test]
    fn a_value_is_spelled_as_a_key_is() {
        for value in ["7", "auth0|7", "Zo\u{eb} 7", &"x".repeat(255)] {
            assert_eq!(Parameters::check_value(value), Ok(()), "{value:?}");
        }
        for value in [
            "",
            " ",
            " 7",
            "7 ",
            "a/b",
            "a\n",
            "a\tb",
            "a\u{0}",
            "a\u{85}b",
            "a\u{200b}b",
            "\u{202e}7",
            "\u{3164}",
            "a\u{a0}b",
            DECOMPOSED,
            &"x".repeat(256),
        ] {
            assert!(Parameters::check_value(value).is_err(), "{value:?}");
        }
    }
}
