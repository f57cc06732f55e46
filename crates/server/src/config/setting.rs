//! The declaration of a setting, and the macro for it.

use super::value::{Size, Span, Value};
use std::time::Duration;

/// A section of the configuration.
pub(super) struct Section {
    /// Empty for the settings above all sections.
    pub(super) name: &'static str,
    /// The lines of its comment.
    pub(super) about: &'static [&'static str],
    pub(super) settings: &'static [Setting],
}

/// A setting, as declared.
pub(super) struct Setting {
    /// The key without its section.
    pub(super) key: &'static str,
    /// The lines of its comment.
    pub(super) about: &'static [&'static str],
    /// The default, as TOML.
    pub(super) default: &'static str,
    /// The least and the most value, as TOML.
    pub(super) bounds: Option<(&'static str, &'static str)>,
    /// The former key, and the unit of its number.
    pub(super) former: Option<(&'static str, Unit)>,
    /// Returns a value as it may be shown.
    pub(super) shown: fn(&str) -> String,
    /// Returns whether a text is a value within the bounds.
    pub(super) fits: fn(&Setting, &str) -> bool,
}

impl Setting {
    /// Returns the key with its section: `limits.body_size`.
    pub(super) fn path(&self, section: &Section) -> String {
        path(section.name, self.key)
    }

    /// Returns the default without the quotes of TOML.
    pub(super) fn default_text(&self) -> &'static str {
        self.default.trim_matches('"')
    }

    /// Returns the least and the most value, without the quotes of TOML.
    pub(super) fn range(&self) -> Option<(&'static str, &'static str)> {
        let plain = |text: &'static str| text.trim_matches('"');
        self.bounds.map(|(least, most)| (plain(least), plain(most)))
    }

    /// Returns whether a value is within the setting's bounds.
    pub(super) fn bounds_hold<T: Value>(&self, value: &T) -> bool {
        self.range().is_none_or(|(least, most)| {
            let rank = |text| T::read(text).map(|bound| bound.rank());
            rank(least).is_some_and(|least| least <= value.rank())
                && rank(most).is_some_and(|most| value.rank() <= most)
        })
    }
}

/// A reader of settings that collects their faults.
pub(super) trait ReadSetting {
    /// Returns the value of a setting. If it is invalid or out of bounds, records a fault
    /// and returns `None`.
    fn read<T: Value>(&mut self, section: &Section, setting: &Setting) -> Option<T>;
}

/// Returns a key with its section.
pub(super) fn path(section: &str, key: &str) -> String {
    match section {
        "" => key.to_owned(),
        section => format!("{section}.{key}"),
    }
}

/// The unit of a former key's number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    Millis,
    Seconds,
    Minutes,
    Hours,
    Bytes,
    MiB,
}

impl Unit {
    /// Returns a number of these with its unit.
    pub(super) fn written(self, number: &str) -> Option<String> {
        let number: u64 = number.trim().parse().ok()?;
        let span = |millis: u64| {
            let millis = number.checked_mul(millis)?;
            Some(Span(Duration::from_millis(millis)).to_string())
        };
        let size = |bytes: u64| Some(Size(number.checked_mul(bytes)?).to_string());
        match self {
            Self::Millis => span(1),
            Self::Seconds => span(1_000),
            Self::Minutes => span(60_000),
            Self::Hours => span(3_600_000),
            Self::Bytes => size(1),
            Self::MiB => size(1 << 20),
        }
    }
}

/// Declares the settings: a struct for each section, all sections as `Sections`, and the
/// descriptions of all settings as `SECTIONS`.
///
/// A setting is `key: Type = default in least..=most, was former_key: Unit;`. The last
/// two parts are optional.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])*
        [$section:ident $name:literal] $Section:ident {$(
            $(#[doc = $doc:literal])*
            $key:ident: $type:ty = $default:literal
                $(in $least:literal..=$most:literal)?
                $(, was $former:ident: $unit:ident)?;
        )*}
    )*) => {
        $(
            #[doc = concat!("The section `", $name, "`.")]
            #[derive(Clone, Debug)]
            pub(super) struct $Section {$(
                $(#[doc = $doc])*
                pub(super) $key: $type,
            )*}

            impl $Section {
                /// Reads each setting, and records all faults. `None` if there is one.
                fn read(section: &Section, reader: &mut impl ReadSetting) -> Option<Self> {
                    let mut settings = section.settings.iter();
                    $(let $key: Option<$type> = reader.read(section, settings.next()?);)*
                    Some(Self { $($key: $key?,)* })
                }
            }
        )*

        /// All settings.
        #[derive(Clone, Debug)]
        pub(super) struct Sections {$(
            pub(super) $section: $Section,
        )*}

        impl Sections {
            /// Reads each setting, and records all faults. `None` if there is one.
            pub(super) fn read(reader: &mut impl ReadSetting) -> Option<Self> {
                let mut sections = SECTIONS.iter();
                $(let $section = $Section::read(sections.next()?, reader);)*
                Some(Self { $($section: $section?,)* })
            }
        }

        /// The sections in the order in which they are shown.
        pub(super) static SECTIONS: &[Section] = &[$(
            Section {
                name: $name,
                about: &[$($about),*],
                settings: &[$(
                    Setting {
                        key: stringify!($key),
                        about: &[$($doc),*],
                        default: stringify!($default),
                        bounds: settings!(@bounds $($least, $most)?),
                        former: settings!(@former $($former, $unit)?),
                        shown: <$type as Value>::shown,
                        fits: |setting, text| {
                            let value = <$type as Value>::read(text);
                            value.is_some_and(|value| setting.bounds_hold(&value))
                        },
                    }
                ),*],
            }
        ),*];
    };
    (@bounds) => { None };
    (@bounds $least:literal, $most:literal) => { Some((stringify!($least), stringify!($most))) };
    (@former) => { None };
    (@former $former:ident, $unit:ident) => { Some((stringify!($former), Unit::$unit)) };
}

pub(super) use settings;
