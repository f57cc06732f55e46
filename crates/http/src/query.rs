//! Query strings: strict (every parameter is known and given once) or lenient.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::spelling;
use super::{Fault, Problem};

/// A parameter of a query string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether an earlier parameter has this name.
    pub is_repeated: bool,
}

/// Parses a query string into its parameters, in their order. `rename` maps each name to
/// the one that it is known by, such as `filter[x]` to `x`.
#[must_use]
pub fn parameters(text: &str, rename: fn(&str) -> &str) -> Vec<Parameter> {
    let mut all: Vec<Parameter> = Vec::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let name = rename(&name).to_owned();
        all.push(Parameter {
            is_repeated: all.iter().any(|other| other.name == name),
            name,
            value: value.into_owned(),
        });
    }
    all
}

/// The parameters of a query string that are not read yet.
#[derive(Debug)]
pub struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Returns the parameters of a query string, all of which must be known.
    ///
    /// # Errors
    /// Every parameter that is unknown or repeated.
    pub fn strict(text: Option<&str>, known: &[&'static str]) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        let mut faults = Vec::new();
        for (key, value) in form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            match known.iter().find(|name| **name == key) {
                None => {
                    let reason = spelling::unknown(&key, known.iter().copied());
                    faults.push(Fault::in_query(key, reason));
                }
                Some(name) => {
                    if found.insert(*name, value.into_owned()).is_some() {
                        faults.push(Fault::in_query(*name, "is repeated"));
                    }
                }
            }
        }
        match faults.is_empty() {
            true => Ok(Self(found)),
            false => Err(Problem::Invalid(faults)),
        }
    }

    /// Returns the known parameters of a query string. Unknown ones are ignored. If a
    /// parameter is repeated, the last one counts.
    #[must_use]
    pub fn lenient(text: Option<&str>, known: &[&'static str]) -> Self {
        let pairs = form_urlencoded::parse(text.unwrap_or_default().as_bytes());
        let found = pairs.filter_map(|(key, value)| {
            let name = known.iter().find(|name| **name == key)?;
            Some((*name, value.into_owned()))
        });
        Self(found.collect())
    }

    /// Returns the known parameters of a query string. Unknown ones are ignored.
    ///
    /// # Errors
    /// Every known parameter that is repeated.
    pub fn once(text: Option<&str>, known: &[&'static str]) -> Result<Self, Problem> {
        let all = parameters(text.unwrap_or_default(), |name| name);
        let mut repeated = all.iter().filter(|it| it.is_repeated);
        match repeated.find(|it| known.contains(&it.name.as_str())) {
            Some(twice) => Err(Problem::in_query(&twice.name, "is repeated")),
            None => Ok(Self::lenient(text, known)),
        }
    }

    /// Returns whether a parameter is given and not read yet.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a parameter as it is written.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a parameter and parses it.
    ///
    /// # Errors
    /// If it cannot be parsed. `reason` is the message.
    pub fn parsed<T: FromStr>(
        &mut self,
        name: &'static str,
        reason: &str,
    ) -> Result<Option<T>, Problem> {
        let parse = |text: String| text.parse().map_err(|_| Problem::in_query(name, reason));
        self.take(name).map(parse).transpose()
    }

    /// Takes a whole number from 1 to `most`.
    ///
    /// # Errors
    /// If the parameter is not such a number.
    pub fn number(&mut self, name: &'static str, most: usize) -> Result<Option<usize>, Problem> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        match number.filter(|number| (1..=most).contains(number)) {
            None => {
                let reason = format!("must be a whole number from 1 to {most}");
                Err(Problem::in_query(name, reason))
            }
            number => Ok(number),
        }
    }

    /// Takes `true` or `false`; missing means false.
    ///
    /// # Errors
    /// If the parameter is another text.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        self.parsed(name, "must be true or false")
            .map(Option::unwrap_or_default)
    }

    /// Takes one of some words.
    ///
    /// # Errors
    /// If the parameter is another word.
    pub fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let reason = match spelling::former_word(&text, words.iter().copied()) {
                Some(now) => format!("{text} is called {now} now"),
                None => format!("must be one of {}", words.join(", ")),
            };
            Problem::in_query(name, reason)
        })
    }

    /// Returns the parameters that are not read yet as one text, to identify a list.
    #[must_use]
    pub fn rest(&self) -> String {
        let rest: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        rest.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_query_refuses_what_it_does_not_know_and_what_stands_twice() {
        let known = &["a", "b"];
        let mut query = Query::strict(Some("a=1&b=%C3%A9"), known).unwrap();
        assert_eq!(query.take("b").as_deref(), Some("é"));
        assert!(query.has("a") && !query.has("b"));
        for text in ["c=1", "a=1&a=1", "A=1"] {
            let problem = Query::strict(Some(text), known).unwrap_err();
            assert!(matches!(problem, Problem::Invalid(faults) if faults.len() == 1));
        }
    }

    #[test]
    fn a_lenient_query_passes_over_what_it_does_not_know() {
        let known = &["a"];
        assert_eq!(Query::lenient(Some("x=1&a=1&a=2&x=3"), known).rest(), "a=2");
        assert_eq!(
            Query::once(Some("x=1&a=1&x=3"), known).unwrap().rest(),
            "a=1"
        );
        assert!(Query::once(Some("a=1&a=1"), known).is_err());
        assert_eq!(Query::lenient(None, known).rest(), "");
    }

    #[test]
    fn a_renamed_parameter_can_stand_twice_in_two_spellings() {
        fn bare(name: &str) -> &str {
            name.strip_prefix("f.").unwrap_or(name)
        }
        let all = parameters("f.a=1&a=2&b=3", bare);
        let repeated = all.iter().map(|it| (it.name.as_str(), it.is_repeated));
        let expected = [("a", false), ("a", true), ("b", false)];
        assert_eq!(repeated.collect::<Vec<_>>(), expected);
    }
}
