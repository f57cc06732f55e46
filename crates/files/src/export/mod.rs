//! Exports a tenant as the files that an import reads.

pub(crate) mod rows;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use attache_core::id::Node;
use attache_core::{State, Timestamp};

use crate::{AS_IS, formula};
use rows::{Rows, Table, Thing};

/// A piece ends after at least this many rows. All members of one resource are in one
/// piece.
const PIECE: usize = 1_000;

/// The reader that an export is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Programs.
    Plain,
    /// A spreadsheet, which runs formulas.
    Spreadsheet,
}

impl Form {
    fn cell(self, cell: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => formula::escape(cell),
            Self::Spreadsheet => formula::guard(cell),
        }
    }
}

/// A destination for an export's files, which are written one after the other.
pub trait Files {
    /// Starts a file.
    ///
    /// # Errors
    /// If it cannot be written.
    fn begin(&mut self, name: &'static str) -> io::Result<()>;

    /// Appends bytes to the current file.
    ///
    /// # Errors
    /// If they cannot be written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Completes the current file.
    ///
    /// # Errors
    /// If it cannot be put in its place.
    fn end(&mut self) -> io::Result<()>;
}

/// An export under way. It is written in pieces, so that a server can do other work in
/// between and has one piece in memory.
#[derive(Debug)]
pub struct Export {
    state: Arc<State>,
    at: Timestamp,
    form: Form,
    has_catalogue: bool,
    /// The tables left to write, the next one first.
    tables: VecDeque<Table>,
    current: Option<Current>,
    /// All resources by kind and number, in an order that does not depend on the tree.
    places: Option<Arc<[Node]>>,
    written: usize,
}

/// The table that is being written.
#[derive(Debug)]
struct Current {
    table: Table,
    things: Arc<[Thing]>,
    /// The index of the next thing.
    next: usize,
    step: Step,
    /// Whether any cell is no valid new value, so that the file needs the column `as_is`.
    has_odd: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Whether the file needs the column `as_is`.
    Odd,
    Writing,
}

impl Export {
    /// Makes an export of a state, as of an instant.
    #[must_use]
    pub fn new(state: Arc<State>, at: Timestamp, form: Form) -> Self {
        Self {
            has_catalogue: state.catalogue().is_some(),
            state,
            at,
            form,
            tables: Table::ALL.into(),
            current: None,
            places: None,
            written: 0,
        }
    }

    /// Returns the number of rows written so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.written
    }

    /// Writes everything that is left. Returns the number of rows.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn write_all(&mut self, files: &mut dyn Files) -> io::Result<usize> {
        while self.piece(files)? {}
        Ok(self.written)
    }

    /// Writes the next piece. Returns false if everything is written.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn piece(&mut self, files: &mut dyn Files) -> io::Result<bool> {
        if std::mem::take(&mut self.has_catalogue) {
            self.catalogue(files)?;
            return Ok(true);
        }
        let Some(mut current) = self.current.take().or_else(|| self.begin()) else {
            return Ok(false);
        };
        let begun = current.next == 0 && current.step == Step::Writing;
        if begun {
            files.begin(current.table.file())?;
        }
        let is_last = match current.step {
            Step::Writing => self.rows_of(&mut current, begun, files)?,
            Step::Odd => {
                self.look(&mut current);
                false
            }
        };
        match is_last {
            true => files.end()?,
            false => self.current = Some(current),
        }
        Ok(true)
    }

    fn catalogue(&self, files: &mut dyn Files) -> io::Result<()> {
        let Some(catalogue) = self.state.catalogue() else {
            return Ok(());
        };
        let text = toml::to_string(catalogue).map_err(io::Error::other)?;
        files.begin("catalogue.toml")?;
        files.write(text.as_bytes())?;
        files.end()
    }

    fn begin(&mut self) -> Option<Current> {
        let table = self.tables.pop_front()?;
        let state = &self.state;
        let places = self.places.get_or_insert_with(|| rows::places(state));
        Some(Current {
            table,
            things: table.things(state, places),
            next: 0,
            step: table.first_step(),
            has_odd: false,
        })
    }

    /// Examines some things for what concerns the whole file.
    fn look(&self, current: &mut Current) {
        let end = current.things.len().min(current.next + PIECE);
        let things = current.things.clone();
        let things = things.get(current.next..end).unwrap_or_default();
        let rows = Rows::new(self.state.view(self.at));
        for thing in things {
            current.has_odd |= !rows.odd(current.table, *thing).is_empty();
        }
        current.next = end;
        if current.next == current.things.len() {
            current.next = 0;
            current.step = Step::Writing;
        }
    }

    /// Writes the rows of a piece. Returns whether they were the last ones.
    fn rows_of(
        &mut self,
        current: &mut Current,
        begun: bool,
        files: &mut dyn Files,
    ) -> io::Result<bool> {
        let form = self.form;
        let mut bytes = Vec::new();
        let mut builder = csv::WriterBuilder::new();
        if form == Form::Spreadsheet {
            if begun {
                // Without this mark, some spreadsheets assume another encoding.
                bytes.extend_from_slice("\u{feff}".as_bytes());
            }
            builder.quote_style(csv::QuoteStyle::Always);
        }
        let mut writer = builder.from_writer(bytes);
        if begun {
            let odd = current.has_odd.then_some(AS_IS);
            writer.write_record(current.table.head().iter().copied().chain(odd))?;
        }
        let rows = Rows::new(self.state.view(self.at));
        let before = self.written;
        while let Some(thing) = current.things.get(current.next)
            && self.written - before < PIECE
        {
            let written = &mut self.written;
            rows.each(current.table, *thing, current.has_odd, &mut |row| {
                let cells = row.iter().map(|cell| form.cell(cell));
                writer.write_record(cells.map(Cow::into_owned))?;
                *written += 1;
                Ok(())
            })?;
            current.next += 1;
        }
        let bytes = writer.into_inner().map_err(|it| it.into_error())?;
        files.write(&bytes)?;
        Ok(current.next == current.things.len())
    }
}
