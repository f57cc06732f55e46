//! A CSV file: its columns, its rows, and what is wrong with them.

use std::fmt;

use attache_core::Timestamp;
use attache_core::id::Key;
use attache_core::model::Name;
use csv::StringRecord;
use uuid::Uuid;

use crate::config::nearest;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Fault {
    file: &'static str,
    line: u64,
    column: String,
    cause: String,
}

impl Fault {
    /// Where it stands among others: by file, then by line.
    pub(super) fn place(&self) -> (usize, u64) {
        let file = super::source::FILES
            .iter()
            .position(|file| *file == self.file);
        (file.unwrap_or(usize::MAX), self.line)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            cause,
        } = self;
        match column.as_str() {
            "" => write!(f, "{file}, line {line}: {cause}"),
            column => write!(f, "{file}, line {line}, column {column}: {cause}"),
        }
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: &'static str,
    pub(super) line: u64,
}

impl Spot {
    pub(super) fn fault(self, column: &str, cause: impl Into<String>) -> Fault {
        Fault {
            file: self.file,
            line: self.line,
            column: column.to_owned(),
            cause: cause.into(),
        }
    }
}

/// A file whose columns were read, and whose rows follow.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    file: &'static str,
    columns: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Sheet<'a> {
    /// Read the first line of a file's text. `None` if something is wrong with
    /// it, which is told.
    pub(super) fn open(
        file: &'static str,
        text: &'a str,
        required: &[&str],
        optional: &[&str],
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let head = text.lines().next().unwrap_or_default();
        // What a spreadsheet writes depends on the country that it believes to be in.
        let delimiter = if head.contains(';') && !head.contains(',') {
            b';'
        } else {
            b','
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let head = Spot { file, line: 1 };
        let columns: Vec<String> = match reader.headers() {
            Ok(columns) => columns.iter().map(str::to_lowercase).collect(),
            Err(error) => {
                faults.push(head.fault("", error.to_string()));
                return None;
            }
        };
        let before = faults.len();
        for (position, column) in columns.iter().enumerate() {
            let known = required.iter().chain(optional).any(|known| known == column);
            if !known {
                let names = required.iter().chain(optional).copied();
                let cause = format!(
                    "is unknown; the nearest known one is {}",
                    nearest(column, names)
                );
                faults.push(head.fault(column, cause));
            } else if columns.iter().take(position).any(|other| other == column) {
                faults.push(head.fault(column, "stands twice"));
            }
        }
        for column in required {
            if !columns.iter().any(|known| known == column) {
                faults.push(head.fault(column, "is missing"));
            }
        }
        if faults.len() > before {
            return None;
        }
        Some(Self {
            file,
            columns,
            reader,
        })
    }

    /// Read row by row. What is wrong with a line is told, and the other lines
    /// are read all the same.
    pub(super) fn each(
        mut self,
        faults: &mut Vec<Fault>,
        mut read: impl FnMut(Row<'_>, &mut Vec<Fault>),
    ) {
        let file = self.file;
        // One for all: a million of them would take more memory than the file.
        let mut record = StringRecord::new();
        loop {
            match self.reader.read_record(&mut record) {
                Ok(false) => return,
                Ok(true) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let row = Row {
                        spot: Spot { file, line },
                        columns: &self.columns,
                        record: &record,
                    };
                    read(row, faults);
                }
                Err(error) => faults.push(of_csv(file, &error)),
            }
        }
    }
}

fn of_csv(file: &'static str, error: &csv::Error) -> Fault {
    let line = error.position().map_or(0, csv::Position::line);
    let cause = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("has {len} cells, and the first line {expected_len}"),
        _ => error.to_string(),
    };
    Spot { file, line }.fault("", cause)
}

/// A row of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) spot: Spot,
    columns: &'a [String],
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// A cell. `None` if the file has no such column.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|known| known == column)?;
        self.record.get(at)
    }

    /// A cell that is not empty.
    pub(super) fn filled(&self, column: &str) -> Option<&'a str> {
        self.cell(column).filter(|cell| !cell.is_empty())
    }

    /// A cell that must not be empty.
    pub(super) fn needed(&self, column: &str) -> Result<&'a str, Fault> {
        self.filled(column)
            .ok_or_else(|| self.spot.fault(column, "must not be empty"))
    }

    /// A cell that is not empty, understood.
    pub(super) fn parsed<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Fault> {
        self.filled(column)
            .map(|cell| parse(cell).map_err(|reason| self.spot.fault(column, reason)))
            .transpose()
    }

    pub(super) fn key(&self) -> Result<Option<Key>, Fault> {
        self.parsed("key", Key::new)
    }

    pub(super) fn number(&self) -> Result<Option<u32>, Fault> {
        self.parsed("number", |cell| match cell.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err("must be a whole number from 1 to 4294967295"),
        })
    }

    pub(super) fn name(&self) -> Result<Name, Fault> {
        let cell = self.needed("name")?;
        Name::new(cell).map_err(|reason| self.spot.fault("name", reason))
    }

    pub(super) fn uuid(&self, column: &str) -> Result<Option<Uuid>, Fault> {
        self.parsed(column, |cell| {
            Uuid::parse_str(cell).map_err(|_| "must be a UUID")
        })
    }

    pub(super) fn time(&self, column: &str) -> Result<Option<Timestamp>, Fault> {
        self.parsed(column, |cell| {
            crate::cli::arguments::time(cell).map_err(
                |_| "must be a day such as 2026-03-03, or a time such as 2026-03-03T09:30:00Z",
            )
        })
    }

    pub(super) fn yes_or_no(&self, column: &str) -> Result<Option<bool>, Fault> {
        self.parsed(column, |cell| match cell.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("must be true or false"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Vec<String>>, Vec<String>) {
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        if let Some(sheet) = Sheet::open("users.csv", text, &["name"], &["key"], &mut faults) {
            sheet.each(&mut faults, |row, _| {
                rows.push(row.record.iter().map(str::to_owned).collect());
            });
        }
        (rows, faults.iter().map(Fault::to_string).collect())
    }

    #[test]
    fn a_sheet_is_read_as_spreadsheets_write_it() {
        for text in ["name,key\nA,1\n", "\u{feff}Name;Key\r\nA; 1 \r\n"] {
            let (rows, faults) = read(text);
            assert_eq!(
                (rows, faults),
                (vec![vec!["A".to_owned(), "1".to_owned()]], vec![])
            );
        }
    }

    #[test]
    fn a_wrong_head_is_told() {
        assert_eq!(
            read("nmae,key\nA,1\n").1,
            [
                "users.csv, line 1, column nmae: is unknown; the nearest known one is name",
                "users.csv, line 1, column name: is missing",
            ]
        );
    }

    #[test]
    fn a_line_of_another_length_is_told_and_the_others_are_read() {
        let (rows, faults) = read("name,key\nA\nB,2\n");
        assert_eq!(rows.len(), 1);
        assert_eq!(
            faults,
            ["users.csv, line 2: has 1 cells, and the first line 2"]
        );
    }
}
