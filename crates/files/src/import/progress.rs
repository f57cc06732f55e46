//! How far an import is.

/// A phase of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It reads the files.
    Reading,
    /// It decides row by row, on a copy of the tenant.
    Checking,
    /// It writes what was decided.
    Writing,
}

/// Told how far an import is.
pub trait Progress: Sync {
    /// A phase begins, of so many rows; 0 where that is not known.
    fn phase(&self, phase: Phase, rows: usize);

    /// So many rows of the phase are done.
    fn at(&self, rows: usize);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: Phase, _: usize) {}
    fn at(&self, _: usize) {}
}
