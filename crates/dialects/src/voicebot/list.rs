//! `GET /customers/{id}/users`

use axum::response::Response;

use super::error::Message;
use super::user::Users;
use attache_http::{PathIds, Problem, Session};

/// List the users who are attached to a customer.
///
/// Needs the permission `customers.users.list` on the customer. Users who hold
/// `admin` on the whole tenant are not shown.
#[utoipa::path(
    get,
    path = "/customers/{id}/users",
    tag = "customers",
    params(("id" = i64, Path, description = "The customer's number.")),
    responses(
        (status = 200, description = "Success", body = Users),
        (status = 404, description = "The customer does not exist, or the caller does not see it.", body = Message),
    ),
)]
pub(super) async fn list(
    session: Session,
    PathIds(id): PathIds<String>,
) -> Result<Response, Problem> {
    let customer = session.authorize(&super::customer(&id), "users.list")?;
    Users::answer(&session, customer).await
}
