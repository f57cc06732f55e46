//! The rival's data, from attache's state.

use std::path::Path;

use attache_core::ask::{Field, MemberQuery};
use attache_core::id::Node;
use attache_core::model::{Status, User};
use attache_core::{Actor, State};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use super::tables::{CUSTOMERS, INDEXES, MEMBER_ROLES, MEMBERSHIPS, ROLES, TOKENS, Table, USERS};
use crate::{Failure, table};

/// How many rows go with a statement.
const AT_ONCE: usize = 20_000;

type Rows<'a> = Box<dyn Iterator<Item = Value> + Send + 'a>;

/// Into a new file.
pub(super) async fn sqlite(file: &Path, state: &State, tokens: &[String]) -> Result<(), Failure> {
    table::note("making the rival's SQLite");
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let run = async |connection: &mut SqliteConnection, sql: String| {
        connection.execute(AssertSqlSafe(sql)).await
    };
    run(&mut connection, "BEGIN".to_owned()).await?;
    for (of, rows) in rows(state, tokens) {
        run(&mut connection, of.create_in_sqlite()).await?;
        let mut batches = Batches(rows);
        while let Some(batch) = batches.next()? {
            let insert = sqlx::query(AssertSqlSafe(of.insert_in_sqlite()));
            insert.bind(batch).execute(&mut connection).await?;
        }
    }
    let after = INDEXES
        .into_iter()
        .chain(["COMMIT", "ANALYZE", "PRAGMA journal_mode = WAL"]);
    for sql in after {
        run(&mut connection, sql.to_owned()).await?;
    }
    Ok(connection.close().await?)
}

/// Into an empty database.
pub(super) async fn postgres(url: &str, state: &State, tokens: &[String]) -> Result<(), Failure> {
    table::note("making the rival's PostgreSQL");
    let mut connection = PgConnection::connect(url).await?;
    let mut transaction = connection.begin().await?;
    for (of, rows) in rows(state, tokens) {
        let create = AssertSqlSafe(of.create_in_postgres());
        transaction.execute(create).await?;
        let mut batches = Batches(rows);
        while let Some(batch) = batches.next()? {
            let insert = sqlx::query(AssertSqlSafe(of.insert_in_postgres()));
            insert.bind(batch).execute(&mut *transaction).await?;
        }
        let add_key = AssertSqlSafe(of.add_key_in_postgres());
        transaction.execute(add_key).await?;
    }
    for index in INDEXES {
        transaction.execute(index).await?;
    }
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// Rows, many at once, as JSON.
struct Batches<'a>(Rows<'a>);

impl Batches<'_> {
    fn next(&mut self) -> Result<Option<String>, Failure> {
        let rows: Vec<Value> = self.0.by_ref().take(AT_ONCE).collect();
        match rows.is_empty() {
            true => Ok(None),
            false => Ok(Some(serde_json::to_string(&rows)?)),
        }
    }
}

/// All that stands in the tables. Of the state only customers and their members.
fn rows<'a>(state: &'a State, tokens: &'a [String]) -> [(Table, Rows<'a>); 6] {
    let customers = || {
        let kind = state.kind_index("customer");
        kind.into_iter()
            .flat_map(|kind| state.resources_of_kind(kind))
    };
    let roles = state
        .catalogue()
        .map(|it| it.roles.as_slice())
        .unwrap_or_default();
    [
        (USERS, Box::new(state.users().map(|node| user(&node.user)))),
        (
            CUSTOMERS,
            Box::new(customers().filter_map(|node| {
                let customer = state.resource(node)?;
                Some(json!([
                    node.0,
                    id(customer.id.0),
                    customer.name.to_string()
                ]))
            })),
        ),
        (
            MEMBERSHIPS,
            Box::new(customers().flat_map(|node| {
                let members = state.view(state.at()).members(node);
                members.map(move |member| {
                    let added = member.membership.added_at().as_millis();
                    json!([node.0, member.user().number.0, added])
                })
            })),
        ),
        (
            ROLES,
            Box::new(roles.iter().enumerate().map(|(place, role)| {
                let (label, about) = (&role.label, &role.description);
                json!([place, id(role.id.0), role.name.to_string(), label, about])
            })),
        ),
        (
            MEMBER_ROLES,
            Box::new(customers().flat_map(move |node| member_roles(state, node))),
        ),
        (
            TOKENS,
            Box::new(tokens.iter().map(|token| {
                let hash = digest(&SHA256, token.as_bytes());
                let hash: String = hash
                    .as_ref()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                json!([hash, true, null, null])
            })),
        ),
    ]
}

fn id(id: Uuid) -> String {
    id.simple().to_string()
}

fn user(user: &User) -> Value {
    let by = |actor: Actor| match actor {
        Actor::User(by) => Some(id(by.0)),
        Actor::Service(by) => Some(id(by.0)),
        Actor::Operator | Actor::Attache => None,
    };
    let profile = &user.profile;
    let text = |name: &Option<attache_core::model::Name>| name.as_ref().map(ToString::to_string);
    json!([
        user.number.0,
        id(user.id.0),
        text(&profile.first_name).unwrap_or_default(),
        text(&profile.last_name).unwrap_or_default(),
        profile.email.as_ref().map(ToString::to_string),
        text(&profile.phone),
        user.facts.email_verified,
        user.facts.first_login,
        user.created_at.as_millis(),
        by(user.created_by),
        user.updated_at.as_millis(),
        by(user.updated_by),
        user.facts
            .external_auth_id
            .as_ref()
            .map(ToString::to_string),
        match user.status {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::Invited => "INVITED",
        },
    ])
}

fn member_roles(state: &State, node: Node) -> Vec<Value> {
    let all = state
        .catalogue()
        .map(|it| it.roles.as_slice())
        .unwrap_or_default();
    let page = state
        .view(state.at())
        .list(node, &MemberQuery::all(Field::Number));
    let mut rows = Vec::new();
    for member in page.items {
        let user = member.user().number;
        let mut places: Vec<usize> = state
            .view(state.at())
            .roles_on(node, user)
            .into_iter()
            .filter_map(|role| all.iter().position(|other| other.id == role.id))
            .collect();
        places.sort_unstable();
        rows.extend(
            places
                .into_iter()
                .map(|place| json!([node.0, user.0, place])),
        );
    }
    rows
}
