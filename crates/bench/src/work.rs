//! What clients are to write.

use std::fmt::Debug;

use serde_json::Value;

use crate::Failure;
use crate::connection::Answer;

/// A write to be asked for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// Empty for none.
    pub(crate) body: String,
    /// Where in the answer something stands, and what. None if it says nothing.
    pub(crate) shows: Option<(&'static str, Value)>,
}

impl Wish {
    /// Take an answer apart.
    pub(crate) fn check(&self, answer: &Answer) -> Result<(), Failure> {
        let Some((place, wanted)) = &self.shows else {
            return Ok(());
        };
        let said = answer.json()?;
        match said.pointer(place) == Some(wanted) {
            true => Ok(()),
            false => Err(format!(
                "{} {} was to show {wanted} at {place}: {said}",
                self.method, self.path
            )
            .into()),
        }
    }
}

/// Work of which there is always more.
pub(crate) trait Work: Debug + Send + Sync {
    /// The next write to the tenant at a place. Each changes something.
    fn next(&self, tenant: usize) -> Wish;
}
