//! Prints lists and single things as a table, JSON or CSV.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::CliError;
use super::api::plain;
use super::output::{say, table};
use attache_files::formula::guard;

/// The output format of a command.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Output {
    /// A table for people, JSON for programs, or CSV for spreadsheets.
    #[arg(
        long,
        value_enum,
        default_value = "table",
        alias = "format",
        value_name = "FORM"
    )]
    output: Form,
    /// Same as --output json.
    #[arg(long, conflicts_with_all = ["output", "csv"])]
    json: bool,
    /// Same as --output csv.
    #[arg(long, conflicts_with = "output")]
    csv: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
    Csv,
}

/// A column of a list, which makes a cell from a thing in JSON.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// The column's name in CSV, and the label when one thing is shown.
    name: &'static str,
    /// The column's heading in a table; `None` if tables leave it out.
    title: Option<&'static str>,
    cell: Cell,
}

#[derive(Clone, Copy)]
enum Cell {
    /// A field, by its path with dots.
    Field(&'static str),
    /// The result of a function of the thing.
    Made(fn(&Value) -> String),
}

impl Column {
    /// Makes a column of a field.
    pub(super) const fn field(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title: Some(title),
            cell: Cell::Field(name),
        }
    }

    /// Makes a column of a field that tables leave out.
    pub(super) const fn untabled(name: &'static str) -> Self {
        Self {
            name,
            title: None,
            cell: Cell::Field(name),
        }
    }

    /// Makes a column of a function's result.
    pub(super) const fn made(
        name: &'static str,
        title: &'static str,
        make: fn(&Value) -> String,
    ) -> Self {
        Self {
            name,
            title: Some(title),
            cell: Cell::Made(make),
        }
    }

    /// Returns the column, left out of tables.
    pub(super) const fn out_of_tables(self) -> Self {
        Self {
            title: None,
            ..self
        }
    }

    fn cell(&self, thing: &Value) -> String {
        match self.cell {
            Cell::Field(path) => {
                let field = path.split('.').fold(thing, |thing, name| &thing[name]);
                words(field)
            }
            Cell::Made(make) => make(thing),
        }
    }
}

/// Formats a value for one cell: items of a list are separated by spaces.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(words).collect();
            items.join(" ")
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}={}", words(value)))
                .collect();
            fields.join(" ")
        }
        value => plain(value),
    }
}

impl Output {
    /// A table.
    pub(super) const TABLE: Self = Self {
        output: Form::Table,
        json: false,
        csv: false,
    };

    fn form(self) -> Form {
        match (self.json, self.csv) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv,
            _ => self.output,
        }
    }

    /// Returns whether the format is for people.
    pub(super) fn is_table(self) -> bool {
        self.form() == Form::Table
    }

    /// Prints a list of things.
    pub(super) fn list(self, columns: &[Column], things: &[Value]) -> Result<(), CliError> {
        match self.form() {
            Form::Json => say(serde_json::to_string_pretty(things)?),
            Form::Csv => csv(columns, things),
            Form::Table => {
                let shown = || columns.iter().filter_map(|it| Some((it.title?, it)));
                let head: Vec<&str> = shown().map(|(title, _)| title).collect();
                let rows = things.iter();
                let rows = rows.map(|it| shown().map(|(_, column)| column.cell(it)).collect());
                let rows: Vec<Vec<String>> = rows.collect();
                table(&head, &rows)
            }
        }
    }

    /// Prints one thing.
    pub(super) fn one(self, columns: &[Column], thing: &Value) -> Result<(), CliError> {
        match self.form() {
            Form::Json => say(serde_json::to_string_pretty(thing)?),
            Form::Csv => csv(columns, std::slice::from_ref(thing)),
            Form::Table => {
                let names = columns.iter().map(|column| column.name.len());
                let width = names.max().unwrap_or_default();
                for column in columns {
                    let line = format!("{:<width$}  {}", column.name, column.cell(thing));
                    say(line.trim_end())?;
                }
                Ok(())
            }
        }
    }
}

fn csv(columns: &[Column], things: &[Value]) -> Result<(), CliError> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(columns.iter().map(|column| column.name))?;
    for thing in things {
        let cells = columns.iter().map(|column| column.cell(thing));
        // No cell may run as a formula in a spreadsheet.
        let cells: Vec<String> = cells.map(|cell| guard(&cell).into_owned()).collect();
        csv.write_record(&cells)?;
    }
    let text = csv.into_inner();
    let text = text.map_err(|error| CliError::new(error.to_string()))?;
    std::io::stdout().write_all(&text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_a_field_a_list_of_words_or_what_is_made() {
        let thing = json!({"user": {"key": "ada"}, "roles": ["owner", "cro"], "end": null});
        assert_eq!(Column::untabled("user.key").cell(&thing), "ada");
        assert_eq!(Column::field("roles", "roles").cell(&thing), "owner cro");
        assert_eq!(Column::field("end", "end").cell(&thing), "");
        assert_eq!(Column::field("none.at.all", "").cell(&thing), "");
        let made = Column::made("n", "n", |thing| thing["user"].to_string());
        assert_eq!(made.cell(&thing), "{\"key\":\"ada\"}");
        assert_eq!(words(&json!({"a": 1, "b": [2, 3]})), "a=1 b=2 3");
    }
}
