//! `attache grants`

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::NAMES;
use super::data::Place;
use super::listing::{Column, Output};
use super::names::Names;
use super::output::{counted, note};
use super::things::OfTenant;

/// List the grants on a resource, of a subject, of a role, or of the whole tenant.
///
/// Lists grants on resources whose users the caller may list. A group's grants are listed
/// for the group, and not again for its users.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache grants
  attache grants --role owner
  attache grants --resource customer:harbour-bakery
  attache grants --subject freya.holm
  attache grants --subject group:support --output json

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Grants {
    /// Only grants on this resource itself.
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// Only grants to this user, or group:… or service:….
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only grants of this role.
    #[arg(long)]
    role: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

const COLUMNS: &[Column] = &[
    Column::field("role", "role"),
    Column::field("parameters", "parameters"),
    Column::made("subject", "subject", |grant| {
        plain(&grant["named"]["subject"])
    }),
    Column::made("resource", "resource", |grant| {
        plain(&grant["named"]["resource"])
    }),
    Column::field("granted_at", "granted"),
    Column::made("granted_by", "by", |grant| {
        plain(&grant["named"]["granted_by"])
    }),
    Column::field("expires_at", "expires"),
    Column::made("subject_id", "", |grant| plain(&grant["subject"])).out_of_tables(),
    Column::made("resource_id", "", |grant| plain(&grant["resource"])).out_of_tables(),
    Column::made("granted_by_id", "", |grant| plain(&grant["granted_by"])).out_of_tables(),
    Column::untabled("id"),
];

impl Grants {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.slug();
        place.ask(tenant, async |api| self.with(api).await).await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(&self, api: &Api) -> Result<(), CliError> {
        let subject = self.subject.as_deref();
        let subject = subject.map(super::arguments::subject_name);
        let query = [
            ("subject", subject.as_deref()),
            ("role", self.role.as_deref()),
        ];
        let query: Vec<(&str, &str)> = query
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let mut grants = match &self.resource {
            Some(on) => api.all(&["resources", on, "grants"], &query).await?,
            None => api.all(&["grants"], &query).await?,
        };
        let mut names = Names::new(api);
        let on: Vec<String> = grants.iter().map(|it| plain(&it["resource"])).collect();
        names.look_up("resource", &on).await?;
        for kind in ["user", "group", "service"] {
            let ids = grants.iter().filter_map(|it| {
                let (of_kind, id) = it["subject"].as_str()?.split_once(':')?;
                (of_kind == kind).then(|| id.to_owned())
            });
            names.look_up(kind, &ids.collect::<Vec<String>>()).await?;
        }
        let by: Vec<Value> = grants.iter().map(|it| it["granted_by"].clone()).collect();
        names.look_up_actors(&by).await?;
        for grant in &mut grants {
            let subject = plain(&grant["subject"]);
            let subject = subject.split_once(':').map(|(kind, id)| {
                let short = names.of(kind, id).short;
                format!("{kind}:{short}")
            });
            let on = names.of("resource", &plain(&grant["resource"])).short;
            let by = names.actor(&grant["granted_by"]);
            grant["named"] = json!({"subject": subject, "resource": on, "granted_by": by});
        }
        self.output.list(COLUMNS, &grants)?;
        match self.output.is_table() {
            true => note(counted(grants.len(), "grant")),
            false => Ok(()),
        }
    }
}
