//! Entries that none of the test's servers wrote.

use attache_own_postgres::Postgres;

/// What a newer server may one day write, and what this one knows.
pub(crate) const UNKNOWN: &str =
    r#"[{"type":"user_frozen","user":"0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34"}]"#;
pub(crate) const KNOWN: &str = r#"[{"type":"group_added","group":"0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e35","number":1000,"name":"Late"}]"#;

/// Write an entry as another server would, after the last one.
pub(crate) fn append(postgres: &Postgres, database: &str, tenant: &str, changes: &str) {
    let id = uuid::Uuid::now_v7();
    let insert = format!(
        "INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes) \
         SELECT tenant_id, max(revision) + 1, '{id}', max(at) + 1, 'operator', 'newer', '{changes}' \
         FROM entry WHERE tenant_id = '{tenant}' GROUP BY tenant_id"
    );
    postgres.sql(database, &insert);
}

/// Take away the entries after a revision.
pub(crate) fn take_back(postgres: &Postgres, database: &str, tenant: &str, last: u64) {
    let delete = format!("DELETE FROM entry WHERE tenant_id = '{tenant}' AND revision > {last}");
    postgres.sql(database, &delete);
}
