//! Who takes turns: one client, 32 clients, 256 clients, each just after the
//! disk, whose speed changes from second to second; and SQLite after the 32.

use std::sync::Arc;

use super::kinds::Kind;
use super::writing::{House, Tenants};
use crate::Failure;
use crate::comparison::{Comparison, Goal};
use crate::figure_names::{P99, PER_SECOND};
use crate::work::Work;

/// Some clients, and many.
const SOME: usize = 32;
const MANY: usize = 256;

const DISK: &str =
    "appends of 8 KB to a log that has its length, each synced (fdatasync), one thread";
const SQLITE: &str = "SQLite alone: equal rows, 32 in a transaction";

/// A kind of work on some tenants.
pub(super) struct Turn {
    kind: Kind,
    tenants: Tenants,
    /// Where the tenants stand among the others.
    place: usize,
    work: Arc<dyn Work>,
    one: Comparison,
    some: Comparison,
    some_p99: Comparison,
    some_rows: Comparison,
    many: Comparison,
}

/// Every kind whose name contains a text, on one tenant and on many.
pub(super) fn all(only: Option<&str>) -> Vec<Turn> {
    let kinds = Kind::ALL.into_iter();
    let kinds = kinds.filter(|kind| only.is_none_or(|only| kind.name().contains(only)));
    kinds
        .flat_map(|kind| {
            let tenants = Tenants::ALL.into_iter().enumerate();
            tenants.map(move |(place, tenants)| Turn::new(kind, place, tenants))
        })
        .collect()
}

impl Turn {
    fn new(kind: Kind, place: usize, tenants: Tenants) -> Self {
        let comparison = |clients: &str, limit: &str, goal: Goal| {
            let work = format!("{}, {}, {clients}", kind.name(), tenants.name);
            Comparison::new(&work, limit, goal)
        };
        let some = format!("{SOME} clients");
        let syncs = "writes/s ÷ syncs/s";
        Self {
            kind,
            place,
            work: kind.work(tenants.stock, tenants.count),
            one: comparison("1 client", DISK, Goal::at_least(0.6, syncs)),
            some: comparison(&some, DISK, Goal::at_least(1.75, syncs)),
            some_p99: comparison(&some, "none", Goal::at_most(15.0, P99)),
            some_rows: comparison(&some, SQLITE, Goal::at_least(0.7, "writes/s ÷ rows/s")),
            many: comparison(&format!("{MANY} clients"), DISK, Goal::shown(syncs)),
            tenants,
        }
    }

    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.kind.name(), self.tenants.name)
    }

    /// A round.
    pub(super) async fn take(&mut self, house: &mut House) -> Result<(), Failure> {
        let disk = house.sync()?;
        let one = house.write(self.place, &self.work, 1).await?;
        self.one.divided(PER_SECOND, one, disk);
        let disk = house.sync()?;
        let some = house.write(self.place, &self.work, SOME).await?;
        let rows = house.insert(&self.tenants).await?;
        self.some.divided(PER_SECOND, some.clone(), disk);
        let p99 = some.get(P99).copied().unwrap_or(f64::NAN);
        self.some_p99.round(p99, some.clone(), None);
        self.some_rows.divided(PER_SECOND, some, rows);
        let disk = house.sync()?;
        let many = house.write(self.place, &self.work, MANY).await?;
        self.many.divided(PER_SECOND, many, disk);
        Ok(())
    }

    pub(super) fn comparisons(self) -> [Comparison; 5] {
        [
            self.one,
            self.some,
            self.some_p99,
            self.some_rows,
            self.many,
        ]
    }
}
