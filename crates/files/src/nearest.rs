//! The nearest of some names to one that is unknown.

/// The one of the known names that is most like `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known
        .max_by(|a, b| {
            let (a, b) = (strsim::jaro_winkler(name, a), strsim::jaro_winkler(name, b));
            a.total_cmp(&b)
        })
        .unwrap_or_default()
}
