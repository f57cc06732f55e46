-- Of SQLite only: a table without row ids is ordered by whole rows, so that who
-- looks for a place reads the entries that stand before it, of megabytes where
-- much was imported. Here the key stands by itself. Nothing of an entry changes.
CREATE TABLE entry_by_its_key (
    tenant_id      TEXT   NOT NULL,
    revision       BIGINT NOT NULL,
    id             TEXT   NOT NULL, -- how a writer recognises its own entry
    at             BIGINT NOT NULL, -- milliseconds since 1970
    actor          TEXT   NOT NULL, -- user:<id>, service:<id>, operator or attache
    correlation_id TEXT   NOT NULL,
    changes        TEXT   NOT NULL, -- a JSON array
    profiles       TEXT,            -- the personal data, by user, as JSON; NULL where there is none or it was erased
    PRIMARY KEY (tenant_id, revision)
);

INSERT INTO entry_by_its_key (tenant_id, revision, id, at, actor, correlation_id, changes, profiles)
    SELECT tenant_id, revision, id, at, actor, correlation_id, changes, profiles
    FROM entry ORDER BY tenant_id, revision;

DROP TABLE entry;

ALTER TABLE entry_by_its_key RENAME TO entry;
