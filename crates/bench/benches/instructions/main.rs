//! How many instructions each work of the core takes, counted by Valgrind's
//! Callgrind, and `docs/instructions.md` with the figures.
//!
//! All works are counted in one process: the town takes Callgrind much longer to
//! make than all of them take together.

mod counting;
mod made_with;
mod table;
#[path = "../works/mod.rs"]
mod works;

use std::io::Write as _;
use std::path::Path;

use works::Failure;

fn main() -> Result<(), Failure> {
    if std::env::args().any(|argument| argument == counting::COUNTED) {
        return counting::count();
    }
    let counts = counting::all()?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/instructions.md");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let (text, moved) = table::written(&before, &made_with::line()?, &counts);
    std::fs::write(file, text)?;
    let mut out = std::io::stdout().lock();
    for line in moved {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "docs/instructions.md is written")?;
    Ok(())
}
