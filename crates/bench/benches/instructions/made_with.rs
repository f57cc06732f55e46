//! What the figures were made with: another compiler or C library counts otherwise.

use std::fs;
use std::process::Command;

use crate::works::Failure;

/// A line that says so.
pub(crate) fn line() -> Result<String, Failure> {
    let compiler = said_by("rustc")?;
    let valgrind = said_by("valgrind")?;
    let library = said_by("ldd")?;
    let library = library.split_whitespace().last().unwrap_or("unknown");
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processors.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim())
    });
    let processor = processor.unwrap_or("unknown");
    Ok(format!(
        "Made with {compiler}, {valgrind}, glibc {library}, {}, {processor}.",
        std::env::consts::ARCH,
    ))
}

/// The first line of what a program says of its version.
fn said_by(program: &str) -> Result<String, Failure> {
    let said = Command::new(program).arg("--version").output();
    let said = said.map_err(|error| format!("{program} cannot be run: {error}"))?;
    let text = String::from_utf8(said.stdout)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
