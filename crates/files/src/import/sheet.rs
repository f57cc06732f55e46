//! A CSV file: its separator, its columns, its rows.

use csv::StringRecord;

use super::fault::{Fault, Spot, counted, shown};
use super::quotes;
use super::row::{AS_IS, Row};
use super::text::Lines;
use crate::formula;
use attache_core::nearest::likest;

/// The separators that spreadsheets write, depending on their language settings.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A file whose columns were read, with its rows ahead.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    file: &'static str,
    columns: Vec<String>,
    records: Records<'a>,
}

impl<'a> Sheet<'a> {
    /// Reads the columns of a file. Returns `None` and reports faults if they are wrong.
    pub(super) fn open(
        file: &'static str,
        text: &'a str,
        required: &[&str],
        optional: &[&str],
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let is_known = |name: &str| required.iter().chain(optional).any(|known| *known == name);
        let known_of = |head: &Head| head.columns.iter().filter(|name| is_known(name)).count();
        let (heads, fault) = heads(file, text);
        let mut best: Option<Head> = None;
        // If no column is known, the separator that makes most columns is the most
        // likely.
        let is_better = |head: &Head, best: &Head| {
            let (new, old) = (known_of(head), known_of(best));
            new > old || new == 0 && old == 0 && head.columns.len() > best.columns.len()
        };
        for head in heads {
            if best.as_ref().is_none_or(|best| is_better(&head, best)) {
                best = Some(head);
            }
        }
        if best.as_ref().is_none_or(|best| known_of(best) == 0)
            && let Some(fault) = fault
        {
            faults.push(fault);
            return None;
        }
        let Some(head) = best else {
            faults.push(Fault::of_file(
                file,
                "is empty: its first line must name the columns",
            ));
            return None;
        };
        let spot = Spot {
            file,
            line: head.line,
        };
        let before = faults.len();
        if known_of(&head) == 0 && head.columns.len() > 1 {
            let found: Vec<String> = head.columns.iter().map(|it| shown(it)).collect();
            let names: Vec<&str> = required.iter().chain(optional).copied().collect();
            let cause = format!(
                "names no column of this file: {}; the columns are {}",
                shown(&found.join(", ")),
                names.join(", ")
            );
            faults.push(spot.fault("", cause));
            return None;
        }
        for (position, column) in head.columns.iter().enumerate() {
            if column.is_empty() {
                continue;
            }
            if !is_known(column) {
                let names = required.iter().chain(optional).copied();
                let cause = format!(
                    "is unknown; the nearest known one is {}",
                    likest(column, names).unwrap_or_default()
                );
                faults.push(spot.fault(column, cause));
            } else if head.columns.iter().take(position).any(|it| it == column) {
                faults.push(spot.fault(column, "is repeated"));
            }
        }
        for column in required {
            if !head.columns.iter().any(|known| known == column) {
                faults.push(spot.fault(column, "is missing"));
            }
        }
        if faults.len() > before {
            return None;
        }
        let mut records = head.records(file, text);
        records.next()?.ok()?;
        Some(Self {
            file,
            columns: head.columns,
            records,
        })
    }

    /// Reads a text that lists things: a column with the first of `names` that the first
    /// line has, or one thing per line without a heading. The latter is read as if it had
    /// a column of the first name. Returns the name with the sheet. `None` without a
    /// fault if the text lists nothing.
    pub(super) fn of_list(
        file: &'static str,
        text: &'a str,
        names: &[&'static str],
        faults: &mut Vec<Fault>,
    ) -> Option<(Self, &'static str)> {
        let (heads, fault) = heads(file, text);
        let is_column = |head: &Head, name: &str| {
            // A single word is a thing and not a column, unless it is the first name.
            let may_be = Some(&name) == names.first() || head.columns.len() > 1;
            may_be && head.columns.iter().any(|column| column == name)
        };
        let find = |name: &&'static str| {
            let head = heads.iter().find(|head| is_column(head, name))?;
            Some((head, *name))
        };
        if let Some((head, name)) = names.iter().find_map(find) {
            let spot = Spot {
                file,
                line: head.line,
            };
            if head.columns.iter().filter(|column| *column == name).count() > 1 {
                faults.push(spot.fault(name, "is repeated"));
                return None;
            }
            let mut records = head.records(file, text);
            records.next()?.ok()?;
            let columns = head.columns.clone();
            let sheet = Self {
                file,
                columns,
                records,
            };
            return Some((sheet, name));
        }
        // If several separators are possible, the first one is used: a line without a
        // comma is one name.
        let head = heads
            .first()
            .filter(|head| head.separator == SEPARATORS[0] || heads.len() == 1);
        let (Some(head), Some(name)) = (head, names.first().copied()) else {
            faults.extend(fault);
            return None;
        };
        let filled = |head: &Head| head.columns.iter().filter(|it| !it.is_empty()).count();
        // No name of a thing contains a tab.
        let by_tabs = heads.iter().find(|head| head.separator == b'\t');
        if filled(head) > 1 || by_tabs.is_some_and(|head| filled(head) > 1) {
            let cause = format!("has several columns, and none of them is named {name}");
            faults.push(Fault::of_file(file, cause));
            return None;
        }
        let place = head.columns.iter().position(|it| !it.is_empty())?;
        let mut columns = vec![String::new(); place];
        columns.push(name.to_owned());
        let records = head.records(file, text);
        let sheet = Self {
            file,
            columns,
            records,
        };
        Some((sheet, name))
    }

    /// Reads row by row. A faulty line becomes a fault, and the others are still read.
    /// Empty lines are skipped.
    pub(super) fn each(
        mut self,
        faults: &mut Vec<Fault>,
        mut read: impl FnMut(Found<'_>, &mut Vec<Fault>),
    ) {
        let width = self.columns.len();
        while let Some(record) = self.records.next() {
            let (line, record) = match record {
                Ok(found) => found,
                Err(fault) => {
                    faults.push(fault);
                    read(Found::Unreadable, faults);
                    continue;
                }
            };
            let spot = Spot {
                file: self.file,
                line,
            };
            let row = Row::new(spot, &self.columns, record);
            match nameless(&self.columns, record) {
                _ if record.len() < width => {
                    let cells = counted(record.len(), "cell");
                    faults.push(spot.fault("", format!("has {cells}, and the first line {width}")));
                    read(Found::Faulty(row), faults);
                }
                Some((position, cell)) => {
                    let cause = format!(
                        "the value {} stands in column {}, which has no name in the first line",
                        shown(cell),
                        position + 1
                    );
                    faults.push(spot.fault("", cause));
                    read(Found::Faulty(row), faults);
                }
                None => match row.stray_as_is() {
                    Some(name) => {
                        let cause = format!(
                            "must name columns such as key or email, not {}",
                            shown(name)
                        );
                        faults.push(spot.fault(AS_IS, cause));
                        read(Found::Faulty(row), faults);
                    }
                    None => read(Found::Row(row), faults),
                },
            }
        }
    }
}

/// A line of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'r> {
    /// A row.
    Row(Row<'r>),
    /// A row with a reported fault. Its cells may tell what it describes.
    Faulty(Row<'r>),
    /// A reported line that is not a row. More lines may be lost with it.
    Unreadable,
}

/// Returns a value in a column without a name, with its index.
fn nameless<'r>(columns: &[String], record: &'r StringRecord) -> Option<(usize, &'r str)> {
    record.iter().enumerate().find(|(position, cell)| {
        let name = columns.get(*position).map(String::as_str);
        !cell.is_empty() && name.unwrap_or_default().is_empty()
    })
}

/// The first line with a value.
#[derive(Debug)]
struct Head {
    line: u64,
    columns: Vec<String>,
    separator: u8,
    /// The offset of the rows.
    start: usize,
}

impl Head {
    /// Returns all records, with the first line.
    fn records<'a>(&self, file: &'static str, text: &'a str) -> Records<'a> {
        Records::new(file, text, self.start, self.separator)
    }
}

/// Parses the first line with a value by each possible separator. Returns the results,
/// and the first fault of the other separators.
fn heads(file: &'static str, text: &str) -> (Vec<Head>, Option<Fault>) {
    let (start, said) = separator(text);
    let (mut heads, mut fault) = (Vec::new(), None);
    for separator in said.map_or(SEPARATORS.to_vec(), |said| vec![said]) {
        match Records::new(file, text, start, separator).next() {
            None => {}
            Some(Ok((line, record))) => heads.push(Head {
                line,
                columns: record.iter().map(str::to_lowercase).collect(),
                separator,
                start,
            }),
            // Another separator may succeed.
            Some(Err(found)) => {
                fault.get_or_insert(found);
            }
        }
    }
    (heads, fault)
}

/// Returns the offset of the rows, and the separator of a line such as `sep=;`, which
/// spreadsheets write before the first line.
fn separator(text: &str) -> (usize, Option<u8>) {
    let rest = text.trim_start_matches(['\r', '\n']);
    let line = rest.split(['\r', '\n']).next().unwrap_or_default();
    let said = line.trim().trim_matches('"').as_bytes();
    match said {
        [s, e, p, b'=', separator, ..]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && separator.is_ascii() =>
        {
            (text.len() - rest.len() + line.len(), Some(*separator))
        }
        // A tab at the end was trimmed.
        [s, e, p, b'='] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && line.contains('\t') => {
            (text.len() - rest.len() + line.len(), Some(b'\t'))
        }
        _ => (0, None),
    }
}

/// The records with any value, with their lines.
#[derive(Debug)]
struct Records<'a> {
    file: &'static str,
    start: usize,
    rows: &'a [u8],
    separator: u8,
    reader: csv::Reader<&'a [u8]>,
    lines: Lines<'a>,
    /// One buffer for all rows: a million records would take more memory than the file.
    record: StringRecord,
}

impl<'a> Records<'a> {
    fn new(file: &'static str, text: &'a str, start: usize, separator: u8) -> Self {
        let rows = text.get(start..).unwrap_or_default();
        let reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(rows.as_bytes());
        Self {
            file,
            start,
            rows: rows.as_bytes(),
            separator,
            reader,
            lines: Lines::new(text.as_bytes()),
            record: StringRecord::new(),
        }
    }

    /// Returns the next record and its line. The CSV reader's own count takes CRLF for
    /// two lines.
    fn next(&mut self) -> Option<Result<(u64, &StringRecord), Fault>> {
        loop {
            let offset = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            let read = self.reader.read_record(&mut self.record);
            match read {
                Ok(false) => return None,
                Ok(true) if self.record.iter().all(str::is_empty) => {}
                Ok(true) => break,
                Err(error) => {
                    let line = self.lines.after_blank(self.start.saturating_add(offset));
                    let spot = Spot {
                        file: self.file,
                        line,
                    };
                    return Some(Err(spot.fault("", error.to_string())));
                }
            }
        }
        let offset = self.record.position().map_or(0, csv::Position::byte);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let line = self.lines.after_blank(self.start.saturating_add(offset));
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let raw = self.rows.get(offset..end).unwrap_or_default();
        if let Some(cause) = quotes::fault(raw, self.separator) {
            let spot = Spot {
                file: self.file,
                line,
            };
            return Some(Err(spot.fault("", cause)));
        }
        if self.record.as_slice().contains('\'') {
            self.record = self.record.iter().map(formula::read).collect();
        }
        Some(Ok((line, &self.record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Vec<(u64, Vec<String>)>;

    fn read(text: &str) -> (Rows, Vec<String>) {
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        let columns = (&["name"], &["key", "parameters"]);
        if let Some(sheet) = Sheet::open("users.csv", text, columns.0, columns.1, &mut faults) {
            sheet.each(&mut faults, |found, _| {
                let Found::Row(row) = found else { return };
                let cells = ["name", "key"].map(|column| row.filled(column));
                let cells = cells.into_iter().flatten().map(str::to_owned).collect();
                rows.push((row.spot.line, cells));
            });
        }
        (rows, faults.iter().map(Fault::to_string).collect())
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn spreadsheets_may_separate_end_and_pad_as_they_like() {
        for (text, lines) in [
            ("name,key\nA,1\nB,2\n", [2, 3]),
            ("Name;Key\r\nA; 1 \r\nB;2", [2, 3]),
            ("name\tkey\rA\t1\rB\t2\r", [2, 3]),
            ("name|key\nA|1\nB|2\n", [2, 3]),
            ("sep=;\r\nname;key\r\nA;1\r\nB;2\r\n", [3, 4]),
            ("\"sep=|\"\nname|key\nA|1\nB|2\n", [3, 4]),
            ("sep=\t\nname\tkey\nA\t1\nB\t2\n", [3, 4]),
            ("SEP=;;;\nname;key;\nA;1;\nB;2;\n", [3, 4]),
            ("\r\n\r\n  \r\nname,key\r\nA,1\r\n\r\nB,2\r\n", [5, 7]),
            (",,\n,,\nname,key,\nA,1,\n,,\nB,2,\n,,\n,,,,,\n", [4, 6]),
            (";;;\nname;;key;\nA;;1;\nB;;2;\n", [3, 4]),
            ("\"name\",\"key\"\n\"A\",\"1\"\n\"B\",\"2\"", [2, 3]),
            ("key,name\n1,A\n2,B\n", [2, 3]),
        ] {
            let (mut rows, faults) = read(text);
            for (_, cells) in &mut rows {
                cells.sort_by_key(|cell| cell.starts_with(|c: char| c.is_ascii_digit()));
            }
            assert!(faults.is_empty(), "{text:?}: {faults:?}");
            let expected = vec![row(lines[0], &["A", "1"]), row(lines[1], &["B", "2"])];
            assert_eq!(rows, expected, "{text:?}");
        }
    }

    #[test]
    fn rows_after_cells_of_several_lines_keep_their_line_numbers() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["\"name\"", "\"A", "B\"", "C", "", "D,x"];
            let (rows, faults) = read(&lines.join(end));
            let starts: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
            assert_eq!(starts, [2, 4], "{end:?}");
            let fault = "users.csv, line 6: the value x stands in column 2, which has no name in the first line";
            assert_eq!(faults, [fault], "{end:?}");
        }
    }

    #[test]
    fn a_wrong_head_is_told() {
        assert_eq!(
            read("nmae,key,KEY\nA,1,1\n").1,
            [
                "users.csv, line 1, column nmae: is unknown; the nearest known one is name",
                "users.csv, line 1, column key: is repeated",
                "users.csv, line 1, column name: is missing",
            ]
        );
        for empty in ["", "\n\n", "  \n", "sep=;\n", "sep=,\n,,\n"] {
            assert_eq!(
                read(empty).1,
                ["users.csv: is empty: its first line must name the columns"],
                "{empty:?}"
            );
        }
    }

    #[test]
    fn a_line_of_another_length_is_told_and_the_others_are_read() {
        let (rows, faults) = read("name,key\r\nA\r\nB,2\r\nC,3,\r\nD,4,5\r\n");
        assert_eq!(rows, [row(3, &["B", "2"]), row(4, &["C", "3"])]);
        assert_eq!(
            faults,
            [
                "users.csv, line 2: has 1 cell, and the first line 2",
                "users.csv, line 5: the value 5 stands in column 3, which has no name in the first line"
            ]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_is_a_fault_and_not_a_value() {
        for (text, fault) in [
            ("name,key\nA,1\nB,\"2", "line 3: a quote"),
            ("name,key\nA,\"1\nB,2\nC,3\n", "line 2: a quote"),
            ("name,key\n\"A\"x,1\nB,2\n", "line 2: a value goes on"),
            ("name,\"key\nA,1\n", "line 1: a quote"),
        ] {
            let (_, faults) = read(text);
            assert!(
                faults.iter().any(|it| it.contains(fault)),
                "{text:?}: {faults:?}"
            );
        }
        let (rows, faults) = read("name,key\n\"A \"\"B\"\"\" ,1\n5\" pipe,2\n");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(
            rows,
            [row(2, &["A \"B\"", "1"]), row(3, &["5\" pipe", "2"])]
        );
    }

    #[test]
    fn guarded_formulas_are_read_as_what_they_guard() {
        let (rows, _) = read("name,key\n'=1+1,\"'+x\"\n''=y,'s\n");
        assert_eq!(rows, [row(2, &["=1+1", "+x"]), row(3, &["'=y", "'s"])]);
    }
}
