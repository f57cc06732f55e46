//! The values of settings, in the form in which people write them.
//!
//! Sizes are read and written here and not by the crate `bytesize`, whose output is
//! rounded: a size that an error proposes must be read as the same number.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_log::Location;
use attache_tenants::Reads;
use jiff::SpanRelativeTo;

use super::LogFormat;

/// A type of setting values.
pub(super) trait Value: Sized {
    /// The description of valid values, for errors.
    const WANTED: &'static str;
    /// Whether TOML has the value in quotes.
    const IS_TEXT: bool;

    /// Parses a text; `None` if it is invalid.
    fn read(text: &str) -> Option<Self>;

    /// Returns the number that bounds compare.
    fn rank(&self) -> u128 {
        0
    }

    /// Returns a text as it may be shown.
    fn shown(text: &str) -> String {
        text.to_owned()
    }
}

/// A duration: `10s`, `1h 30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl Value for Span {
    const WANTED: &'static str = "a time such as 250ms, 10s, 15m, 24h or 7d";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        let span: jiff::Span = text.trim().parse().ok()?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        // Negative durations are invalid.
        Duration::try_from(duration).ok().map(Self)
    }

    fn rank(&self) -> u128 {
        self.0.as_nanos()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u128, u128); 4] = [
            // One day is written as 24h, and one minute as 60s.
            ("d", 86_400_000, 2),
            ("h", 3_600_000, 1),
            ("m", 60_000, 2),
            ("s", 1_000, 0),
        ];
        let millis = self.0.as_millis();
        let fits = |(_, unit, least): &(&str, u128, u128)| {
            millis.is_multiple_of(*unit) && millis / unit >= *least
        };
        match UNITS.into_iter().find(fits) {
            Some((name, unit, _)) => write!(f, "{}{name}", millis / unit),
            None => write!(f, "{millis}ms"),
        }
    }
}

/// A number of bytes: `4MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

impl Size {
    /// Returns the number of bytes, in the type of other crates' settings.
    pub(super) fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Value for Size {
    const WANTED: &'static str = "a size such as 64KiB, 4MiB or 1GiB";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        const UNITS: [(&str, u128); 9] = [
            ("B", 1),
            ("KiB", 1 << 10),
            ("MiB", 1 << 20),
            ("GiB", 1 << 30),
            ("TiB", 1 << 40),
            ("kB", 1_000),
            ("MB", 1_000_000),
            ("GB", 1_000_000_000),
            ("TB", 1_000_000_000_000),
        ];
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
        let (_, unit) = UNITS
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
        let (whole, fraction) = match number.trim_end().split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (number.trim_end(), ""),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 20 || fraction.len() > 9 {
            return None;
        }
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
        let parts = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
        let bytes = digits.checked_mul(unit)?;
        let bytes = bytes.is_multiple_of(parts).then(|| bytes / parts)?;
        u64::try_from(bytes).ok().map(Self)
    }

    fn rank(&self) -> u128 {
        u128::from(self.0)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 4] = [
            ("TiB", 1 << 40),
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
        ];
        let fits = |(_, unit): &(&str, u64)| self.0.is_multiple_of(*unit) && self.0 > 0;
        match UNITS.into_iter().find(fits) {
            Some((name, unit)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}B", self.0),
        }
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Value for $type {
            const WANTED: &'static str = "a whole number";
            const IS_TEXT: bool = false;

            fn read(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }

            fn rank(&self) -> u128 {
                *self as u128
            }
        }
    )*};
}

numbers!(usize, u32);

impl Value for bool {
    const WANTED: &'static str = "true or false";
    const IS_TEXT: bool = false;

    fn read(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl Value for String {
    const WANTED: &'static str = "a text";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Value for PathBuf {
    const WANTED: &'static str = "a path";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl Value for SocketAddr {
    const WANTED: &'static str = "an address such as 127.0.0.1:8080";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl Value for LogFormat {
    const WANTED: &'static str = "auto, human or json";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "human" => Some(Self::Human),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl Value for Reads {
    const WANTED: &'static str = "local or latest";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        match text {
            "local" => Some(Self::Local),
            "latest" => Some(Self::Latest),
            _ => None,
        }
    }
}

/// A text that is never shown.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Value for Secret {
    const WANTED: &'static str = "a text";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn shown(_text: &str) -> String {
        "(set)".to_owned()
    }
}

/// The URL of a database. It is shown without its password.
#[derive(Clone)]
pub(super) struct DatabaseUrl(pub(super) String);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::shown(&self.0))
    }
}

impl Value for DatabaseUrl {
    const WANTED: &'static str = "a URL such as postgres://user@db.acme.example/attache";
    const IS_TEXT: bool = true;

    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn shown(text: &str) -> String {
        match Location::parse(text) {
            Ok(location) => location.to_string(),
            Err(_) => "(set)".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let read = |text: &str| Span::read(text).map(|Span(it)| it);
        for (text, millis) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("1.5s", 1_500),
            ("15m", 900_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("2w", 1_209_600_000),
            ("0s", 0),
            (" 10 seconds ", 10_000),
        ] {
            assert_eq!(read(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "-10s", "10s ago", "1mo", "1y", "ten seconds"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = |text: &str| Size::read(text).map(|Size(it)| it);
        for (text, bytes) in [
            ("0B", 0),
            ("512B", 512),
            ("64KiB", 65_536),
            ("4MiB", 4_194_304),
            ("4 MiB", 4_194_304),
            ("4mib", 4_194_304),
            ("1.5GiB", 1_610_612_736),
            ("4MB", 4_000_000),
            ("1TiB", 1 << 40),
        ] {
            assert_eq!(read(text), Some(bytes), "{text}");
        }
        for text in [
            "",
            "4",
            "MiB",
            "4M",
            "4 Mi B",
            "-4MiB",
            "1.MiB",
            ".5MiB",
            "0.3B",
            "1e3B",
            "4MiB/s",
            "99999999999999999TiB",
            "99999999999999999999.999999999TiB",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for millis in [0, 1, 999, 1_000, 90_000, 86_400_000, 172_800_000] {
            let span = Span(Duration::from_millis(millis));
            assert_eq!(Span::read(&span.to_string()), Some(span));
        }
        for bytes in [0, 1, 1_023, 1_024, 1_025, 4 << 20, 5_000_000, u64::MAX] {
            assert_eq!(Size::read(&Size(bytes).to_string()), Some(Size(bytes)));
        }
        let told = |millis| Span(Duration::from_millis(millis)).to_string();
        assert_eq!(told(0), "0s");
        assert_eq!(told(86_400_000), "24h");
        assert_eq!(told(604_800_000), "7d");
        assert_eq!(told(90_000), "90s");
        assert_eq!(told(60_000), "60s");
        assert_eq!(told(900_000), "15m");
    }
}
