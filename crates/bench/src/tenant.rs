//! Tenants to write to, made through the operator's API.

use serde_json::json;

use crate::Failure;
use crate::attache::{OperatorToken, Server};
use crate::connection::{Caller, Connection};

/// Make a tenant with a customer, and a service that may do everything there.
/// Who that service is.
pub(crate) async fn create(
    server: &Server,
    operator: &OperatorToken,
    slug: &str,
) -> Result<Caller, Failure> {
    let mut connection = Connection::new(server.address);
    let mut caller = Caller {
        token: operator.token.clone(),
        tenant: None,
    };
    let tenant = json!({"slug": slug, "domains": [format!("{slug}.example")]});
    let asked = connection.post(&caller, "/api/v1/tenants", tenant.to_string());
    asked.await?.expect(201)?;
    caller.tenant = Some(slug.to_owned());
    let steps = [
        (
            "resources",
            json!({"kind": "customer", "key": "harbour-bakery", "name": "Harbour Bakery"}),
        ),
        ("services", json!({"key": "portal", "name": "Portal"})),
        (
            "resources/tenant/grants",
            json!({"subject": "service:portal", "role": "admin"}),
        ),
    ];
    for (path, body) in steps {
        let path = format!("/api/v1/{path}");
        let asked = connection.post(&caller, &path, body.to_string());
        asked.await?.expect(201)?;
    }
    let path = "/api/v1/services/portal/tokens";
    let asked = connection.post(&caller, path, "{}".to_owned()).await?;
    let token = asked.expect(201)?;
    let token = token["secret"].as_str().ok_or("a token has no secret")?;
    Ok(Caller {
        token: token.to_owned(),
        tenant: None,
    })
}

/// Make many.
pub(crate) async fn create_many(
    server: &Server,
    operator: &OperatorToken,
    name: &str,
    count: usize,
) -> Result<Vec<Caller>, Failure> {
    let mut callers = Vec::with_capacity(count);
    for number in 0..count {
        callers.push(create(server, operator, &format!("{name}-{number}")).await?);
    }
    Ok(callers)
}
