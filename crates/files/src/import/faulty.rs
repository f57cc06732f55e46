//! Rows with faulty cells: all faults of a row are reported at once.

use csv::StringRecord;

use super::fault::Fault;
use super::row::Row;
use super::work::{FromRow, Work};

/// Values that replace a faulty cell, so that the rest of its row can be read. The first
/// one that the column accepts is used.
const STAND_INS: [&str; 3] = ["", "x", "user:x"];

/// A row whose faulty cells are replaced by stand-ins.
pub(super) struct Faulty<R> {
    row: R,
    /// The columns with stand-ins.
    columns: Vec<String>,
}

/// Returns all faults of a row's cells, and the row with stand-ins; `None` if it cannot
/// be read even so.
pub(super) fn read<R: FromRow>(row: &Row<'_>, first: Fault) -> (Vec<Fault>, Option<Faulty<R>>) {
    let mut record = row.record().clone();
    let (mut faults, mut columns) = (Vec::new(), Vec::<String>::new());
    let mut fault = first;
    loop {
        let column = fault.column.clone().unwrap_or_default();
        let tried = columns.iter().filter(|it| **it == column).count();
        // A row with a faulty id does not lack a key.
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
    /// Reports the other faults of rows whose faulty cells were replaced.
    pub(super) fn check(rows: &[Self], work: &mut Work<'_>) {
        for faulty in rows {
            let is_read = |column: &str| !faulty.columns.iter().any(|it| it == column);
            faulty.row.check(&is_read, work);
        }
        work.step_over();
    }
}
