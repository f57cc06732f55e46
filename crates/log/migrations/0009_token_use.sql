-- When API tokens were last used, off the log of entries: written now and then, and not
-- with every request. A row that is lost, or too old, changes nothing of who may do what.
CREATE TABLE IF NOT EXISTS token_use (
    tenant_id TEXT   NOT NULL,
    token_id  TEXT   NOT NULL,
    used_at   BIGINT NOT NULL, -- milliseconds since 1970
    PRIMARY KEY (tenant_id, token_id)
);
