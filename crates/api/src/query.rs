//! Query strings: each parameter known, and given once.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::lists;
use super::spelling;
use attache_http::{Fault, Problem};

/// The parameters of a query string that are still to be read.
#[derive(Debug)]
pub(super) struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// # Errors
    /// Every parameter that is not known here or stands twice.
    pub(super) fn read(text: Option<&str>, known: &[&'static str]) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        let mut faults = Vec::new();
        for (key, value) in form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            match known.iter().find(|name| **name == key) {
                None => {
                    let reason = spelling::unknown(&key, known.iter().copied());
                    faults.push(Fault::new(key, reason));
                }
                Some(name) => {
                    if found.insert(*name, value.into_owned()).is_some() {
                        faults.push(Fault::new(*name, "stands twice"));
                    }
                }
            }
        }
        match faults.is_empty() {
            true => Ok(Self(found)),
            false => Err(Problem::Invalid(faults)),
        }
    }

    /// The same of a list with pages, which has parameters of its own.
    pub(super) fn of_list(text: Option<&str>, own: &[&'static str]) -> Result<Self, Problem> {
        Self::read(text, &[&lists::PARAMETERS[..], own].concat())
    }

    /// Whether a parameter is given that was not read yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A parameter that is written as something.
    pub(super) fn parsed<T: FromStr>(
        &mut self,
        name: &'static str,
        reason: &str,
    ) -> Result<Option<T>, Problem> {
        let parse = |text: String| text.parse().map_err(|_| Problem::invalid(name, reason));
        self.take(name).map(parse).transpose()
    }

    /// A whole number from 1 on.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Result<Option<usize>, Problem> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        match number.filter(|number| (1..=most).contains(number)) {
            None => {
                let reason = format!("must be a whole number from 1 to {most}");
                Err(Problem::invalid(name, reason))
            }
            number => Ok(number),
        }
    }

    /// `true` or `false`; left out it is false.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        self.parsed(name, "must be true or false")
            .map(Option::unwrap_or_default)
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
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
            Problem::invalid(name, reason)
        })
    }

    /// What was not read yet, in one text: what a list is told apart by.
    pub(super) fn rest(&self) -> String {
        let rest: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        rest.join("\n")
    }
}
