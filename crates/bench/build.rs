//! Lets the program say by which compiler it was built.

use std::io::Write as _;
use std::process::Command;

fn main() {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(compiler).arg("--version").output();
    let text = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    // `rustc 1.95.0 (…)`
    let version = text.as_deref().unwrap_or_default().split(' ').nth(1);
    let mut out = std::io::stdout();
    // Without it, it is not known.
    let _ = writeln!(out, "cargo::rerun-if-changed=build.rs");
    let _ = version.map(|version| writeln!(out, "cargo::rustc-env=BUILT_BY={version}"));
}
