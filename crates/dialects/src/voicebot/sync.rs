//! `POST /customers/{id}/users`

use attache_core::{Command, Ref, Refusal};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{Message, Unprocessable};
use super::user::Users;
use attache_http::number::Numbers;
use attache_http::{App, Fault, JsonText, PathIds, Problem, Session};

/// The users to attach.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct SyncBody {
    /// The ids of all users who are attached afterwards. Other users are detached. A
    /// repeated id counts once.
    #[serde(default)]
    #[schema(value_type = Vec<i64>, required = true)]
    user_ids: Numbers,
}

/// Sync users with a customer.
///
/// Afterwards, exactly the named users are attached. The sync happens completely or not
/// at all. A detached user loses its roles on the customer. Needs the permissions
/// `customers.users.add` and `customers.users.remove` on the customer. The answer equals
/// that of the list.
#[utoipa::path(
    post,
    path = "/customers/{id}/users",
    tag = "customers",
    params(("id" = i64, Path, description = "The customer's number.")),
    request_body = SyncBody,
    responses(
        (status = 200, description = "Success", body = Users),
        (status = 400, description = "The body is not JSON.", body = Message),
        (status = 404, description = "The customer does not exist, or the caller does not see it.", body = Message),
        (status = 422, description = "The body is invalid. Nothing was changed.", body = Unprocessable),
    ),
)]
pub(super) async fn sync(
    State(app): State<App>,
    mut session: Session,
    PathIds(id): PathIds<String>,
    body: JsonText,
) -> Result<Response, Problem> {
    let resource = super::customer(&id);
    let users = user_ids(body, app.limits().sync_users)?;
    let command = Command::SyncMembers {
        resource: resource.clone(),
        users,
        // The published document has no ends of memberships.
        expires_at: None,
        allow_mass_detach: true,
    };
    let list = session.list();
    let written = session.write(command, list).await;
    written.map_err(at_their_places)?;
    let customer = session
        .subject()
        .state()
        .find(&resource)
        .ok_or_else(|| Refusal::NotFound {
            what: "customer".into(),
        })?;
    Users::answer_untagged(&session, customer).await
}

fn user_ids(body: JsonText, most: usize) -> Result<Vec<Ref>, Problem> {
    // A body that is not an object has no such list.
    let given = body.object().ok();
    let given = given.and_then(|text| serde_json::from_slice::<SyncBody>(&text).ok());
    let ids = match given.unwrap_or_default().user_ids {
        Numbers::List(ids) => ids,
        Numbers::Missing => return Err(Problem::invalid("user_ids", "is required")),
        Numbers::Other => {
            return Err(Problem::invalid(
                "user_ids",
                "must be a list of whole numbers",
            ));
        }
    };
    if ids.len() > most {
        let reason = format!("must name at most {most} users");
        return Err(Problem::invalid("user_ids", reason));
    }
    let mut users = Vec::with_capacity(ids.len());
    let mut faults = Vec::new();
    for (position, id) in ids.into_iter().enumerate() {
        match id {
            Some(number) => users.push(Ref::Number(number)),
            None => faults.push(Fault::new(
                format!("user_ids.{position}"),
                "must be a whole number",
            )),
        }
    }
    if faults.is_empty() {
        Ok(users)
    } else {
        Err(Problem::Invalid(faults))
    }
}

/// Names unknown users by their positions in the list.
fn at_their_places(problem: Problem) -> Problem {
    let (positions, reason) = match problem {
        Problem::Refused(Refusal::UnknownUsers { positions }) => (positions, "is no user's id"),
        Problem::Refused(Refusal::NotInParent { positions, .. }) => (
            positions,
            "is not attached to what the customer stands under",
        ),
        other => return other,
    };
    let fault = |position| Fault::new(format!("user_ids.{position}"), reason);
    Problem::Invalid(positions.into_iter().map(fault).collect())
}
