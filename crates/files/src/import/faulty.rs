//! Rows with faulty cells: all that is wrong with a row is told at once.

use csv::StringRecord;

use super::fault::Fault;
use super::row::Row;
use super::work::{FromRow, Work};

/// What takes the place of a faulty cell, so that the rest of its row can be read. The
/// first that its column takes counts.
const STAND_INS: [&str; 3] = ["", "x", "user:x"];

/// A row with faulty cells, as it reads with stand-ins in their place.
pub(super) struct Faulty<R> {
    row: R,
    /// The columns with stand-ins.
    columns: Vec<String>,
}

/// All faults of the cells of a row whose first fault is known, and the row as it reads
/// without them; `None` if it cannot be read.
pub(super) fn read<R: FromRow>(row: &Row<'_>, first: Fault) -> (Vec<Fault>, Option<Faulty<R>>) {
    let mut record = row.record().clone();
    let (mut faults, mut columns) = (Vec::new(), Vec::<String>::new());
    let mut fault = first;
    loop {
        let column = fault.column.clone().unwrap_or_default();
        let tried = columns.iter().filter(|it| **it == column).count();
        // A row whose id is faulty does not lack a key.
        let lacks_key = column == "key" && columns.iter().any(|it| it == "id" || it == "number");
        if tried == 0 && !lacks_key {
            faults.push(fault);
        }
        let (Some(place), Some(stand_in)) = (row.place(&column), STAND_INS.get(tried)) else {
            return (faults, None);
        };
        columns.push(column);
        let cells = record.iter().enumerate();
        let cells = cells.map(|(at, cell)| if at == place { stand_in } else { cell });
        record = cells.collect::<StringRecord>();
        match R::read(&row.with(&record)) {
            Ok(row) => return (faults, Some(Faulty { row, columns })),
            Err(next) => fault = next,
        }
    }
}

impl<R: FromRow> Faulty<R> {
    /// Notes what is wrong with rows besides the cells that cannot be read.
    pub(super) fn check(rows: &[Self], work: &mut Work<'_>) {
        for faulty in rows {
            let is_read = |column: &str| !faulty.columns.iter().any(|it| it == column);
            faulty.row.check(&is_read, work);
        }
        work.step_over();
    }
}
