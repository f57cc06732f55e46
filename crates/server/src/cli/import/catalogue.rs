//! `catalogue.toml`

use attache_core::Command;
use attache_core::catalogue::Catalogue;

use super::Source;
use super::sheet::{Fault, Spot};
use super::work::Work;

const SPOT: Spot = Spot {
    file: "catalogue.toml",
    line: 1,
};

/// A catalogue that was read.
pub(super) struct Text(Box<Catalogue>);

pub(super) fn read(source: &Source, faults: &mut Vec<Fault>) -> Option<Text> {
    match source.read(SPOT.file) {
        Ok(None) => None,
        Ok(Some(text)) => match Catalogue::from_toml(&text) {
            Ok(catalogue) => Some(Text(Box::new(catalogue))),
            Err(problems) => {
                faults.extend(
                    problems
                        .iter()
                        .map(|p| SPOT.fault(&p.field, p.reason.clone())),
                );
                None
            }
        },
        Err(reason) => {
            faults.push(SPOT.fault("", reason));
            None
        }
    }
}

pub(super) fn plan(catalogue: Option<&Text>, work: &mut Work<'_>) {
    if let Some(Text(catalogue)) = catalogue {
        let command = Command::SetCatalogue {
            catalogue: catalogue.clone(),
        };
        work.run(SPOT, &command, |_| "");
    }
}
