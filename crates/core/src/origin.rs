//! Through which door an entry came.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The door through which an entry came: `api`, `authzen`, a dialect such as `voicebot`, `cli`,
/// `import`, `attache` for what attache writes by itself, or a connection by its name, such as
/// `scim:entra`; `unknown` for an entry of an older version. 1 to 40 characters: lower-case letters, digits and `-`, and a name after a
/// colon where there are several of a kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    length: u8,
    text: [u8; MOST],
}

/// The most characters of an origin.
const MOST: usize = 40;

impl Origin {
    /// The origin of entries that do not say theirs: those of older versions.
    pub const UNKNOWN: Self = Self::of_door("unknown");
    /// attache's own API.
    pub const API: Self = Self::of_door("api");
    /// The command line.
    pub const CLI: Self = Self::of_door("cli");
    /// An import of files, over the API or by the command line.
    pub const IMPORT: Self = Self::of_door("import");
    /// attache itself, which writes down what expired.
    pub const ATTACHE: Self = Self::of_door("attache");
    /// The console.
    pub const CONSOLE: Self = Self::of_door("console");

    /// A door of this program by its name. What does not fit is cut off: a test of each door
    /// sees to it that its name is an origin ([`Origin::new`]).
    #[must_use]
    pub const fn of_door(name: &'static str) -> Self {
        let mut rest = name.as_bytes();
        let mut text = [0; MOST];
        let mut length = 0;
        while let [first, others @ ..] = rest {
            if length == MOST {
                break;
            }
            text[length] = *first;
            length += 1;
            rest = others;
        }
        Self {
            length: length as u8,
            text,
        }
    }

    /// An origin by its text.
    ///
    /// # Errors
    /// What is wrong with the text, as the end of a sentence about it.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let (door, name) = match text.split_once(':') {
            Some((door, name)) => (door, Some(name)),
            None => (text, None),
        };
        let is_door = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        let is_name = |it: u8| it.is_ascii_alphanumeric() || b"-._".contains(&it);
        let is_good = (1..=MOST).contains(&text.len())
            && door.starts_with(|it: char| it.is_ascii_lowercase())
            && door.bytes().all(is_door)
            && name.is_none_or(|name| !name.is_empty() && name.bytes().all(is_name));
        if !is_good {
            return Err("must be an origin such as api, voicebot, cli, import or scim:entra");
        }
        let mut own = [0; MOST];
        let bytes = text.as_bytes();
        for (to, from) in own.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self {
            length: bytes.len() as u8,
            text: own,
        })
    }

    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..usize::from(self.length));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.as_str())
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_come_back_as_they_were_written() {
        let longest = format!("scim:{}", "x".repeat(35));
        for text in [
            "api",
            "cloudcockpit",
            "scim:entra",
            "sync:HR_2.eu-west",
            &longest,
        ] {
            let origin = Origin::new(text).unwrap();
            assert_eq!(origin.as_str(), text);
            let json = serde_json::to_string(&origin).unwrap();
            assert_eq!(serde_json::from_str::<Origin>(&json).unwrap(), origin);
        }
        assert_eq!(Origin::new("import"), Ok(Origin::IMPORT));
        let longer = format!("scim:{}", "x".repeat(36));
        for text in [
            "", "API", "a b", "scim:", ":entra", "7", "é", "a:b:c", &longer,
        ] {
            assert!(Origin::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_door_is_an_origin() {
        for door in [
            Origin::UNKNOWN,
            Origin::API,
            Origin::CLI,
            Origin::IMPORT,
            Origin::ATTACHE,
            Origin::CONSOLE,
        ] {
            assert_eq!(Origin::new(door.as_str()), Ok(door));
        }
    }
}
