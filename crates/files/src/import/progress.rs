//! The progress of an import.

/// A phase of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reads the files.
    Reading,
    /// Decides row by row, on a copy of the tenant.
    Checking,
    /// Writes the decided changes.
    Writing,
}

/// A receiver of an import's progress.
pub trait Progress: Sync {
    /// A phase starts. `rows`: its number of rows; 0 if unknown.
    fn phase(&self, phase: Phase, rows: usize);

    /// `rows` rows of the phase are done.
    fn at(&self, rows: usize);
}

/// Ignores the progress.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: Phase, _: usize) {}
    fn at(&self, _: usize) {}
}
