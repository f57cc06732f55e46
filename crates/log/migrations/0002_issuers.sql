-- Which tenants an issuer's tokens may be of. Only an index: what a tenant
-- accepts now is said by its state. Rows are added with the entry that names
-- the issuer and never deleted, so it may say too much and never too little.
CREATE TABLE IF NOT EXISTS issuer (
    tenant_id TEXT NOT NULL,
    issuer    TEXT NOT NULL, -- the claim `iss`, to the character
    PRIMARY KEY (tenant_id, issuer)
);
