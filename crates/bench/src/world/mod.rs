//! A large tenant that is made, the same each time: users, customers with
//! members and roles, workspaces with a chatbot each, callers.
//!
//! Its log holds only how the tenant began: the rest stands in its snapshot,
//! which is what a tenant is opened from.

mod fill;
mod ids;
mod issuers;
mod people;
mod weight;

pub(crate) use ids::Ids;
pub(crate) use issuers::{Algorithm, Signer};
pub(crate) use people::key;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attache_ambient::Ambient;
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{ServiceId, TenantId, TokenId};
use attache_core::model::{Name, Parameters};
use attache_core::{Actor, Caller, Command, HeadRequest, Locator, State};
use attache_http::api_token::ApiToken;
use attache_log::{
    FILE, Installation as _, Location, Settings as LogSettings, Snapshot, Snapshots as _, SqlLog,
    TenantRow,
};
use attache_tenants::{Settings, Tenants, beginning};
use serde::{Deserialize, Serialize};

use crate::{Failure, table};

/// The tenant's web domain.
pub(crate) const DOMAIN: &str = "large.example";
/// How many roles each member holds where it is one.
const ROLES: usize = 2;

/// How large a tenant is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) users: u32,
    pub(crate) customers: u32,
    /// Each with a chatbot. Half of their memberships are the chatbot's.
    pub(crate) workspaces: u32,
    /// How many are attached to each customer, workspace and chatbot.
    pub(crate) members: usize,
    /// Whether members hold roles.
    pub(crate) roles: bool,
    /// How many are attached to one more customer, the last.
    pub(crate) crowd: u32,
    /// To how many customers the last user is attached besides.
    pub(crate) everywhere: u32,
    /// How many callers there are: users with tokens of issuers, and API tokens.
    pub(crate) callers: u32,
}

impl Shape {
    /// 1 million users, 100,000 customers, 3 million memberships, two roles each.
    pub(crate) const LARGE: Self = Self {
        users: 1_000_000,
        customers: 100_000,
        workspaces: 10_000,
        members: 25,
        roles: true,
        crowd: 100_000,
        everywhere: 2_000,
        callers: 1_000,
    };

    /// The same, a tenth of a hundredth as large: to try whether all works.
    pub(crate) const SMALL: Self = Self {
        users: 10_000,
        customers: 1_000,
        workspaces: 100,
        members: 25,
        roles: true,
        crowd: 1_000,
        everywhere: 200,
        callers: 100,
    };

    /// Ten users a customer, as many users as customers, and nothing else.
    pub(crate) fn growing(memberships: u32) -> Self {
        Self {
            users: memberships / 10,
            customers: memberships / 10,
            workspaces: 0,
            members: 10,
            roles: false,
            crowd: 0,
            everywhere: 0,
            callers: 1,
        }
    }

    pub(crate) fn memberships(&self) -> u64 {
        let small = u64::from(self.customers) + 2 * u64::from(self.workspaces);
        small * self.members as u64 + u64::from(self.crowd) + u64::from(self.everywhere)
    }
}

/// The tenant, as those who ask it need it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) shape: Shape,
    pub(crate) ids: Ids,
    /// API tokens of a service that may read everything.
    pub(crate) tokens: Vec<String>,
    pub(crate) signer: Arc<Signer>,
}

impl World {
    /// Make it in a folder, as a server's data folder.
    pub(crate) async fn make(folder: &Path, shape: Shape) -> Result<Self, Failure> {
        let ambient = Ambient::of_the_machine();
        let tenant = TenantId(ambient.id());
        let signer = Arc::new(Signer::new()?);
        let tokens = (0..shape.callers.max(1)).map(|_| ApiToken::new(tenant, &ambient));
        let tokens: Vec<ApiToken> = tokens.collect();
        let world = Self {
            shape,
            ids: Ids,
            tokens: tokens.iter().map(|it| it.reveal().to_owned()).collect(),
            signer,
        };
        let began = begin(folder, tenant, &tokens, &world.signer, &ambient).await?;
        let about = format!("making a tenant of {} memberships", shape.memberships());
        table::note(&about);
        let state = tokio::task::block_in_place(|| world.fill(began))?;
        table::note("saving it");
        let log = open(folder).await?;
        let snapshot = Snapshot::of(Arc::new(state)).await?;
        log.save_snapshot(&snapshot).await?;
        log.close().await;
        let kept = Kept {
            tokens: world.tokens.clone(),
            keys: world.signer.keys()?,
        };
        std::fs::write(folder.join(KEPT), serde_json::to_string(&kept)?)?;
        Ok(world)
    }

    /// The one of a folder, made if it is not there.
    pub(crate) async fn of(folder: &Path, shape: Shape) -> Result<Self, Failure> {
        let Ok(text) = std::fs::read_to_string(folder.join(KEPT)) else {
            return Self::make(folder, shape).await;
        };
        let kept: Kept = serde_json::from_str(&text)?;
        Ok(Self {
            shape,
            ids: Ids,
            tokens: kept.tokens,
            signer: Arc::new(Signer::from_keys(&kept.keys)?),
        })
    }
}

/// What of a made tenant does not follow from its shape.
#[derive(Serialize, Deserialize)]
struct Kept {
    tokens: Vec<String>,
    keys: [Vec<u8>; 2],
}

/// The file for it.
const KEPT: &str = "world.json";

pub(crate) async fn open(folder: &Path) -> Result<SqlLog, Failure> {
    let location = Location::parse(&format!("sqlite://{}", folder.join(FILE).display()))?;
    Ok(SqlLog::open(&location, LogSettings::default()).await?)
}

/// A tenant that has just begun in a folder, with an API token of a service that may do
/// everything.
pub(crate) async fn began(
    folder: &Path,
    ambient: &Ambient,
) -> Result<(TenantId, String, State), Failure> {
    let tenant = TenantId(ambient.id());
    let token = ApiToken::new(tenant, ambient);
    let text = token.reveal().to_owned();
    let signer = Signer::new()?;
    let state = begin(folder, tenant, &[token], &signer, ambient).await?;
    Ok((tenant, text, state))
}

/// The tenant with its first entries, and a service that may do everything.
async fn begin(
    folder: &Path,
    tenant: TenantId,
    tokens: &[ApiToken],
    signer: &Signer,
    ambient: &Ambient,
) -> Result<State, Failure> {
    let log = open(folder).await?;
    let settings = Settings {
        // The one that is saved is the whole.
        save_when_closing: false,
        open_within: Duration::MAX,
        ..Settings::default()
    };
    let tenants = Tenants::new(Arc::new(log), ambient.clone(), settings);
    let row = TenantRow {
        id: tenant,
        slug: "large".to_owned(),
        domains: vec![DOMAIN.to_owned()],
        created_at: ambient.now(),
    };
    let service = ServiceId(ambient.id());
    let beginning = beginning(ambient, Name::new("Large")?);
    let mut commands = vec![
        beginning.map_err(|problems| format!("{problems:?}"))?,
        Command::AddService {
            id: service,
            number: None,
            key: None,
            name: Name::new("Portal")?,
        },
        Command::Grant {
            grant: GrantRef {
                resource: Locator::root(),
                subject: SubjectRef::Service(service.into()),
                role: "admin".into(),
                parameters: Parameters::none(),
            },
            expires_at: None,
        },
    ];
    commands.extend(tokens.iter().map(|token| Command::CreateToken {
        id: TokenId(ambient.id()),
        service: service.into(),
        hash: token.hash(),
        hint: token.hint().into(),
        expires_at: None,
    }));
    commands.extend(signer.trust());
    let caller = Caller {
        tenant,
        actor: Actor::Operator,
    };
    tenants
        .create(
            row,
            caller,
            "bench",
            &HeadRequest::default(),
            &commands,
            None,
        )
        .await?;
    let open = tenants.open(tenant).await?;
    let state = open.ok_or("the tenant is not there")?.state()?;
    tenants.close().await;
    Ok((*state).clone())
}
