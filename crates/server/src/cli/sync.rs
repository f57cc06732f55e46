//! `attache sync`

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use attache_files::import::listed_users;
use clap::Args;
use http::Method;
use serde_json::json;

use super::CliError;
use super::api::{Api, plain};
use super::arguments::NAMES;
use super::data::Place;
use super::listing::{Column, Output};
use super::names::Names;
use super::output::{counted, note};
use super::things::OfTenant;

/// Attach exactly the users in a file to a resource.
///
/// Users who are not in the file are detached, with their roles there. Users who are
/// attached already stay as they are. The file has one user per line, or is CSV with a
/// column named user, or else id, in any form that `attache import` reads. Detaching more
/// than half of ten or more users at once must be allowed explicitly.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache members customer:tea-and-thread --output csv > members.csv
  attache sync customer:tea-and-thread members.csv --dry-run
  attache sync customer:tea-and-thread members.csv

{NAMES}"))]
pub(super) struct Sync {
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// The file, or - for standard input.
    file: PathBuf,
    /// Only show who would be attached and detached.
    #[arg(long)]
    dry_run: bool,
    /// Detach more than half of ten or more users at once.
    #[arg(long)]
    allow_mass_detach: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

const COLUMNS: &[Column] = &[
    Column::field("change", "change"),
    Column::field("user", "user"),
    Column::field("name", "name"),
    Column::untabled("id"),
];

impl Sync {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let users = self.users()?;
        let tenant = self.tenant.slug();
        place
            .ask(tenant, async |api| self.with(api, &users).await)
            .await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(&self, api: &Api, listed: &[(String, u64)]) -> Result<(), CliError> {
        let users: Vec<&str> = listed.iter().map(|(user, _)| user.as_str()).collect();
        let flag = |set: bool| if set { "true" } else { "false" };
        let query = [
            ("dry_run", flag(self.dry_run)),
            ("allow_mass_detach", flag(self.allow_mass_detach)),
        ];
        let path = ["resources", self.resource.as_str(), "members"];
        let body = json!({"users": users});
        let done = api.write_with(&query, Method::PUT, &path, &body).await;
        let done = done.map_err(|error| match error.is_problem("mass-detach") {
            true => error
                .with_hint("See with --dry-run who that is. If it is meant: --allow-mass-detach"),
            false => with_lines(error, listed),
        });
        let done = done?.json;
        let mut names = Names::new(api);
        let mut rows = Vec::new();
        for change in ["attached", "detached"] {
            let users = done[change].as_array().map(Vec::as_slice);
            let users = users.unwrap_or_default();
            let ids: Vec<String> = users.iter().map(|user| plain(&user["id"])).collect();
            names.look_up("user", &ids).await?;
            rows.extend(users.iter().zip(&ids).map(|(user, id)| {
                let name = names.of("user", id).name;
                json!({"change": change, "user": user["user"], "name": name, "id": id})
            }));
        }
        self.output.list(COLUMNS, &rows)?;
        if self.output.is_table() {
            let count = |what: &str| done[what].as_array().map_or(0, Vec::len);
            let (attached, detached) = (count("attached"), count("detached"));
            let unchanged = plain(&done["unchanged"]);
            note(match self.dry_run {
                true => format!(
                    "{attached} would be attached, {detached} detached, {unchanged} stay. Nothing was changed."
                ),
                false => format!("{attached} attached, {detached} detached, {unchanged} stay."),
            })?;
        }
        if self.dry_run && done["needs_allow_mass_detach"] == true {
            note("That is more than half of ten or more: it needs --allow-mass-detach.")?;
        }
        Ok(())
    }

    /// Returns the users in the file, with their lines.
    fn users(&self) -> Result<Vec<(String, u64)>, CliError> {
        let is_stdin = self.file.as_os_str() == "-";
        let name = match is_stdin {
            true => "standard input".to_owned(),
            false => self.file.display().to_string(),
        };
        let mut bytes = Vec::new();
        let read = match is_stdin {
            true => std::io::stdin().read_to_end(&mut bytes).map(|_| ()),
            false => std::fs::read(&self.file).map(|read| bytes = read),
        };
        read.map_err(|error| CliError::new(format!("{name}: {error}")))?;
        let faults = match listed_users(&name, bytes) {
            Ok(users) => return Ok(users),
            Err(faults) => faults,
        };
        match faults.as_slice() {
            [fault] => Err(CliError::new(fault.to_string())),
            faults => {
                for fault in faults {
                    note(fault)?;
                }
                let found = counted(faults.len(), "fault");
                Err(CliError::new(format!(
                    "{found} found; nobody was attached or detached"
                )))
            }
        }
    }
}

/// The most users that a refusal names.
const NAMED: usize = 10;

/// Adds the names and lines of its users to a refusal.
fn with_lines(error: CliError, listed: &[(String, u64)]) -> CliError {
    let errors = error.details()["errors"].as_array().into_iter().flatten();
    let named: Vec<String> = errors
        .filter_map(|fault| {
            let field = fault["field"].as_str()?;
            let place = field.strip_prefix("users[")?.strip_suffix(']')?;
            let (user, line) = listed.get(place.parse::<usize>().ok()?)?;
            Some(format!("line {line}: {user}: {}", plain(&fault["reason"])))
        })
        .collect();
    if named.is_empty() {
        return error;
    }
    let more = named.len().saturating_sub(NAMED);
    let mut lines: Vec<String> = named.into_iter().take(NAMED).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    error.without_positions().with_hint(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_that_are_unknown_are_named_with_their_lines() {
        let bytes = b"user\nada\n\nbenn\n".to_vec();
        let listed = listed_users("list.csv", bytes).unwrap();
        let errors = json!([{"field": "users[1]", "reason": "no such user"}]);
        let refused = CliError::of_problem(
            "No such user at position 1",
            None,
            json!({"errors": errors}),
        );
        assert_eq!(
            with_lines(refused, &listed).message(),
            "No such user\nline 4: benn: no such user"
        );
    }
}
