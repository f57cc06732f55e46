//! Writes the items of a list as lines of JSON, or as rows of CSV (RFC 4180).

use axum::body::Bytes;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::Value;

use super::fields::{Fields, value};
use crate::problem;
use attache_files::formula::guard;
use attache_http::listing::ListForm;
use attache_http::{Context, Problem};

/// The separator of a list's texts within one cell.
const SEPARATOR: char = ';';

/// The form of items.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) form: ListForm,
    /// The wanted fields of each item, if not all.
    pub(super) fields: Option<Fields>,
    /// The columns of CSV, as dotted paths.
    pub(super) columns: Vec<String>,
    /// Whether the CSV is for a spreadsheet.
    pub(super) for_spreadsheets: bool,
}

impl Sheet {
    /// Returns the media type of the answer.
    pub(super) fn content_type(&self) -> &'static str {
        match self.form {
            ListForm::Json => "application/json",
            ListForm::Lines => "application/x-ndjson",
            ListForm::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// Starts rows. The first ones of a list include the head.
    pub(super) fn rows(&self, is_first: bool) -> Result<Rows<'_>, Problem> {
        let mut bytes = Vec::with_capacity(64 * 1024);
        if self.form != ListForm::Csv {
            return Ok(Rows {
                sheet: self,
                paths: Vec::new(),
                out: Out::Lines(bytes),
                room: usize::MAX,
                is_full: false,
            });
        }
        if is_first && self.for_spreadsheets {
            // Without this mark, some spreadsheets assume another encoding.
            bytes.extend_from_slice("\u{feff}".as_bytes());
        }
        let style = match self.for_spreadsheets {
            true => QuoteStyle::Always,
            false => QuoteStyle::Necessary,
        };
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .quote_style(style)
            // The row that marks a broken list is longer than others.
            .flexible(true)
            .from_writer(bytes);
        if is_first {
            writer.write_record(&self.columns).map_err(unwritten)?;
        }
        let paths = self.columns.iter();
        Ok(Rows {
            sheet: self,
            paths: paths.map(|path| path.split('.').collect()).collect(),
            out: Out::Csv(Box::new(writer)),
            room: usize::MAX,
            is_full: false,
        })
    }

    /// Returns the last bytes of a list that cannot be finished: as JSON, a line with the
    /// problem in the only field `error`; as CSV, a row with one cell more than the head,
    /// which has the problem as JSON, while all others are empty. Readers of CSV refuse a
    /// row that is longer than the head.
    pub(super) fn last_words(&self, problem: &Problem, context: &Context) -> Bytes {
        let details = problem::details(problem, context);
        let written = || -> Result<Vec<u8>, Problem> {
            let mut rows = self.rows(false)?;
            match &mut rows.out {
                Out::Lines(_) => rows.line(&serde_json::json!({ "error": details }))?,
                Out::Csv(writer) => {
                    let details = serde_json::to_string(&details).map_err(unwritten)?;
                    let cells = self.columns.iter().map(|_| "");
                    let cells = cells.chain([details.as_str()]);
                    writer.write_record(cells).map_err(unwritten)?;
                }
            }
            rows.written()
        };
        written().map(Bytes::from).unwrap_or_default()
    }
}

/// Rows that are being written.
pub(in super::super) struct Rows<'a> {
    sheet: &'a Sheet,
    /// The columns, as segments of their paths.
    paths: Vec<Vec<&'a str>>,
    out: Out,
    /// The most bytes.
    room: usize,
    /// Whether the rows exceed the bound.
    is_full: bool,
}

enum Out {
    Lines(Vec<u8>),
    Csv(Box<csv::Writer<Vec<u8>>>),
}

impl Rows<'_> {
    /// Bounds the rows to `room` bytes.
    pub(super) fn within(mut self, room: usize) -> Self {
        self.room = room;
        self
    }

    /// Writes an item.
    ///
    /// # Errors
    /// If there is no room for it; or if it cannot be written, which is a defect.
    pub(in super::super) fn put(&mut self, thing: &impl Serialize) -> Result<(), Problem> {
        self.write(thing)?;
        let bytes = match &self.out {
            Out::Lines(bytes) => bytes,
            // The writer's buffer holds little beside these.
            Out::Csv(writer) => writer.get_ref(),
        };
        self.is_full = bytes.len() > self.room;
        match self.is_full {
            true => Err(Problem::Internal),
            false => Ok(()),
        }
    }

    fn write(&mut self, thing: &impl Serialize) -> Result<(), Problem> {
        match (&mut self.out, &self.sheet.fields) {
            (Out::Csv(writer), _) => {
                let thing = value(thing)?;
                for path in &self.paths {
                    let cell = cell(&thing, path);
                    let field = match self.sheet.for_spreadsheets {
                        true => writer.write_field(guard(&cell).as_bytes()),
                        false => writer.write_field(cell.as_bytes()),
                    };
                    field.map_err(unwritten)?;
                }
                writer.write_record(None::<&[u8]>).map_err(unwritten)
            }
            (Out::Lines(_), None) => self.line(thing),
            (Out::Lines(_), Some(fields)) => {
                let part = fields.of(thing)?;
                self.line(&part)
            }
        }
    }

    fn line(&mut self, thing: &impl Serialize) -> Result<(), Problem> {
        if let Out::Lines(bytes) = &mut self.out {
            serde_json::to_writer(&mut *bytes, thing).map_err(unwritten)?;
            bytes.push(b'\n');
        }
        Ok(())
    }

    /// Returns the written bytes; `None` if they exceed the room.
    pub(super) fn fitting(self, done: Result<(), Problem>) -> Result<Option<Vec<u8>>, Problem> {
        if self.is_full {
            return Ok(None);
        }
        done?;
        self.written().map(Some)
    }

    /// Returns the written bytes.
    pub(in super::super) fn written(self) -> Result<Vec<u8>, Problem> {
        match self.out {
            Out::Lines(bytes) => Ok(bytes),
            Out::Csv(writer) => writer.into_inner().map_err(unwritten),
        }
    }
}

fn unwritten(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a list could not be written");
    Problem::Internal
}

/// Returns the value at a path of an item, as the text of a cell; for a list of objects,
/// the values in each.
fn cell(thing: &Value, path: &[&str]) -> String {
    at(thing, path).map(|it| text(&it)).unwrap_or_default()
}

fn at(thing: &Value, path: &[&str]) -> Option<Value> {
    let Some((name, rest)) = path.split_first() else {
        return Some(thing.clone());
    };
    match thing {
        Value::Object(object) => at(object.get(*name)?, rest),
        Value::Array(items) => {
            let items = items.iter().map(|item| at(item, path).unwrap_or_default());
            Some(Value::Array(items.collect()))
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) if items.iter().all(is_word) => {
            let words: Vec<String> = items.iter().map(text).collect();
            words.join(&SEPARATOR.to_string())
        }
        Value::Object(object) if object.is_empty() => String::new(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Returns whether a value can be part of a list of texts in one cell.
fn is_word(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains(SEPARATOR),
        Value::Array(_) | Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sheet(form: ListForm, columns: &[&str]) -> Sheet {
        Sheet {
            form,
            fields: None,
            columns: columns.iter().map(|it| (*it).to_owned()).collect(),
            for_spreadsheets: false,
        }
    }

    fn written(sheet: &Sheet, things: &[Value]) -> String {
        let mut rows = sheet.rows(true).unwrap();
        for thing in things {
            rows.put(thing).unwrap();
        }
        String::from_utf8(rows.written().unwrap()).unwrap()
    }

    #[test]
    fn a_cell_is_a_text_a_list_of_words_or_json() {
        for (value, cell) in [
            (json!(null), ""),
            (json!("a,\"b"), "a,\"b"),
            (json!(7), "7"),
            (json!(true), "true"),
            (json!(["a", "b"]), "a;b"),
            (json!([]), ""),
            (json!(["a;b", "c"]), r#"["a;b","c"]"#),
            (json!([{"a": 1}]), r#"[{"a":1}]"#),
            (json!({"a": "b"}), r#"{"a":"b"}"#),
            (json!({}), ""),
        ] {
            assert_eq!(text(&value), cell);
        }
    }

    #[test]
    fn rows_are_those_of_rfc_4180() {
        let things = [
            json!({"user": {"id": 7, "name": "Ode, \"Kim\"\r\nx"}, "via": [{"role": "a"}, {}]}),
            json!({"user": {"id": 8, "name": null}}),
        ];
        let sheet = sheet(ListForm::Csv, &["user.id", "user.name", "via.role"]);
        assert_eq!(
            written(&sheet, &things),
            "user.id,user.name,via.role\r\n7,\"Ode, \"\"Kim\"\"\r\nx\",a;\r\n8,,\r\n"
        );
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        let sheet = Sheet {
            for_spreadsheets: true,
            ..sheet(ListForm::Csv, &["name"])
        };
        let written = written(&sheet, &[json!({"name": "=1+1"})]);
        assert_eq!(written, "\u{feff}\"name\"\r\n\"'=1+1\"\r\n");
    }

    #[test]
    fn lines_are_one_object_each() {
        let sheet = sheet(ListForm::Lines, &[]);
        let things = [json!({"name": "a\nb"}), json!({"name": 2})];
        assert_eq!(
            written(&sheet, &things),
            "{\"name\":\"a\\nb\"}\n{\"name\":2}\n"
        );
    }
}
