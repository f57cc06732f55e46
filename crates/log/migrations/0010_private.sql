-- What of an entry names a person or a company, a row for each thing that it names. The entry
-- holds a commitment to each row: SHA-256 of the salt and the data. A row can be deleted.
CREATE TABLE IF NOT EXISTS private (
    tenant_id TEXT   NOT NULL,
    revision  BIGINT NOT NULL,
    about     TEXT   NOT NULL, -- the id of the thing: a user, a resource, a group, a service, an issuer
    salt      BLOB   NOT NULL, -- 32 random bytes
    data      TEXT   NOT NULL, -- canonical JSON
    PRIMARY KEY (tenant_id, revision, about)
) WITHOUT ROWID;

-- NULL where there are none: for each private row, the id's 16 bytes and the hash's 32.
ALTER TABLE entry ADD COLUMN commitments BLOB;

-- Long changes, in place of the text in `changes`, which is empty then: a byte that names the
-- form, 1 for zstd, and a frame of the same JSON.
ALTER TABLE entry ADD COLUMN packed BLOB;
