//! Finds the known name that is most similar to an unknown one.

/// The least similarity of a suggestion.
const ALIKE: f64 = 0.7;

/// Returns the known name that is most similar to `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known
        .max_by(|a, b| {
            let (a, b) = (strsim::jaro_winkler(name, a), strsim::jaro_winkler(name, b));
            a.total_cmp(&b)
        })
        .unwrap_or_default()
}

/// Returns the known name that is most similar to `name`, if it is similar enough. Case
/// does not count.
#[must_use]
pub fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let likeness = |it: &str| strsim::jaro_winkler(&lower, &it.to_lowercase());
    known
        .map(|it| (likeness(it), it))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, it)| it)
}
