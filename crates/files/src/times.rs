//! Parses times and days that people write.

use attache_core::Timestamp;

/// A text that is not a time. The message is the end of a sentence that starts with the
/// text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text has the form of a day that does not exist.
    #[error("{0} is no day of the calendar")]
    NoSuchDay(String),
    /// The text is not a time.
    #[error("must be a day such as 2026-03-03, or a time such as 2026-03-03T09:30:00Z")]
    NoTime,
    /// The text is not an end.
    #[error(
        "must be a day such as 2026-03-03, which counts through in UTC, \
         or a time such as 2026-03-03T09:30:00Z"
    )]
    NoEnd,
}

/// Returns the instant of a time, or the beginning of a day in UTC.
///
/// # Errors
/// If the text is neither.
pub fn time(text: &str) -> Result<Timestamp, TimeError> {
    let full = format!("{text}T00:00:00Z");
    let time = if is_day(text) {
        full.parse()
    } else {
        text.parse()
    };
    time.map_err(|_: &str| match is_day(text) {
        true => TimeError::NoSuchDay(text.to_owned()),
        false => TimeError::NoTime,
    })
}

/// Returns the instant at which something ends: a time, or the end of a day in UTC, so
/// that the day itself still counts.
///
/// # Errors
/// If the text is neither.
pub fn end(text: &str) -> Result<Timestamp, TimeError> {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let time = time(text);
    match is_day(text) {
        true => time.map(|begin| Timestamp::from_millis(begin.as_millis().saturating_add(DAY))),
        false => time.map_err(|_| TimeError::NoEnd),
    }
}

/// Returns whether a text has the form of a day, also if there is no such day.
#[must_use]
pub fn is_day(text: &str) -> bool {
    let shape = text
        .bytes()
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_and_as_an_end_counts_through() {
        let shown = |time: Result<Timestamp, TimeError>| time.unwrap().to_string();
        assert_eq!(shown(time("2026-03-03")), "2026-03-03T00:00:00.000Z");
        assert_eq!(shown(end("2026-03-03")), "2026-03-04T00:00:00.000Z");
        assert_eq!(shown(end("2027-12-31")), "2028-01-01T00:00:00.000Z");
        assert_eq!(shown(end("9999-12-31")), "9999-12-31T23:59:59.999Z");
        for parse in [time, end] {
            let time = parse("2026-03-03T10:30:00+01:00");
            assert_eq!(shown(time), "2026-03-03T09:30:00.000Z");
            assert_eq!(
                parse("2027-02-29").unwrap_err().to_string(),
                "2027-02-29 is no day of the calendar"
            );
            for text in [
                "",
                "soon",
                "2026-3-3",
                "03.03.2026",
                "2026-03-03T10:30:00",
                "2026-03-03 10:30",
            ] {
                let error = parse(text).unwrap_err().to_string();
                assert!(error.contains("a day such as"), "{text}");
            }
        }
    }
}
