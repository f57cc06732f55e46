//! Tokens of services as commands of the core, for new tenants that have no API to ask
//! yet.

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{Key, ServiceId, TenantId, TokenId};
use attache_core::model::{Name, Parameters};
use attache_core::reference::Ref;
use attache_core::{Command, HeadRequest, Locator, Origin, Timestamp};

use super::CliError;
use super::data::{self, operator};
use attache_ambient::Ambient;
use attache_http::api_token::ApiToken;
use attache_log::TenantRow;
use attache_tenants::{Tenants, Write};

/// Creates a token for a service, with its grants, in one entry.
pub(super) async fn create(
    tenants: &Tenants,
    row: &TenantRow,
    service: &str,
    grants: &[(String, Locator)],
    expires_at: Option<Timestamp>,
) -> Result<ApiToken, CliError> {
    let (state, _) = data::state(tenants, row, None).await?;
    let ambient = tenants.ambient();
    let mut all = Vec::new();
    if state.find_service(&Ref::text(service)).is_none() {
        all.push(add_service(ambient, service)?);
    }
    let (token, more) = commands(ambient, row.id, service, grants, expires_at);
    all.extend(more);
    let correlation_id = ambient.id().to_string();
    let write = Write::new(operator(row.id), &correlation_id, all);
    let write = write.with_head(HeadRequest::through(Origin::CLI));
    tenants.write_on(&write).await?;
    Ok(token)
}

/// Returns the command that adds a service with this key.
pub(super) fn add_service(ambient: &Ambient, service: &str) -> Result<Command, CliError> {
    let wrong = |reason: &str| CliError::new(format!("--service {reason}"));
    Ok(Command::AddService {
        id: ServiceId(ambient.id()),
        number: None,
        key: Some(Key::new(service).map_err(wrong)?),
        name: Name::new(service).map_err(wrong)?,
    })
}

/// Makes a token, and the commands that grant its service's roles and add the token.
pub(super) fn commands(
    ambient: &Ambient,
    tenant: TenantId,
    service: &str,
    grants: &[(String, Locator)],
    expires_at: Option<Timestamp>,
) -> (ApiToken, Vec<Command>) {
    let token = ApiToken::new(tenant, ambient);
    let grant = |(role, resource): &(String, Locator)| Command::Grant {
        grant: GrantRef {
            resource: resource.clone(),
            subject: SubjectRef::Service(Ref::text(service)),
            role: role.as_str().into(),
            parameters: Parameters::none(),
        },
        expires_at: None,
    };
    let mut commands: Vec<Command> = grants.iter().map(grant).collect();
    commands.push(Command::CreateToken {
        id: TokenId(ambient.id()),
        service: Ref::text(service),
        hash: token.hash(),
        hint: token.hint().into(),
        expires_at,
    });
    (token, commands)
}
