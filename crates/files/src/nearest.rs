//! The nearest of some names to one that is unknown.

/// Names that are less alike than this are not taken for one another.
const ALIKE: f64 = 0.7;

/// The one of the known names that is most like `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known
        .max_by(|a, b| {
            let (a, b) = (strsim::jaro_winkler(name, a), strsim::jaro_winkler(name, b));
            a.total_cmp(&b)
        })
        .unwrap_or_default()
}

/// The one of the known names that is most like `name`, if it is like enough. The case of
/// letters does not count.
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
