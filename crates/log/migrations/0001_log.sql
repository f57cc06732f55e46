-- A tenant's history is an ordered list of entries, and nothing else is stored.
-- Every key begins with the tenant.

CREATE TABLE IF NOT EXISTS tenant (
    id         TEXT   NOT NULL PRIMARY KEY,
    slug       TEXT   NOT NULL UNIQUE,
    domains    TEXT   NOT NULL, -- a JSON array of web domains
    created_at BIGINT NOT NULL  -- milliseconds since 1970
) WITHOUT ROWID;

-- One lean table: the rows stand in the order of their key, without a second index.
CREATE TABLE IF NOT EXISTS entry (
    tenant_id      TEXT   NOT NULL,
    revision       BIGINT NOT NULL,
    id             TEXT   NOT NULL, -- how a writer recognises its own entry
    at             BIGINT NOT NULL, -- milliseconds since 1970
    actor          TEXT   NOT NULL, -- user:<id>, service:<id>, operator or attache
    correlation_id TEXT   NOT NULL,
    changes        TEXT   NOT NULL, -- a JSON array
    profiles       TEXT,            -- the personal data, by user, as JSON; NULL where there is none or it was erased
    PRIMARY KEY (tenant_id, revision)
) WITHOUT ROWID;

-- Only to open a tenant faster. Can be thrown away.
CREATE TABLE IF NOT EXISTS snapshot (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    revision  BIGINT NOT NULL,
    format    BIGINT NOT NULL,
    state     BLOB   NOT NULL
);
