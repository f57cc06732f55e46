-- Tenants whose writers wait, for a bounded while, until large work is written. A row
-- is removed when the work is done, or when those who wait have waited long enough.
CREATE TABLE IF NOT EXISTS hold (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    id        TEXT   NOT NULL, -- which one: its time is counted once
    millis    BIGINT NOT NULL  -- for how long at the most
);
