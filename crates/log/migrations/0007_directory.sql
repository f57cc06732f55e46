-- Which tenant has a web domain: each is one tenant's only. What stands in the list of
-- a tenant stands here too.
CREATE TABLE IF NOT EXISTS domain (
    domain    TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS domain_tenant ON domain (tenant_id);

-- The place of a row among all that were changed, so that what is new is found without
-- looking at all. 0 where an older attache wrote it.
ALTER TABLE tenant ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS tenant_changed ON tenant (changed);

ALTER TABLE issuer ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS issuer_changed ON issuer (changed);

UPDATE issuer SET changed = 1;
