//! `grants.csv`

use attache_core::command::GrantRef;
use attache_core::model::Parameters;
use attache_core::{Command, Refusal, Timestamp};

use super::sheet::{Fault, Row, Spot};
use super::work::{FromRow, Work};
use crate::cli::arguments::{locator, subject, subject_ref};

pub(super) struct GrantRow {
    spot: Spot,
    subject: String,
    role: String,
    resource: String,
    parameters: Parameters,
    expires_at: Option<Timestamp>,
}

impl FromRow for GrantRow {
    const FILE: &'static str = "grants.csv";
    const REQUIRED: &'static [&'static str] = &["subject", "role", "resource"];
    const OPTIONAL: &'static [&'static str] = &["parameters", "expires_at"];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let parameters = row.parsed("parameters", |cell| {
            if cell.starts_with('{') {
                return serde_json::from_str(cell).map_err(|_| "must be a JSON object of texts");
            }
            let pairs = cell.split(';').map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            });
            pairs
                .collect::<Option<Parameters>>()
                .ok_or("must be name=value, with a semicolon between them")
        })?;
        Ok(Self {
            spot: row.spot,
            subject: row.needed("subject")?.to_owned(),
            role: row.needed("role")?.to_owned(),
            resource: row.needed("resource")?.to_owned(),
            parameters: parameters.unwrap_or_default(),
            expires_at: row.time("expires_at")?,
        })
    }
}

pub(super) fn plan(rows: &[GrantRow], work: &mut Work<'_>) {
    for row in rows {
        one(row, work);
        work.step();
    }
}

fn one(row: &GrantRow, work: &mut Work<'_>) {
    let state = work.draft.state();
    let has_subject = subject(state, &row.subject).is_ok();
    let has_resource = state.find(&locator(&row.resource)).is_some();
    if !has_subject {
        let name = row.subject.strip_prefix("user:").unwrap_or(&row.subject);
        work.unknown(
            row.spot,
            "subject",
            name.strip_prefix("group:").unwrap_or(name),
        );
    }
    if !has_resource {
        work.unknown(row.spot, "resource", &row.resource);
    }
    if !has_subject || !has_resource || work.is_over(row.expires_at) {
        return;
    }
    let command = Command::Grant {
        grant: GrantRef {
            resource: locator(&row.resource),
            subject: subject_ref(&row.subject),
            role: row.role.as_str().into(),
            parameters: row.parameters.clone(),
        },
        expires_at: row.expires_at,
    };
    work.run(row.spot, &command, |refusal| match refusal {
        Refusal::NotAMember { .. } => "subject",
        Refusal::Unknown { field: "role", .. } => "role",
        Refusal::Invalid { field, .. } if field.starts_with("parameters") => "parameters",
        Refusal::Invalid { field, .. } if &**field == "expires_at" => "expires_at",
        _ => "role",
    });
}
