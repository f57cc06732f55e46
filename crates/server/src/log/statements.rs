//! What is said to the database: one text for SQLite and PostgreSQL.

pub(super) const INSERT_ENTRY: &str = "\
    INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes, profiles) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT (tenant_id, revision) DO NOTHING";

pub(super) const READ_AFTER: &str = "\
    SELECT revision, id, at, actor, correlation_id, changes, profiles FROM entry \
    WHERE tenant_id = $1 AND revision > $2 ORDER BY revision LIMIT $3";

pub(super) const LOAD_SNAPSHOT: &str = "\
    SELECT revision, format, state FROM snapshot WHERE tenant_id = $1";

/// Keeps the newer one: two servers may save at the same time.
pub(super) const SAVE_SNAPSHOT: &str = "\
    INSERT INTO snapshot (tenant_id, revision, format, state) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant_id) DO UPDATE SET \
        revision = excluded.revision, format = excluded.format, state = excluded.state \
    WHERE snapshot.format < excluded.format \
        OR (snapshot.format = excluded.format AND snapshot.revision < excluded.revision)";

pub(super) const TENANTS: &str = "SELECT id, slug, domains, created_at FROM tenant ORDER BY slug";

pub(super) const INSERT_TENANT: &str =
    "INSERT INTO tenant (id, slug, domains, created_at) VALUES ($1, $2, $3, $4)";

pub(super) const INSERT_ISSUER: &str = "\
    INSERT INTO issuer (tenant_id, issuer) VALUES ($1, $2) \
    ON CONFLICT (tenant_id, issuer) DO NOTHING";

pub(super) const ISSUERS: &str = "SELECT tenant_id, issuer FROM issuer ORDER BY tenant_id, issuer";

pub(super) const UPDATE_TENANT: &str = "UPDATE tenant SET slug = $2, domains = $3 WHERE id = $1";
