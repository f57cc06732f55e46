//! `catalogue.toml`

use attache_core::Command;
use attache_core::catalogue::{Catalogue, Problem};

use super::Source;
use super::fault::{Fault, Spot};
use super::work::Work;

pub(super) const FILE: &str = "catalogue.toml";

const SPOT: Spot = Spot {
    file: FILE,
    line: 0,
};

/// A catalogue that was read.
pub(super) struct Text(Box<Catalogue>);

pub(super) fn read(source: &Source, faults: &mut Vec<Fault>) -> Option<Text> {
    let text = match source.read(SPOT.file) {
        Ok(text) => text?,
        Err(fault) => {
            faults.push(fault);
            return None;
        }
    };
    match Catalogue::from_toml(&text) {
        Ok(catalogue) => Some(Text(Box::new(catalogue))),
        Err(problems) => {
            let fault = |problem: &Problem| {
                let reason = problem.reason.trim_end();
                match problem.field.as_str() {
                    // The text is not TOML; the reason has the position.
                    "catalogue" => SPOT.fault("", reason),
                    field => SPOT.fault("", format!("{field} {reason}")),
                }
            };
            faults.extend(problems.iter().map(fault));
            None
        }
    }
}

pub(super) fn plan(catalogue: Option<&Text>, work: &mut Work<'_>) {
    if let Some(Text(catalogue)) = catalogue {
        let command = Command::SetCatalogue {
            catalogue: catalogue.clone(),
        };
        let before = work.faults.len();
        work.run(SPOT, &command, |_| "");
        if work.faults.len() > before {
            work.following.lose(FILE);
        }
        work.step_over();
        for doubt in catalogue.doubts() {
            let doubt = SPOT.fault("", doubt.to_string());
            match work.options.strict {
                true => work.wrong(doubt),
                false => work.warnings.push(doubt),
            }
        }
    }
}
