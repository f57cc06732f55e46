//! `attache tenant`

use std::process::ExitCode;

use attache_core::id::TenantId;
use attache_core::model::{Email, Name, Profile};
use attache_core::{Command, HeadRequest, Locator};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::data::{self, Place, operator};
use super::head::Writes;
use super::listing::{Column, Output};
use super::output::{note, say};
use super::service_token;
use super::things::first_and_last;
use attache_http::api_token::ApiToken;
use attache_log::TenantRow;
use attache_tenants::{Tenants, beginning, check_domain, check_slug, first_admin};

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
#[command(after_help = "\
Examples:
  attache tenant list
  attache tenant list --json")]
pub(super) struct List {
    #[command(flatten)]
    output: Output,
}

/// Show a tenant: its domains, its size, its revision.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache tenant show acme")]
pub(super) struct Show {
    /// The tenant. Can be left out if there is only one.
    slug: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// Create a tenant. It starts with the catalogue that ships with attache.
///
/// With --admin-email it gets a first admin, and a service `first` whose token may do
/// everything in the tenant and is printed once, as by `attache init`. Then standard
/// output has the token only, and standard error the slug and id.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache tenant create globex --name \"Globex Telephony\" --domain globex.example
  attache tenant create initech --admin-email eve@initech.example --admin-name \"Eve Adler\"")]
pub(super) struct Create {
    /// Its short name: a-z, 0-9 and hyphens.
    slug: String,
    /// Its display name; the slug if left out.
    #[arg(long)]
    name: Option<String>,
    /// A web domain at which its users reach its product. Can be repeated.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// The e-mail address of the first admin.
    #[arg(long, value_name = "EMAIL")]
    admin_email: Option<String>,
    /// The name of the first admin.
    #[arg(long, value_name = "NAME", requires = "admin_email")]
    admin_name: Option<String>,
}

/// Change a tenant's slug or web domains.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache tenant change acme --domain acme.example --domain portal.acme.example
  attache tenant change globex --slug globex-eu")]
pub(super) struct Change {
    /// The tenant.
    slug: String,
    /// Its new slug.
    #[arg(long = "slug", value_name = "SLUG")]
    new_slug: Option<String>,
    /// All its web domains, instead of the present ones. Can be repeated.
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

/// The columns of a tenant.
const COLUMNS: &[Column] = &[
    Column::field("slug", "slug"),
    Column::field("id", "id"),
    Column::field("domains", "domains"),
    Column::field("created_at", "created"),
];

impl Tenant {
    /// What the verb writes. A tenant's slug and domains stand in no entry.
    pub(super) fn writes(&self) -> Writes {
        match self {
            Self::List(_) | Self::Show(_) => Writes::Nothing,
            Self::Create(_) => Writes::FirstEntry,
            Self::Change(_) => Writes::NoEntry,
        }
    }

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
        let head = place.head.request()?;
        data::within(tenants, async |tenants| self.within(tenants, &head).await).await
    }

    async fn of_server(self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => {
                let rows = api.all(&["tenants"], &[]).await?;
                list.output.list(COLUMNS, &rows)?;
            }
            Self::Show(show) => {
                let slug = show.slug.as_deref();
                let slug = slug.ok_or_else(|| CliError::new("say which tenant: its slug"))?;
                let row = api.get(&["tenants", slug], &[]).await?.json;
                show.output.one(COLUMNS, &row)?;
            }
            Self::Create(create) => {
                create.of_server(api).await?;
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

    async fn within(self, tenants: &Tenants, head: &HeadRequest) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => {
                let directory = tenants.directory();
                let rows: Vec<Value> = directory.all().iter().map(|row| shown(row)).collect();
                list.output.list(COLUMNS, &rows)?;
            }
            Self::Show(show) => {
                let row = data::tenant(tenants, show.slug.as_deref())?;
                show_tenant(tenants, &row, show.output).await?;
            }
            Self::Create(create) => {
                let name = create.name.as_deref().unwrap_or(&create.slug);
                let row = new_row(tenants, &create.slug, &create.domains)?;
                let (token, commands) = match &create.admin_email {
                    None => (None, Vec::new()),
                    Some(email) => {
                        let profile = admin(email, create.admin_name.as_deref())?;
                        let (token, commands) = first(tenants, row.id, profile)?;
                        (Some(token), commands)
                    }
                };
                // One entry: all or nothing.
                self::create(tenants, &row, name, head, commands).await?;
                create.say_made(&row.slug, &row.id.to_string())?;
                create.say_what_is_next(token.as_ref().map(ApiToken::reveal))?;
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

impl Create {
    /// Creates the tenant through attache's own API, which makes no token with it.
    async fn of_server(&self, api: &Api) -> Result<(), CliError> {
        if let Some(email) = &self.admin_email {
            // Validated before the tenant is created.
            admin(email, self.admin_name.as_deref())?;
        }
        let mut body = json!({
            "slug": self.slug,
            "name": self.name,
            "domains": self.domains,
        });
        if let Some(email) = &self.admin_email {
            body["admin_email"] = json!(email);
        }
        let made = api.write(Method::POST, &["tenants"], Some(&body)).await?;
        let made = made.json;
        self.say_made(&plain(&made["slug"]), &plain(&made["id"]))?;
        let token = match &self.admin_email {
            None => None,
            Some(_) => {
                let token = self.first_token(&api.of_tenant(&self.slug)).await;
                Some(token.map_err(|error| {
                    error.with_hint(&format!(
                        "The tenant is made, with its admin. Its first token:\n  {}",
                        self.token_line()
                    ))
                })?)
            }
        };
        self.say_what_is_next(token.as_deref())
    }

    /// Adds the admin of a new tenant, its first user, and makes the first token.
    async fn first_token(&self, api: &Api) -> Result<String, CliError> {
        let mut operations = vec![
            json!({"op": "add_service", "key": FIRST, "name": FIRST}),
            json!({"op": "grant", "resource": "tenant",
                   "subject": format!("service:{FIRST}"), "role": "admin"}),
        ];
        if let Some(name) = &self.admin_name {
            let (first, last) = first_and_last(name);
            let part = |part: &str| {
                Some(part)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
            };
            operations.push(json!({"op": "change_user", "user": "#1",
                                   "first_name": part(first), "last_name": part(last)}));
        }
        api.bulk(operations).await?;
        let path = ["services", FIRST, "tokens"];
        let made = api.write(Method::POST, &path, Some(&json!({}))).await?;
        match made.json["secret"].as_str() {
            Some(secret) => Ok(secret.to_owned()),
            None => Err(CliError::new("the token was made, and its answer was lost")),
        }
    }

    fn token_line(&self) -> String {
        let slug = &self.slug;
        format!("attache token create --tenant {slug} --service {FIRST} --grant admin")
    }

    /// Prints the created tenant: on standard error, if there is a token.
    fn say_made(&self, slug: &str, id: &str) -> Result<(), CliError> {
        let made = format!("{slug} {id}");
        match self.admin_email {
            Some(_) => note(made),
            None => say(made),
        }
    }

    /// Prints the token, or how to get one.
    fn say_what_is_next(&self, token: Option<&str>) -> Result<(), CliError> {
        let slug = &self.slug;
        match token {
            Some(token) => {
                note(format!(
                    "The token of the service `{FIRST}` may do everything in the tenant. It is not shown again:"
                ))?;
                say(token)
            }
            None => note(format!(
                "It has no admin and no token yet. Next:\n  \
                 attache user add --tenant {slug} --name \"Ada Okafor\" --email ada@{slug}.example\n  \
                 attache grant --tenant {slug} admin '#1' tenant\n  {}",
                self.token_line()
            )),
        }
    }
}

/// The key of a new tenant's service.
const FIRST: &str = "first";

/// Returns the profile of a first admin.
pub(super) fn admin(email: &str, name: Option<&str>) -> Result<Profile, CliError> {
    let wrong = |flag: &str, reason: &str| CliError::new(format!("--{flag} {reason}"));
    let (first, last) = first_and_last(name.unwrap_or_default());
    let part = |part: &str| match part {
        "" => Ok(None),
        part => Name::new(part)
            .map(Some)
            .map_err(|reason| wrong("admin-name", reason)),
    };
    Ok(Profile {
        first_name: part(first)?,
        last_name: part(last)?,
        email: Some(Email::new(email).map_err(|reason| wrong("admin-email", reason))?),
        phone: None,
    })
}

/// Makes a first admin and a first service with a token, and returns the commands for
/// them.
pub(super) fn first(
    tenants: &Tenants,
    tenant: TenantId,
    profile: Profile,
) -> Result<(ApiToken, Vec<Command>), CliError> {
    let ambient = tenants.ambient();
    let mut commands = first_admin(ambient, profile).to_vec();
    commands.push(service_token::add_service(ambient, FIRST)?);
    let roles = [("admin".to_owned(), Locator::root())];
    let (token, more) = service_token::commands(ambient, tenant, FIRST, &roles, None);
    commands.extend(more);
    Ok((token, commands))
}

/// Returns a tenant in the form of the API.
fn shown(row: &TenantRow) -> Value {
    json!({
        "slug": row.slug,
        "id": row.id,
        "domains": row.domains,
        "created_at": row.created_at,
    })
}

async fn show_tenant(tenants: &Tenants, row: &TenantRow, output: Output) -> Result<(), CliError> {
    const HELD: &[Column] = &[
        Column::untabled("slug"),
        Column::untabled("name"),
        Column::untabled("id"),
        Column::untabled("domains"),
        Column::untabled("created_at"),
        Column::untabled("revision"),
        Column::untabled("changed_at"),
        Column::untabled("users"),
        Column::untabled("groups"),
        Column::untabled("services"),
        Column::untabled("resources"),
    ];
    let (state, _) = data::state(tenants, row, None).await?;
    let mut tenant = shown(row);
    let root = state.resource(state.root());
    tenant["name"] = json!(root.map(|root| root.name.to_string()));
    tenant["revision"] = json!(state.revision());
    tenant["changed_at"] = json!(state.at());
    tenant["users"] = json!(state.user_count());
    tenant["groups"] = json!(state.groups().count());
    tenant["services"] = json!(state.services().count());
    let kinds = state.catalogue().map(|catalogue| &catalogue.kinds);
    let kinds = kinds.into_iter().flatten().filter_map(|kind| {
        let index = state.kind_index(kind.name.as_str())?;
        let count = state.resources_of_kind(index).count();
        Some((kind.name.to_string(), json!(count)))
    });
    tenant["resources"] = Value::Object(kinds.collect());
    output.one(HELD, &tenant)
}

/// Makes the row of a new tenant.
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

/// Creates a tenant with its root, the starting catalogue, and further commands in its
/// first entry.
pub(super) async fn create(
    all: &Tenants,
    row: &TenantRow,
    name: &str,
    head: &HeadRequest,
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
        head,
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
