//! `attache sync`

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use http::Method;
use serde_json::json;

use super::CliError;
use super::api::{Api, plain};
use super::arguments::NAMES;
use super::data::Place;
use super::listing::{Column, Output};
use super::names::Names;
use super::output::note;
use super::things::OfTenant;

/// Let exactly the users of a file be attached to a resource.
///
/// Users that the file does not list are detached, with their roles there. Users that are
/// attached already stay as they are. The file has a user a line, or is CSV with a column
/// named user. Detaching more than half of ten or more users at once has to be allowed.
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
    /// Only say who would be attached and detached.
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

    async fn with(&self, api: &Api, users: &[String]) -> Result<(), CliError> {
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
            false => error,
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

    /// The users that the file lists.
    fn users(&self) -> Result<Vec<String>, CliError> {
        let mut text = String::new();
        let is_stdin = self.file.as_os_str() == "-";
        let read = match is_stdin {
            true => std::io::stdin().read_to_string(&mut text).map(|_| ()),
            false => std::fs::read_to_string(&self.file).map(|read| text = read),
        };
        let wrong = |reason: &dyn std::fmt::Display| {
            CliError::new(format!("{}: {reason}", self.file.display()))
        };
        read.map_err(|error| wrong(&error))?;
        listed(&text).map_err(|reason| wrong(&reason))
    }
}

/// The users of a text: one a line, or those of CSV's column `user`. A list of
/// members as `attache members --output csv` prints it has their ids in `id`.
fn listed(text: &str) -> Result<Vec<String>, String> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut records = csv.records();
    let wrong = |error: csv::Error| error.to_string();
    let first = match records.next() {
        None => return Ok(Vec::new()),
        Some(first) => first.map_err(wrong)?,
    };
    let named = |name: &str| {
        first
            .iter()
            .position(|cell| cell.eq_ignore_ascii_case(name))
    };
    let mut users = Vec::new();
    let column = match named("user").or_else(|| named("id").filter(|_| first.len() > 1)) {
        Some(column) => column,
        None if first.len() > 1 => {
            return Err("has several columns, and none of them is named user".to_owned());
        }
        None => {
            users.extend(first.get(0).map(str::to_owned));
            0
        }
    };
    for record in records {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        match record.get(column) {
            Some(user) => users.push(attache_files::formula::read(user).into_owned()),
            None => return Err(format!("line {line} has no user")),
        }
    }
    users.retain(|user| !user.is_empty());
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lists_a_user_a_line_or_in_the_column_user() {
        let users = ["freya.holm", "#7", "auth0|5f"];
        for text in [
            "freya.holm\n#7\n\nauth0|5f\n",
            "\u{feff}freya.holm\r\n#7\r\nauth0|5f",
            "user\nfreya.holm\n#7\nauth0|5f",
            "resource,User\ncustomer:mill,freya.holm\ncustomer:mill,#7\ncustomer:mill,auth0|5f\n",
            "name,id\n\"Holm, Freya\",freya.holm\n,#7\n,auth0|5f\n",
        ] {
            assert_eq!(listed(text).unwrap(), users, "{text}");
        }
        assert_eq!(listed("").unwrap(), [""; 0]);
        assert_eq!(listed("user\n").unwrap(), [""; 0]);
        assert!(listed("a,b\nc,d\n").unwrap_err().contains("named user"));
        assert_eq!(listed("user,x\na,b\n\"c\"\n").unwrap(), ["a", "c"]);
        assert_eq!(
            listed("x,user\na,b\nc\n").unwrap_err(),
            "line 3 has no user"
        );
    }
}
