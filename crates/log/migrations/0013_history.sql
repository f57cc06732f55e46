-- The changes of each thing, parted by things and by segments of the log: made from the
-- entries, so that it can be deleted and is made anew. It names nobody.
CREATE TABLE IF NOT EXISTS history (
    tenant_id TEXT   NOT NULL,
    thing     BLOB   NOT NULL, -- the 16 bytes of its id; zeros for the catalogue
    first     BIGINT NOT NULL, -- the first entry of the segment
    changes   BLOB   NOT NULL, -- those of the thing in the segment
    PRIMARY KEY (tenant_id, thing, first)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS history_segment (
    tenant_id   TEXT   NOT NULL,
    first       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    entry       TEXT   NOT NULL, -- the id of the last entry: rows of another are left over
    merging     TEXT,            -- the same of a larger segment that is taking its place
    changes     BIGINT NOT NULL, -- how many the entries have
    memberships BIGINT NOT NULL, -- how many there had ever been after the last entry
    PRIMARY KEY (tenant_id, first)
) WITHOUT ROWID;
