//! Numbers as people read them.

use crate::spread::Spread;

/// With as many places as its size needs: `12,345`, `123`, `12.3`, `1.23`, `0.123`.
pub(super) fn number(value: f64) -> String {
    with_places(value, places(value))
}

/// The median, and how far the others are from it: `12.3 (10.1–14.0)`.
pub(super) fn spread(spread: Spread) -> String {
    let places = places(spread.median());
    let [median, least, most] =
        [spread.median(), spread.least(), spread.most()].map(|it| with_places(it, places));
    match least == most {
        true => median,
        false => format!("{median} ({least}–{most})"),
    }
}

fn places(value: f64) -> usize {
    match value.abs() {
        0.0 => 0,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    }
}

fn with_places(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.places$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_places_as_they_need() {
        let texts = [0.0, 0.1234, 1.5, 12.34, 123.4, 1234.5, 1_234_567.0, -123.0];
        let texts = texts.map(number);
        let expected = [
            "0",
            "0.123",
            "1.50",
            "12.3",
            "123",
            "1,234",
            "1,234,567",
            "-123",
        ];
        assert_eq!(texts, expected);
        assert_eq!(number(f64::NAN), "–");
    }

    #[test]
    fn a_spread_has_the_places_of_its_median() {
        let of = |values: &[f64]| spread(Spread::of(values.iter().copied()));
        assert_eq!(of(&[12.0, 9.5, 101.25]), "12.0 (9.5–101.2)");
        assert_eq!(of(&[7.0, 7.0]), "7.00");
    }
}
