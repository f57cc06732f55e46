//! `attache tenant`

use std::process::ExitCode;

use attache_core::Command;
use attache_core::id::TenantId;
use attache_core::model::Name;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::data::{self, Place, operator};
use super::output::{say, table};
use attache_log::TenantRow;
use attache_tenants::{Tenants, beginning, check_domain, check_slug};

/// The tenants of this installation.
#[derive(Debug, Subcommand)]
pub(super) enum Tenant {
    List(List),
    Show(Show),
    Create(Create),
    Change(Change),
}

/// List all tenants.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache tenant list")]
pub(super) struct List {}

/// Show a tenant: what it holds, how far its log is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache tenant show acme")]
pub(super) struct Show {
    /// The tenant. Can be left out where there is only one.
    slug: Option<String>,
}

/// Create a tenant. It begins with the catalogue that ships with attache.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  attache tenant create acme --name \"Acme Telephony\" --domain acme.example")]
pub(super) struct Create {
    /// Its short name: a-z, 0-9 and hyphens.
    slug: String,
    /// Its name for people; the slug if left out.
    #[arg(long)]
    name: Option<String>,
    /// A web domain at which its users reach its product. Can stand more than once.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
}

/// Change a tenant's slug or web domains.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache tenant change acme --domain acme.example --domain portal.acme.example
  attache tenant change acme --slug acme-eu")]
pub(super) struct Change {
    /// The tenant.
    slug: String,
    /// Its new slug.
    #[arg(long = "slug", value_name = "SLUG")]
    new_slug: Option<String>,
    /// All its web domains, in place of those that it has. Can stand more than once.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
}

impl Change {
    fn must_change_something(&self) -> Result<(), CliError> {
        match self.new_slug.is_none() && self.domains.is_empty() {
            true => Err(CliError::new("say what to change: --slug, --domain")),
            false => Ok(()),
        }
    }
}

/// What a list of tenants shows.
const HEAD: [&str; 4] = ["slug", "id", "domains", "created"];

/// A tenant as the API shows it.
fn cells(row: &Value) -> Vec<String> {
    let domains = row["domains"].as_array().into_iter().flatten();
    let domains: Vec<String> = domains.map(plain).collect();
    vec![
        plain(&row["slug"]),
        plain(&row["id"]),
        domains.join(" "),
        plain(&row["created_at"]),
    ]
}

impl Tenant {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        if let Some(api) = place.server(None)? {
            return self.of_server(&api).await;
        }
        let tenants = match &self {
            // The first tenant may be the first thing in its folder.
            Self::Create(_) => {
                let config = place.config()?;
                data::quietly()?;
                let ambient = attache_ambient::Ambient::of_the_machine_with(config.clock());
                data::open(&config, ambient, config.settings()).await?
            }
            _ => place.open().await?,
        };
        data::within(tenants, async |tenants| self.within(tenants).await).await
    }

    async fn of_server(self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::List(_) => {
                let rows = api.all(&["tenants"], &[]).await?;
                let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
                table(&HEAD, &rows)?;
            }
            Self::Show(show) => {
                let slug = show.slug.as_deref();
                let slug = slug.ok_or_else(|| CliError::new("say which tenant: its slug"))?;
                let row = api.get(&["tenants", slug], &[]).await?.json;
                for (name, cell) in ["slug", "id", "domains", "created"].iter().zip(cells(&row)) {
                    say(format!("{name:<9} {cell}"))?;
                }
            }
            Self::Create(create) => {
                let body = json!({
                    "slug": create.slug,
                    "name": create.name,
                    "domains": create.domains,
                });
                let made = api
                    .write(Method::POST, &["tenants"], Some(&body))
                    .await?
                    .json;
                say(format!("{} {}", plain(&made["slug"]), plain(&made["id"])))?;
            }
            Self::Change(change) => {
                change.must_change_something()?;
                let mut body = serde_json::Map::new();
                if let Some(slug) = &change.new_slug {
                    body.insert("slug".to_owned(), json!(slug));
                }
                if !change.domains.is_empty() {
                    body.insert("domains".to_owned(), json!(change.domains));
                }
                let path = ["tenants", change.slug.as_str()];
                api.write(Method::PATCH, &path, Some(&body.into())).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn within(self, tenants: &Tenants) -> Result<ExitCode, CliError> {
        match self {
            Self::List(_) => {
                let rows: Vec<Vec<String>> = tenants
                    .directory()
                    .all()
                    .iter()
                    .map(|row| {
                        vec![
                            row.slug.clone(),
                            row.id.to_string(),
                            row.domains.join(" "),
                            row.created_at.to_string(),
                        ]
                    })
                    .collect();
                table(&HEAD, &rows)?;
            }
            Self::Show(show) => {
                let row = data::tenant(tenants, show.slug.as_deref())?;
                show_tenant(tenants, &row).await?;
            }
            Self::Create(create) => {
                let name = create.name.as_deref().unwrap_or(&create.slug);
                let row = new_row(tenants, &create.slug, &create.domains)?;
                self::create(tenants, &row, name, Vec::new()).await?;
                say(format!("{} {}", row.slug, row.id))?;
            }
            Self::Change(change) => {
                change.must_change_something()?;
                let old = data::tenant(tenants, Some(&change.slug))?;
                let mut row = old.clone();
                if let Some(new) = &change.new_slug {
                    row.slug = slug(new)?;
                }
                if !change.domains.is_empty() {
                    row.domains = domains(&change.domains)?;
                }
                tenants.change(old, row).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn show_tenant(tenants: &Tenants, row: &TenantRow) -> Result<(), CliError> {
    let (state, _) = data::state(tenants, row, None).await?;
    let name = state
        .resource(state.root())
        .map(|root| root.name.to_string());
    say(format!("slug      {}", row.slug))?;
    say(format!("name      {}", name.unwrap_or_default()))?;
    say(format!("id        {}", row.id))?;
    say(format!("domains   {}", row.domains.join(" ")))?;
    say(format!("created   {}", row.created_at))?;
    say(format!("revision  {} at {}", state.revision(), state.at()))?;
    say(format!("users     {}", state.user_count()))?;
    say(format!("groups    {}", state.groups().count()))?;
    say(format!("services  {}", state.services().count()))?;
    for kind in state
        .catalogue()
        .map(|catalogue| &catalogue.kinds)
        .into_iter()
        .flatten()
    {
        if let Some(index) = state.kind_index(kind.name.as_str()) {
            let count = state.resources_of_kind(index).count();
            say(format!("{:<9} {count}", format!("{}s", kind.name)))?;
        }
    }
    Ok(())
}

/// A tenant to be created.
pub(super) fn new_row(
    tenants: &Tenants,
    slug: &str,
    domains: &[String],
) -> Result<TenantRow, CliError> {
    Ok(TenantRow {
        id: TenantId(tenants.ambient().id()),
        slug: self::slug(slug)?,
        domains: self::domains(domains)?,
        created_at: tenants.ambient().now(),
    })
}

/// Create a tenant with its root, the starting catalogue, and what else its
/// first entry is to hold.
pub(super) async fn create(
    all: &Tenants,
    row: &TenantRow,
    name: &str,
    more: Vec<Command>,
) -> Result<(), CliError> {
    let name = Name::new(name).map_err(|reason| CliError::new(format!("the name {reason}")))?;
    let beginning = beginning(all.ambient(), name).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        CliError::new(problems.join("; "))
    })?;
    let mut commands = vec![beginning];
    commands.extend(more);
    let correlation_id = all.ambient().id().to_string();
    all.create(
        row.clone(),
        operator(row.id),
        &correlation_id,
        &commands,
        None,
    )
    .await?;
    Ok(())
}

fn slug(text: &str) -> Result<String, CliError> {
    match check_slug(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(reason) => Err(CliError::new(format!("the slug {reason}"))),
    }
}

fn domains(texts: &[String]) -> Result<Vec<String>, CliError> {
    let mut domains = Vec::new();
    for text in texts {
        let domain =
            check_domain(text).map_err(|reason| CliError::new(format!("{text:?} {reason}")))?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}
