//! The rival's server.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attache_core::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use clap::Args;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, PgPool, Row as _, SqlitePool};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::record::{Data, Record, Subrole, Users};
use super::statements::{COUNT, CUSTOMER, LIST_IN_POSTGRES, LIST_IN_SQLITE, TOKEN};
use crate::Failure;

/// How many records are on a page.
const PAGE: usize = 100;
/// How many connections there are to each database.
const TO_SQLITE: u32 = 4;
const TO_POSTGRES: u32 = 16;

/// Serve the rival's list from a database. Only this program calls this.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    url: String,
}

/// Where its data is.
#[derive(Clone)]
enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Serve {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let began = Instant::now();
        let database = open(&self.url).await?;
        let opened = began.elapsed().as_secs_f64();
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let mut out = std::io::stdout();
        writeln!(out, "{} {opened}", listener.local_addr()?)?;
        out.flush()?;
        let router = Router::new()
            .route("/auth/api/v1/customers/{customer}/users", get(users))
            .with_state(database);
        let listener = listener.tap_io(|stream| {
            // What it would save does not matter to who does not get it.
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, router).await?)
    }
}

async fn open(url: &str) -> Result<Database, Failure> {
    if url.starts_with("sqlite:") {
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .read_only(true)
            .pragma("mmap_size", "8589934592")
            .pragma("cache_size", "-65536")
            .disable_statement_logging();
        // A pool that asks whether a connection lives each time it lends it
        // would take twice as long.
        let pool = SqlitePoolOptions::new()
            .min_connections(TO_SQLITE)
            .max_connections(TO_SQLITE)
            .test_before_acquire(false);
        return Ok(Database::Sqlite(pool.connect_with(options).await?));
    }
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .min_connections(TO_POSTGRES)
        .max_connections(TO_POSTGRES)
        .test_before_acquire(false);
    // No statement is planned anew each time: the plan is the same for all.
    let options = options
        .options([("plan_cache_mode", "force_generic_plan")])
        .disable_statement_logging();
    Ok(Database::Postgres(pool.connect_with(options).await?))
}

async fn users(
    State(database): State<Database>,
    Path(customer): Path<Uuid>,
    headers: HeaderMap,
) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let Some(token) = header.and_then(|it| it.strip_prefix("Bearer ")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let hash = digest(&SHA256, token.as_bytes()).as_ref().to_vec();
    let answer = match &database {
        Database::Sqlite(pool) => in_sqlite(pool, hash, customer).await,
        Database::Postgres(pool) => in_postgres(pool, hash, customer).await,
    };
    match answer {
        Ok(Ok(body)) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Ok(Err(status)) => status.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

/// The same for two databases: their types have nothing in common that says
/// as much in fewer words.
macro_rules! list {
    ($name:ident, $pool:ty, $list:expr) => {
        async fn $name(
            pool: &$pool,
            hash: Vec<u8>,
            customer: Uuid,
        ) -> Result<Result<Vec<u8>, StatusCode>, Failure> {
            let mut connection = pool.acquire().await?;
            let token = sqlx::query_scalar(TOKEN).bind(hash).bind(now());
            match token.fetch_optional(&mut *connection).await? {
                None => return Ok(Err(StatusCode::UNAUTHORIZED)),
                Some(false) => return Ok(Err(StatusCode::FORBIDDEN)),
                Some(true) => {}
            }
            // One more than a page holds: then there are more pages.
            let list = sqlx::query($list).bind(customer).bind(PAGE as i64 + 1);
            let rows = list.fetch_all(&mut *connection).await?;
            let mut total = rows.len();
            if rows.is_empty() {
                let found = sqlx::query(CUSTOMER).bind(customer);
                if found.fetch_optional(&mut *connection).await?.is_none() {
                    return Ok(Err(StatusCode::BAD_REQUEST));
                }
            } else if total > PAGE {
                let count = sqlx::query_scalar::<_, i64>(COUNT).bind(customer);
                total = usize::try_from(count.fetch_one(&mut *connection).await?)?;
            }
            drop(connection);
            let records = rows.iter().take(PAGE).map(|row| {
                let role: Option<Uuid> = row.try_get(13)?;
                let subrole = match role {
                    None => None,
                    Some(id) => Some(Subrole {
                        id,
                        code: row.try_get(14)?,
                        display_name: row.try_get(15)?,
                        label: row.try_get(15)?,
                        description: row.try_get(16)?,
                    }),
                };
                Ok(Record {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    mobile: row.try_get(4)?,
                    is_email_verified: row.try_get(5)?,
                    is_first_login: row.try_get(6)?,
                    created_at: Timestamp::from_millis(row.try_get(7)?),
                    created_by: row.try_get(8)?,
                    updated_at: Timestamp::from_millis(row.try_get(9)?),
                    updated_by: row.try_get(10)?,
                    ext_auth_ref_id: row.try_get(11)?,
                    status: row.try_get(12)?,
                    subrole,
                })
            });
            let records = records.collect::<Result<Vec<_>, sqlx::Error>>()?;
            let users = Users {
                status: "success",
                message: "Success",
                data: Data {
                    records,
                    total_pages: total.div_ceil(PAGE),
                    total_items: total.to_string(),
                },
            };
            Ok(Ok(serde_json::to_vec(&users)?))
        }
    };
}

list!(in_sqlite, SqlitePool, LIST_IN_SQLITE);
list!(in_postgres, PgPool, LIST_IN_POSTGRES);
