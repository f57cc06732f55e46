-- Writes that clients may ask for again without their being done again. Each row
-- is written with the entry that the write became, and forgotten after a while.
CREATE TABLE IF NOT EXISTS request (
    tenant_id   TEXT   NOT NULL,
    key         TEXT   NOT NULL, -- SHA-256 of the caller and its Idempotency-Key
    fingerprint TEXT   NOT NULL, -- SHA-256 of what was asked
    revision    BIGINT NOT NULL, -- the entry that it became
    at          BIGINT NOT NULL, -- milliseconds since 1970
    PRIMARY KEY (tenant_id, key)
);

-- To forget the old ones without looking at all.
CREATE INDEX IF NOT EXISTS request_at ON request (at);
