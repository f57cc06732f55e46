//! Names in paths.

use axum::extract::{FromRequestParts, Path, RawPathParams};
use http::request::Parts;
use serde::de::value::{Error, SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::Problem;
use super::suffix::Suffixes;

/// The names in a path, as a string or a tuple of strings, without the suffixes of the
/// documented path. A name that is not UTF-8 is answered as a path that is not served.
#[derive(Clone, Debug)]
pub struct PathIds<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathIds<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(suffixes) = parts.extensions.get::<Suffixes>().cloned() {
            let names = RawPathParams::from_request_parts(parts, state).await;
            let ids = names.ok().and_then(|names| stripped(&suffixes, &names));
            return ids.map(Self).ok_or(Problem::NoSuchPath);
        }
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids))
            .map_err(|_| Problem::NoSuchPath)
    }
}

/// Returns the names in a path, in their order. `None` if one is not UTF-8.
pub(crate) async fn names<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<Vec<String>> {
    let suffixes = parts.extensions.get::<Suffixes>().cloned();
    let names = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let names = names.iter().enumerate().map(|(place, (_, value))| {
        let name = match &suffixes {
            Some(suffixes) => suffixes.strip(place, value)?,
            None => value,
        };
        Some(name.to_owned())
    });
    names.collect()
}

fn stripped<T: DeserializeOwned>(suffixes: &Suffixes, names: &RawPathParams) -> Option<T> {
    let values = names.iter().enumerate();
    let values: Option<Vec<&str>> = values
        .map(|(place, (_, value))| suffixes.strip(place, value))
        .collect();
    let values = values?;
    if let [value] = *values {
        let value: StrDeserializer<'_, Error> = value.into_deserializer();
        if let Ok(id) = T::deserialize(value) {
            return Some(id);
        }
    }
    T::deserialize(SeqDeserializer::<_, Error>::new(values.into_iter())).ok()
}
