-- Which entries speak of a thing: an index, made from the entries in blocks, that can be
-- deleted and is made anew.
CREATE TABLE IF NOT EXISTS entry_about (
    tenant_id TEXT   NOT NULL,
    about     BIGINT NOT NULL, -- a part of all ids, by their hash
    revision  BIGINT NOT NULL, -- the last entry of the block
    entries   BLOB   NOT NULL, -- which of its entries speak of which ids of this part
    PRIMARY KEY (tenant_id, about, revision)
) WITHOUT ROWID;

-- Tenants whose entries of an older version are being brought into the form of today, and up
-- to which revision they are.
CREATE TABLE IF NOT EXISTS rewriting (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    revision  BIGINT NOT NULL
);
