//! Instants, with a precision of milliseconds.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The start of counting. Instants are converted as dates and times in UTC, since
/// `jiff::Timestamp` ends a day before the year 9999 does.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// An instant in UTC, in milliseconds since 1970. Displayed as RFC 3339 with `Z` and
/// three decimals, parsed from RFC 3339 with any offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first instant with a four-digit year.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The last instant with a four-digit year.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Makes an instant from milliseconds since 1970, clamped to [`Timestamp::MIN`] and
    /// [`Timestamp::MAX`].
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Returns the milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the displayed form. Lists show several instants per user: a library took a
    /// tenth of a list's time, and arithmetic of 64 bits takes twice as long as this.
    fn shown(self) -> [u8; SHOWN] {
        let (days, millis) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = date(days);
        // At most a day, so it fits.
        let millis = millis as u32;
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, number: u32| {
            if let Some([tens, ones]) = text.get_mut(at..at + 2) {
                *tens += (number / 10) as u8;
                *ones += (number % 10) as u8;
            }
        };
        put(0, year / 100);
        put(2, year % 100);
        put(5, month);
        put(8, day);
        put(11, minutes / 60);
        put(14, minutes % 60);
        put(17, seconds);
        put(20, millis / 10);
        text[22] += (millis % 10) as u8;
        text
    }
}

/// The milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Returns year, month and day in the proleptic Gregorian calendar, from days since
/// 1970-01-01, for the years 0 to 9999.
///
/// Counts from the 1st of March, so that a leap day is a year's last, in eras of 400
/// years, which all have 146,097 days.
fn date(days: i64) -> (u32, u32, u32) {
    /// The days from -0400-03-01 to 1970-01-01: an era more, so that January and February of
    /// the year 0 are counted too.
    const TO_1970: i64 = 719_468 + ERA as i64;
    const ERA: u32 = 146_097;
    let days = (days + TO_1970) as u32;
    let (era, day_of_era) = (days / ERA, days % ERA);
    // Without the leap days before it: one in 4 years, none in 100, one in 400.
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March on have 31, 30, 31, 30 and 31 days, twice: 153 days in five
    // months.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (month, next_year) = match month_from_march {
        0..10 => (month_from_march + 3, 0),
        _ => (month_from_march - 9, 1),
    };
    let year = era * 400 + year_of_era + next_year;
    (year - 400, month, day)
}

/// The number of bytes of a displayed instant.
const SHOWN: usize = 24;

/// Returns ASCII bytes as text.
fn text(bytes: &[u8; SHOWN]) -> &str {
    // Always ASCII: digits and separators.
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.shown()))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "must be a time such as 2026-03-03T09:30:00Z";
        let pieces = Pieces::parse(text).map_err(|_| SHAPE)?;
        let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
            return Err(SHAPE);
        };
        let local = pieces.date().to_datetime(time).duration_since(EPOCH);
        let instant = local - SignedDuration::from_secs(offset.seconds().into());
        let millis = i64::try_from(instant.as_millis()).map_err(|_| SHAPE)?;
        if !(Self::MIN.0..=Self::MAX.0).contains(&millis) {
            return Err("must have a year from 0000 to 9999");
        }
        Ok(Self(millis))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(text(&self.shown()))
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self::from_millis)
        }
    }
}

/// The end of something: an instant, or never. As small as an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry(i64);

impl Expiry {
    /// No end.
    pub const NEVER: Self = Self(i64::MAX);

    /// Returns whether something with this end counts at `at`. At the instant of its end
    /// it does not.
    #[must_use]
    pub fn is_live(self, at: Timestamp) -> bool {
        at.0 < self.0
    }

    /// Returns the instant, or `None` for never.
    #[must_use]
    pub fn instant(self) -> Option<Timestamp> {
        (self != Self::NEVER).then_some(Timestamp(self.0))
    }
}

impl From<Option<Timestamp>> for Expiry {
    fn from(instant: Option<Timestamp>) -> Self {
        instant.map_or(Self::NEVER, |instant| Self(instant.0))
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.instant().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<Timestamp>::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_utc_with_milliseconds() {
        let time: Timestamp = "2026-03-03T10:30:00+01:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-03-03T09:30:00.000Z");
        let time: Timestamp = "2026-03-03T09:30:00.1239Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-03-03T09:30:00.123Z");
    }

    #[test]
    fn every_day_is_shown_as_the_library_shows_it() {
        let first = jiff::civil::date(0, 1, 1);
        let last = Timestamp::MAX.as_millis() / DAY - Timestamp::MIN.as_millis() / DAY;
        // Each day of some centuries, and one in 29 of all.
        let days = (0..=last).filter(|day| day % 29 == 0 || (693_000..767_000).contains(day));
        for day in days {
            let time = Timestamp::from_millis(Timestamp::MIN.as_millis() + day * DAY);
            let expected = first.checked_add(jiff::Span::new().days(day)).unwrap();
            assert_eq!(time.to_string(), format!("{expected}T00:00:00.000Z"));
        }
        let last = Timestamp::MAX.to_string();
        assert_eq!(last, "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn the_ends_of_the_range_are_shown_and_read_back() {
        for end in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(end.to_string().parse(), Ok(end));
        }
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(i64::MAX), Timestamp::MAX);
        for text in [
            "9999-12-31T23:59:59-00:01",
            "2026-03-03T09:30:00",
            "2026-03-03",
            "soon",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_counts_at_the_instant_of_its_expiry() {
        let noon = Timestamp::from_millis(1_000);
        let expiry = Expiry::from(Some(noon));
        assert!(expiry.is_live(Timestamp::from_millis(999)));
        assert!(!expiry.is_live(noon));
        assert!(Expiry::NEVER.is_live(Timestamp::MAX));
    }
}
