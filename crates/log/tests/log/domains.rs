//! The table of domains, where it is not as the tenants' lists say.

use attache_log::{
    DirectoryError, DirectoryMark, Installation as _, Location, SqlLog, TenantDirectory as _,
    TenantRow,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{Database, beginning, tenant};

/// Changes the database behind the log's back.
async fn execute(database: &impl Database, statement: &'static str) {
    match database.location() {
        Location::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path);
            let mut connection = options.connect().await.unwrap();
            let done = sqlx::query(statement).execute(&mut connection).await;
            done.unwrap();
        }
        Location::Postgres(_) => {
            let url = database.url().unwrap();
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let done = sqlx::query(statement).execute(&mut connection).await;
            done.unwrap();
        }
    }
}

/// Whether another tenant may have a domain.
async fn is_free(log: &SqlLog, domain: &str) -> bool {
    let thief = TenantRow {
        domains: vec![domain.to_owned()],
        ..tenant("thief")
    };
    let first = beginning(&thief).0;
    match log.create_tenant(thief, first, None).await {
        Ok(()) => true,
        Err(DirectoryError::Taken { field, .. }) => {
            assert_eq!(field, "domain");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

pub(super) async fn a_domain_is_the_tenants_that_lists_it(database: impl Database) {
    let log = database.open().await;
    for name in ["acme", "globex"] {
        let row = tenant(name);
        let created = log.create_tenant(row.clone(), beginning(&row).0, None);
        created.await.unwrap();
    }
    log.close().await;
    for damage in [
        "UPDATE domain SET domain = 'acme.examplf' WHERE domain = 'acme.example'",
        "DELETE FROM domain",
        "UPDATE domain SET tenant_id = (SELECT id FROM tenant WHERE slug = 'globex')",
        "INSERT INTO domain (domain, tenant_id) VALUES ('free.example', 'nobody')",
    ] {
        execute(&database, damage).await;
        let log = database.open().await;
        // As a server does when it starts.
        let all = log.directory_since(DirectoryMark::default()).await.unwrap();
        assert_eq!(all.tenants.len(), 2, "{damage}");
        for domain in ["acme.example", "globex.example"] {
            assert!(!is_free(&log, domain).await, "{damage}: {domain}");
        }
        log.close().await;
    }
    let log = database.open().await;
    log.directory_since(DirectoryMark::default()).await.unwrap();
    assert!(is_free(&log, "free.example").await);
}
