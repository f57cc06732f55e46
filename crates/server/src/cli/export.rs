//! `attache export`

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use attache_core::id::{Key, Node};
use attache_core::model::{Email, Name, Parameters, Subject};
use attache_core::{State, Timestamp};
use clap::Args;

use super::CliError;
use super::data::{self, Place};
use super::import::{COLUMNS, FILES};
use super::output::note;

/// Export a tenant as CSV files that `attache import` reads.
///
/// What is exported and imported into an empty tenant is the same again: the
/// ids, the numbers, who is attached, who holds what. API tokens are left out,
/// since attache has only their hashes; so is the history.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache export ./acme-today --tenant acme
  attache export ./acme-in-march --tenant acme --at 2026-03-03

{COLUMNS}"))]
pub(super) struct Export {
    /// The folder to write into. It is made if it is missing.
    folder: PathBuf,
    /// The tenant.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// As it was then: a day (its beginning in UTC) or a time.
    #[arg(long, value_name = "TIME", value_parser = super::arguments::time)]
    at: Option<Timestamp>,
    /// Write over files that are there.
    #[arg(long)]
    force: bool,
}

impl Export {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenants = place.open().await?;
        let (state, at) = data::within(tenants, async |tenants| {
            let row = data::tenant(tenants, Some(&self.tenant))?;
            data::state(tenants, &row, self.at).await
        })
        .await?;
        fs::create_dir_all(&self.folder)?;
        let file = |name: &str| Target(self.folder.join(name));
        let taken = FILES
            .iter()
            .map(|name| self.folder.join(name))
            .find(|path| path.exists());
        if let Some(path) = taken.filter(|_| !self.force) {
            let path = path.display();
            return Err(CliError::new(format!(
                "{path} is there already; --force writes over it"
            )));
        }
        let mut written = 0;
        if let Some(catalogue) = state.catalogue() {
            let text = toml::to_string(catalogue).map_err(|e| CliError::new(e.to_string()))?;
            file("catalogue.toml").open()?.write_all(text.as_bytes())?;
        }
        written += resources(&state, file("resources.csv"))?;
        written += users(&state, file("users.csv"))?;
        written += groups(&state, file("groups.csv"))?;
        written += services(&state, file("services.csv"))?;
        written += group_users(&state, file("group_users.csv"))?;
        written += memberships(&state, at, file("memberships.csv"))?;
        written += grants(&state, at, file("grants.csv"))?;
        note(format!(
            "{written} rows in {}, at revision {}",
            self.folder.display(),
            state.revision()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A file to write.
struct Target(PathBuf);

impl Target {
    /// What stands in the files is personal: only their owner can read them.
    fn open(&self) -> Result<fs::File, CliError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |error| CliError::new(format!("{}: {error}", self.0.display()));
        options.open(&self.0).map_err(failed)
    }

    fn write(
        self,
        head: &[&str],
        rows: impl Iterator<Item = Vec<String>>,
    ) -> Result<usize, CliError> {
        let mut writer = csv::Writer::from_writer(self.open()?);
        writer.write_record(head)?;
        let mut written = 0;
        for row in rows {
            writer.write_record(&row)?;
            written += 1;
        }
        writer.flush()?;
        Ok(written)
    }
}

/// A name by which `attache import` finds the thing again. A key that looks
/// like a number is not used.
fn named(key: Option<&Key>, number: u32) -> String {
    match key {
        Some(key) if key.is_name() => key.to_string(),
        _ => format!("#{number}"),
    }
}

fn key(key: Option<&Key>) -> String {
    key.map(Key::to_string).unwrap_or_default()
}

fn resource(state: &State, node: Node) -> String {
    match state.resource(node) {
        Some(_) if node == state.root() => "tenant".to_owned(),
        Some(found) => {
            format!(
                "{}:{}",
                found.kind,
                named(found.key.as_ref(), found.number.0)
            )
        }
        None => String::new(),
    }
}

fn resources(state: &State, target: Target) -> Result<usize, CliError> {
    let rows = state
        .resources()
        .filter(|(node, _)| *node != state.root())
        .map(|(_, found)| {
            let facts = &found.resource;
            vec![
                facts.kind.to_string(),
                key(facts.key.as_ref()),
                facts.number.to_string(),
                facts.name.to_string(),
                found
                    .parent
                    .map(|parent| resource(state, parent))
                    .unwrap_or_default(),
                facts.id.to_string(),
            ]
        });
    target.write(&["kind", "key", "number", "name", "parent", "id"], rows)
}

fn users(state: &State, target: Target) -> Result<usize, CliError> {
    let text = |name: &Option<Name>| name.as_ref().map(Name::to_string).unwrap_or_default();
    let rows = state.users().map(|row| {
        let user = &row.user;
        vec![
            key(user.key.as_ref()),
            user.number.to_string(),
            text(&user.profile.first_name),
            text(&user.profile.last_name),
            user.profile
                .email
                .as_ref()
                .map(Email::to_string)
                .unwrap_or_default(),
            text(&user.profile.phone),
            format!("{:?}", user.status).to_lowercase(),
            user.facts.email_verified.to_string(),
            user.facts.first_login.to_string(),
            user.facts
                .external_auth_id
                .map(|id| id.to_string())
                .unwrap_or_default(),
            user.id.to_string(),
        ]
    });
    let head = [
        "key",
        "number",
        "first_name",
        "last_name",
        "email",
        "phone",
        "status",
        "email_verified",
        "first_login",
        "external_auth_id",
        "id",
    ];
    target.write(&head, rows)
}

const NAMED: [&str; 4] = ["key", "number", "name", "id"];

fn groups(state: &State, target: Target) -> Result<usize, CliError> {
    let rows = state.groups().map(|row| {
        let group = &row.group;
        vec![
            key(group.key.as_ref()),
            group.number.to_string(),
            group.name.to_string(),
            group.id.to_string(),
        ]
    });
    target.write(&NAMED, rows)
}

fn services(state: &State, target: Target) -> Result<usize, CliError> {
    let rows = state.services().map(|row| {
        let service = &row.service;
        vec![
            key(service.key.as_ref()),
            service.number.to_string(),
            service.name.to_string(),
            service.id.to_string(),
        ]
    });
    target.write(&NAMED, rows)
}

fn group_users(state: &State, target: Target) -> Result<usize, CliError> {
    let rows = state.groups().flat_map(|row| {
        let group = named(row.group.key.as_ref(), row.group.number.0);
        let users = row.users.keys().filter_map(|number| state.user(*number));
        users.map(move |user| vec![group.clone(), named(user.key.as_ref(), user.number.0)])
    });
    target.write(&["group", "user"], rows)
}

fn memberships(state: &State, at: Timestamp, target: Target) -> Result<usize, CliError> {
    let places = state.resources().filter(|(node, _)| *node != state.root());
    let rows = places.flat_map(|(node, _)| {
        let place = resource(state, node);
        state.members(node, at).map(move |member| {
            let expires = member.membership.expires_at.instant();
            vec![
                place.clone(),
                named(member.user().key.as_ref(), member.user().number.0),
                expires.map(|at| at.to_string()).unwrap_or_default(),
            ]
        })
    });
    target.write(&["resource", "user", "expires_at"], rows)
}

fn grants(state: &State, at: Timestamp, target: Target) -> Result<usize, CliError> {
    let rows = state.resources().flat_map(|(node, found)| {
        let place = resource(state, node);
        found.grants.iter().filter_map(move |(key, grant)| {
            let counts = grant.expires_at.is_live(at)
                && match key.subject {
                    Subject::User(user) => state.is_member(node, user, at),
                    Subject::Group(_) | Subject::Service(_) => true,
                };
            if !counts {
                return None;
            }
            let expires = grant.expires_at.instant();
            Some(vec![
                subject(state, key.subject)?,
                state.role(key.role)?.name.to_string(),
                place.clone(),
                parameters(&key.parameters),
                expires.map(|at| at.to_string()).unwrap_or_default(),
            ])
        })
    });
    target.write(
        &["subject", "role", "resource", "parameters", "expires_at"],
        rows,
    )
}

/// `name=value`, or JSON where a separator stands in a value.
fn parameters(parameters: &Parameters) -> String {
    let plain = |text: &str| !text.contains([';', '=', '{']) && text.trim() == text;
    if parameters
        .iter()
        .all(|(name, value)| plain(name) && plain(value))
    {
        let all: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        return all.join(";");
    }
    // Fails only for a map whose keys are not texts.
    serde_json::to_string(parameters).unwrap_or_default()
}

fn subject(state: &State, subject: Subject) -> Option<String> {
    Some(match subject {
        Subject::User(number) => {
            format!("user:{}", named(state.user(number)?.key.as_ref(), number.0))
        }
        Subject::Group(number) => {
            let key = &state.group_node(number)?.group.key;
            format!("group:{}", named(key.as_ref(), number.0))
        }
        Subject::Service(number) => {
            let key = &state.service_node(number)?.service.key;
            format!("service:{}", named(key.as_ref(), number.0))
        }
    })
}
