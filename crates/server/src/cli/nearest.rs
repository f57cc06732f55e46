//! The nearest of some known names to one that is unknown.

/// Names that are less alike than this are not taken for one another.
const ALIKE: f64 = 0.7;

/// The one of some known names that is nearest to one that is unknown, if one is near.
pub(super) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|it| (strsim::jaro_winkler(name, it), it))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, it)| it)
}
