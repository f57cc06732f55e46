//! The invented tenant: Lantern Talk, which sells telephony and chatbots.

use std::path::Path;
use std::sync::Arc;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::model::{Parameters, Status};
use attache_core::{Command, HeadRequest, Locator, Origin, Ref, State, Timestamp};

use super::past::Clock;
use super::vendors::{self, DOMAIN, Vendor};
use crate::cli::data::operator;
use crate::cli::{CliError, data, service_token, tenant};
use attache_files::import::{By, Options, Silent, Source, import};
use attache_http::api_token::ApiToken;
use attache_log::TenantRow;
use attache_tenants::{Tenants, Write};

static FILES: [(&str, &str); 6] = [
    ("resources.csv", include_str!("resources.csv")),
    ("users.csv", include_str!("users.csv")),
    ("groups.csv", include_str!("groups.csv")),
    ("group_users.csv", include_str!("group_users.csv")),
    ("memberships.csv", include_str!("memberships.csv")),
    ("grants.csv", include_str!("grants.csv")),
];

/// The finished demo tenant.
pub(super) struct Story {
    url: String,
    /// The state at the start of the demo, and its instant.
    state: Arc<State>,
    at: Timestamp,
    vendors: Vec<Vendor>,
    admin: ApiToken,
    decision_point: ApiToken,
}

impl Story {
    /// Writes the tenant's past, up to today.
    pub(super) async fn tell(
        tenants: &Tenants,
        clock: &Clock,
        url: String,
    ) -> Result<Self, CliError> {
        clock.days_ago(120);
        let domains = [DOMAIN.to_owned()];
        let row = tenant::new_row(tenants, "lantern", &domains)?;
        tenant::create(tenants, &row, "Lantern Talk", &by_cli(), Vec::new()).await?;
        let by = By {
            caller: operator(row.id),
            credential: None,
            name: tenants.ambient().id().to_string(),
            head: by_cli(),
        };
        let source = Source::Texts(&FILES);
        import(tenants, &by, &source, Options::default(), &Silent).await?;
        clock.days_ago(30);
        write(
            tenants,
            &row,
            &[
                Command::ChangeUser {
                    user: Ref::text("former.colleague"),
                    key: None,
                    profile: Default::default(),
                    status: Some(Status::Inactive),
                    facts: Default::default(),
                },
                Command::Grant {
                    grant: GrantRef {
                        resource: Locator::of("customer", Ref::text("fjord-ferries")),
                        subject: SubjectRef::User(Ref::text("sigrid.vik")),
                        role: "manager".into(),
                        parameters: Parameters::none(),
                    },
                    expires_at: Some(clock.at_days_ago(7)),
                },
            ],
        )
        .await?;
        clock.days_ago(0);
        let everywhere = |role: &str| [(role.to_owned(), Locator::root())];
        let service = async |name: &str, role: &str| {
            service_token::create(tenants, &row, name, &everywhere(role), None).await
        };
        let (state, _) = data::state(tenants, &row, None).await?;
        let vendors = vendors::all(&state, &service).await?;
        let admin = service("admin-console", "admin").await?;
        let decision_point = service("gateway", "decision-point").await?;
        let (state, at) = data::state(tenants, &row, None).await?;
        Ok(Self {
            url,
            state,
            at,
            vendors,
            admin,
            decision_point,
        })
    }

    /// Returns the address, tokens and names, one `NAME=value` per line.
    pub(super) fn variables(&self) -> String {
        let own = [
            ("ATTACHE_URL", self.url.as_str()),
            ("ATTACHE_TOKEN", self.admin.reveal()),
            ("DECISION_POINT_TOKEN", self.decision_point.reveal()),
        ];
        let own = own.map(|(name, value)| format!("{name}={value}\n"));
        let vendors = self.vendors.iter();
        let vendors = vendors.flat_map(|vendor| vendor.variables(self.state.view(self.at)));
        let vendors = vendors.map(|(name, value)| format!("{name}={value}\n"));
        own.into_iter().chain(vendors).collect()
    }

    /// Returns the text about what to try first.
    pub(super) fn welcome(
        &self,
        data: &Path,
        two_weeks_ago: Timestamp,
    ) -> Result<String, CliError> {
        let url = &self.url;
        let mut vendors = String::new();
        for vendor in &self.vendors {
            vendors += &vendor.heading();
            for line in vendor.requests(self.state.view(self.at), url)? {
                vendors += &format!("\n  {line}");
            }
            vendors += "\n\n";
        }
        let bearer = |token: &ApiToken| format!("-H 'Authorization: Bearer {}'", token.reveal());
        let (admin, gateway) = (bearer(&self.admin), bearer(&self.decision_point));
        let program = std::env::current_exe().unwrap_or_else(|_| "attache".into());
        let ask = format!("{} --data {}", program.display(), data.display());
        Ok(format!(
            "\
attache demo: Lantern Talk, an invented tenant, at {url}
Ctrl-C ends it, and its data with it.

{vendors}\
attache's own API: who sees Harbour Bakery and through what; which customers Freya sees
  curl {admin} '{url}/api/v1/resources/customer:harbour-bakery/members?include=effective'
  curl {admin} '{url}/api/v1/users/freya.holm/resources?kind=customer'

AuthZEN: may Freya list the users of Harbour Bakery, and why?
  curl {gateway} --json '{{\"subject\":{{\"type\":\"user\",\"id\":\"freya.holm\"}},\"action\":{{\"name\":\"customers.users.list\"}},\"resource\":{{\"type\":\"customer\",\"id\":\"harbour-bakery\"}}}}' {url}/access/v1/evaluation

The data itself, beside the server: who is there, may they, and how was that two weeks ago?
  {ask} members customer:fjord-ferries
  {ask} check sigrid.vik customers.users.add customer:fjord-ferries
  {ask} check sigrid.vik customers.users.add customer:fjord-ferries --at {two_weeks_ago}

All documents, to read and to try
  {url}/docs/"
        ))
    }
}

async fn write(tenants: &Tenants, row: &TenantRow, commands: &[Command]) -> Result<(), CliError> {
    let correlation_id = tenants.ambient().id().to_string();
    let write = Write::new(operator(row.id), &correlation_id, commands.to_vec());
    tenants.write_on(&write.with_head(by_cli())).await?;
    Ok(())
}

fn by_cli() -> HeadRequest {
    HeadRequest::through(Origin::CLI)
}
