//! The invented tenant: Lantern Talk, which sells telephony and chatbots.

use std::path::Path;

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::model::{Parameters, Status};
use attache_core::{Command, Locator, Ref, Timestamp};

use super::past::Clock;
use crate::cli::data::operator;
use crate::cli::{CliError, data, service_token, tenant};
use attache_files::import::{By, Options, Silent, Source, import};
use attache_http::api_token::ApiToken;
use attache_log::TenantRow;
use attache_tenants::Tenants;

const DOMAIN: &str = "lantern.example";

static FILES: [(&str, &str); 6] = [
    ("resources.csv", include_str!("resources.csv")),
    ("users.csv", include_str!("users.csv")),
    ("groups.csv", include_str!("groups.csv")),
    ("group_users.csv", include_str!("group_users.csv")),
    ("memberships.csv", include_str!("memberships.csv")),
    ("grants.csv", include_str!("grants.csv")),
];

/// What the demo shows.
pub(super) struct Story {
    url: String,
    voicebot: ApiToken,
    worth: ApiToken,
    cloudcockpit: ApiToken,
    chatcaptain: ApiToken,
    admin: ApiToken,
    decision_point: ApiToken,
    customer_number: String,
    customer_id: String,
    reseller_id: String,
}

impl Story {
    /// Let the tenant have its past, and come to today.
    pub(super) async fn tell(
        tenants: &Tenants,
        clock: &Clock,
        url: String,
    ) -> Result<Self, CliError> {
        clock.days_ago(120);
        let domains = [DOMAIN.to_owned()];
        let row = tenant::new_row(tenants, "lantern", &domains)?;
        tenant::create(tenants, &row, "Lantern Talk", Vec::new()).await?;
        let by = By {
            caller: operator(row.id),
            credential: None,
            name: tenants.ambient().id().to_string(),
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
        let story = Self {
            voicebot: service("voicebot-studio", "customer-directory").await?,
            worth: service("worth", "customer-reader").await?,
            cloudcockpit: service("cloudcockpit", "customer-reader").await?,
            chatcaptain: service("chatcaptain", "chatbot-directory").await?,
            admin: service("admin-console", "admin").await?,
            decision_point: service("gateway", "decision-point").await?,
            customer_number: String::new(),
            customer_id: String::new(),
            reseller_id: String::new(),
            url,
        };
        story.with_ids(tenants, &row).await
    }

    async fn with_ids(mut self, tenants: &Tenants, row: &TenantRow) -> Result<Self, CliError> {
        let (state, _) = data::state(tenants, row, None).await?;
        let find = |kind: &str, key: &str| {
            let node = state.find(&Locator::of(kind, Ref::text(key)));
            node.and_then(|node| state.resource(node))
                .ok_or_else(|| CliError::new(format!("the demo lacks {kind}:{key}")))
        };
        let customer = find("customer", "harbour-bakery")?;
        self.customer_number = customer.number.to_string();
        self.customer_id = customer.id.to_string();
        self.reseller_id = find("reseller", "nordlicht")?.id.to_string();
        Ok(self)
    }

    /// The address, tokens and ids, a `NAME=value` a line.
    pub(super) fn variables(&self) -> String {
        let variables = [
            ("ATTACHE_URL", self.url.as_str()),
            ("ATTACHE_TOKEN", self.admin.reveal()),
            ("DECISION_POINT_TOKEN", self.decision_point.reveal()),
            ("VOICEBOT_TOKEN", self.voicebot.reveal()),
            ("VOICEBOT_CUSTOMER_ID", &self.customer_number),
            ("WORTH_TOKEN", self.worth.reveal()),
            ("WORTH_CUSTOMER_ID", &self.customer_id),
            ("CLOUDCOCKPIT_TOKEN", self.cloudcockpit.reveal()),
            ("CLOUDCOCKPIT_TENANT", DOMAIN),
            ("CLOUDCOCKPIT_CUSTOMER_ID", &self.customer_id),
            ("CLOUDCOCKPIT_RESELLER_ID", &self.reseller_id),
            ("CHATCAPTAIN_TOKEN", self.chatcaptain.reveal()),
            ("CHATCAPTAIN_WORKSPACE_ID", "guest-desk"),
            ("CHATCAPTAIN_CHATBOT_ID", "concierge"),
            ("CHATCAPTAIN_USER_ID", "linh.tran"),
        ];
        variables
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect()
    }

    /// What to try first.
    pub(super) fn welcome(&self, data: &Path, two_weeks_ago: Timestamp) -> String {
        let Self {
            url,
            customer_number,
            customer_id,
            reseller_id,
            ..
        } = self;
        let bearer = |token: &ApiToken| format!("-H 'Authorization: Bearer {}'", token.reveal());
        let (voicebot, worth) = (bearer(&self.voicebot), bearer(&self.worth));
        let (cockpit, captain) = (bearer(&self.cloudcockpit), bearer(&self.chatcaptain));
        let (admin, gateway) = (bearer(&self.admin), bearer(&self.decision_point));
        let program = std::env::current_exe().unwrap_or_else(|_| "attache".into());
        let ask = format!("{} --data {}", program.display(), data.display());
        format!(
            "\
attache demo: Lantern Talk, an invented tenant, at {url}
Ctrl-C ends it, and its data with it.

Voicebot Studio: the users of Harbour Bakery; then exactly two of them
  curl {voicebot} {url}/third-party/v1/customers/{customer_number}/users
  curl {voicebot} --json '{{\"user_ids\":[10,11]}}' {url}/third-party/v1/customers/{customer_number}/users

Worth: the active users of Harbour Bakery
  curl {worth} '{url}/auth/api/v1/customers/{customer_id}/users?status=ACTIVE&sort=-last_name'

CloudCockpit: the same, by name; in the context of a reseller
  curl {cockpit} -H 'X-Tenant: {DOMAIN}' {url}/v1/customer/{customer_id}/users
  curl {cockpit} -H 'X-Tenant: {DOMAIN}' '{url}/v1/customer/{customer_id}/users?resellerId={reseller_id}'

ChatCaptain: the users of the chatbot Concierge; add one, grant a role, take it back
  curl {captain} {url}/v1/workspaces/guest-desk/chatbots/concierge/users
  curl {captain} --json '{{\"userId\":\"linh.tran\"}}' {url}/v1/workspaces/guest-desk/chatbots/concierge/users
  curl {captain} --json '{{\"role\":\"InboxUser\",\"params\":{{\"inboxId\":\"7\"}}}}' {url}/v1/workspaces/guest-desk/chatbots/concierge/users/linh.tran/roles
  curl {captain} -X DELETE --json '{{\"params\":{{\"inboxId\":\"7\"}}}}' {url}/v1/workspaces/guest-desk/chatbots/concierge/users/linh.tran/roles/InboxUser

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
        )
    }
}

async fn write(tenants: &Tenants, row: &TenantRow, commands: &[Command]) -> Result<(), CliError> {
    let correlation_id = tenants.ambient().id().to_string();
    tenants
        .write(operator(row.id), &correlation_id, commands)
        .await?;
    Ok(())
}
