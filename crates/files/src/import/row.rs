//! A row of a CSV file, and the parsing of its cells.

use attache_core::Timestamp;
use attache_core::id::Key;
use attache_core::model::{Email, ExternalId, Name};
use csv::StringRecord;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::fault::{Fault, Spot, shown};
use crate::times::end;

pub(super) use crate::{AS_IS, EXTERNAL_AUTH_ID};

/// The columns of texts. Older versions had fewer rules for their values.
const TEXTS: [&str; 7] = [
    "key",
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "parameters",
];

/// The faults of a row's cells that are no valid new values. A thing that already has
/// such a value keeps it.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused(Vec<Fault>);

impl Refused {
    /// Returns the faults of those cells whose value the thing does not have already.
    /// `stands` tells whether it has, by column.
    pub(super) fn but(&self, stands: impl Fn(&str) -> bool) -> Vec<Fault> {
        let is_so = |fault: &&Fault| fault.column.as_deref().is_some_and(&stands);
        let faults = self.0.iter().filter(|fault| !is_so(fault));
        faults.cloned().collect()
    }
}

/// A row of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) spot: Spot,
    columns: &'a [String],
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    pub(super) fn new(spot: Spot, columns: &'a [String], record: &'a StringRecord) -> Self {
        Self {
            spot,
            columns,
            record,
        }
    }

    /// Returns the index of a column. `None` if the file lacks it.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == column)
    }

    /// Returns a cell. `None` if the file lacks the column.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        self.record.get(self.place(column)?)
    }

    /// Returns the cells as they stand in the file.
    pub(super) fn record(&self) -> &'a StringRecord {
        self.record
    }

    /// Returns the row with other cells.
    pub(super) fn with<'b>(&'b self, record: &'b StringRecord) -> Row<'b> {
        Row { record, ..*self }
    }

    /// Returns a cell that is not empty.
    pub(super) fn filled(&self, column: &str) -> Option<&'a str> {
        self.cell(column).filter(|cell| !cell.is_empty())
    }

    /// Returns a cell that must not be empty.
    pub(super) fn needed(&self, column: &str) -> Result<&'a str, Fault> {
        self.filled(column)
            .ok_or_else(|| self.spot.fault(column, "must not be empty"))
    }

    /// Parses a cell that is not empty.
    pub(super) fn parsed<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Fault> {
        self.filled(column)
            .map(|cell| parse(cell).map_err(|reason| self.wrong(column, reason, cell)))
            .transpose()
    }

    /// Makes the fault of a cell, with its content.
    pub(super) fn wrong(&self, column: &str, reason: &str, cell: &str) -> Fault {
        self.spot.fault(column, with_cell(reason, cell))
    }

    /// Returns the words in the cell `as_is`.
    fn as_is(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.filled(AS_IS).unwrap_or_default().split_whitespace()
    }

    /// Returns a word in the cell `as_is` that names no column which can be taken as it
    /// is.
    pub(super) fn stray_as_is(&self) -> Option<&'a str> {
        self.as_is()
            .find(|name| !TEXTS.contains(name) && *name != EXTERNAL_AUTH_ID)
    }

    /// Returns whether the row marks any text as taken as it is.
    pub(super) fn has_as_is_text(&self) -> bool {
        self.as_is().any(|name| TEXTS.contains(&name))
    }

    /// Returns whether the row marks a cell as taken as it is.
    pub(super) fn is_as_is(&self, column: &str) -> bool {
        self.as_is().any(|name| name == column)
    }

    /// Parses a cell that is not empty. If it is no valid new value, it is accepted when
    /// the row marks it as taken as it is. Otherwise its fault is recorded, since the
    /// thing may already have the value.
    fn stored<T: DeserializeOwned>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, &'static str>,
        refused: &mut Refused,
    ) -> Result<Option<T>, Fault> {
        let Some(cell) = self.filled(column) else {
            return Ok(None);
        };
        if !self.is_as_is(column) {
            match parse(cell) {
                Ok(parsed) => return Ok(Some(parsed)),
                Err(reason) => refused.0.push(self.wrong(column, reason, cell)),
            }
        }
        // A value that was stored once is accepted, whatever the rules are today.
        serde_json::from_value(cell.into())
            .map(Some)
            .map_err(|error| self.spot.fault(column, error.to_string()))
    }

    pub(super) fn key(&self, refused: &mut Refused) -> Result<Option<Key>, Fault> {
        self.stored("key", Key::new, refused)
    }

    pub(super) fn number(&self) -> Result<Option<u32>, Fault> {
        self.parsed("number", |cell| {
            let is_plain = cell.bytes().all(|byte| byte.is_ascii_digit());
            match cell.parse() {
                Ok(number) if number > 0 && is_plain => Ok(number),
                _ => Err("must be a whole number from 1 to 4294967295"),
            }
        })
    }

    /// Returns a name that may be empty. The outer `None` if the file lacks the column.
    pub(super) fn text(
        &self,
        column: &str,
        refused: &mut Refused,
    ) -> Result<Option<Option<Name>>, Fault> {
        let name = self.stored(column, Name::new, refused)?;
        Ok(self.cell(column).map(|_| name))
    }

    pub(super) fn name(&self, refused: &mut Refused) -> Result<Name, Fault> {
        self.needed("name")?;
        let name = self.stored("name", Name::new, refused)?;
        name.ok_or_else(|| self.spot.fault("name", "must not be empty"))
    }

    pub(super) fn email(&self) -> Result<Option<Address>, Fault> {
        if self.is_as_is("email") {
            let email = self.filled("email");
            return Ok(email.map(|cell| Address::Odd(cell.to_owned().into())));
        }
        self.parsed("email", |cell| match Email::new(cell) {
            Ok(email) => Ok(Address::Sound(email)),
            Err(_) if is_deliverable(cell) => Ok(Address::Refused(cell.to_owned().into())),
            Err(reason) => Err(reason),
        })
    }

    pub(super) fn external_auth_id(
        &self,
        refused: &mut Refused,
    ) -> Result<Option<ExternalId>, Fault> {
        self.stored(EXTERNAL_AUTH_ID, ExternalId::new, refused)
    }

    pub(super) fn uuid(&self, column: &str) -> Result<Option<Uuid>, Fault> {
        self.parsed(column, |cell| {
            Uuid::parse_str(cell).map_err(|_| "must be a UUID")
        })
    }

    /// Returns an end. A day counts until its end.
    pub(super) fn end(&self) -> Result<Option<Timestamp>, Fault> {
        let cell = self.filled("expires_at");
        cell.map(|cell| {
            end(cell).map_err(|error| self.wrong("expires_at", &error.to_string(), cell))
        })
        .transpose()
    }

    pub(super) fn yes_or_no(&self, column: &str) -> Result<Option<bool>, Fault> {
        self.parsed(column, |cell| match cell.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("must be true or false"),
        })
    }
}

/// Makes a reason from what a cell must be and what it is.
fn with_cell(reason: &str, cell: &str) -> String {
    match reason.starts_with("must be ") {
        true => format!("{reason}, is {}", shown(cell)),
        false => reason.to_owned(),
    }
}

/// An e-mail address in a file.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// The address follows the grammar of RFC 5321.
    Sound(Email),
    /// The address does not follow it, and the row marks it as taken as it is.
    Odd(Email),
    /// The address does not follow it but may be deliverable. Accepted only if the
    /// operator says so.
    Refused(Email),
}

impl Address {
    pub(super) fn email(&self) -> &Email {
        match self {
            Self::Sound(email) | Self::Odd(email) | Self::Refused(email) => email,
        }
    }
}

/// Returns whether an address that violates the grammar of RFC 5321 may be deliverable:
/// some providers once gave out long local parts, and local parts with dots at an end or
/// side by side.
fn is_deliverable(address: &str) -> bool {
    const MAX_CHARS: usize = 255;
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let is_atext = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_local = local.chars().any(is_atext) && local.chars().all(|c| is_atext(c) || c == '.');
    is_local && address.chars().count() <= MAX_CHARS && Email::new(&format!("x@{domain}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_have_three_spellings_each_and_others_are_told() {
        let columns = ["first_login".to_owned()];
        let read = |cell: &str| {
            let record = StringRecord::from(vec![cell]);
            let spot = Spot {
                file: "users.csv",
                line: 3,
            };
            let row = Row::new(spot, &columns, &record);
            row.yes_or_no("first_login")
                .map_err(|fault| fault.to_string())
        };
        for (cells, expected) in [
            (["true", "yes", "1", "TRUE", "Yes"], Some(true)),
            (["false", "no", "0", "FALSE", "No"], Some(false)),
        ] {
            for cell in cells {
                assert_eq!(read(cell), Ok(expected), "{cell}");
            }
        }
        assert_eq!(read(""), Ok(None));
        for cell in ["WAHR", "FALSCH", "oui", "y", "2", "-1", "true."] {
            let fault =
                format!("users.csv, line 3, column first_login: must be true or false, is {cell}");
            assert_eq!(read(cell), Err(fault));
        }
    }

    #[test]
    fn only_addresses_that_mail_may_reach_are_deliverable() {
        for address in [
            "taro..y@docomo.example",
            "taro.@docomo.example",
            ".taro@docomo.example",
            &format!("{}@mill.example", "a".repeat(80)),
        ] {
            assert!(Email::new(address).is_err(), "{address}");
            assert!(is_deliverable(address), "{address}");
        }
        for address in [
            "",
            "@",
            "taro",
            "..@docomo.example",
            "@docomo.example",
            "taro..y@",
            "taro..y@doco mo.example",
            "taro y..@docomo.example",
            "Taro <taro..y@docomo.example>",
            "taro..y@docomo.example,hana@docomo.example",
            "taro..y@x@docomo.example",
            "ta\u{202e}ro..y@docomo.example",
            &format!("{}@mill.example", "a".repeat(300)),
        ] {
            assert!(!is_deliverable(address), "{address}");
        }
    }
}
