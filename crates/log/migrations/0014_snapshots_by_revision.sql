-- Of PostgreSQL only: the key of a snapshot is tenant and revision, so that there is another
-- one where the newest is damaged or too new.
ALTER TABLE snapshot DROP CONSTRAINT IF EXISTS snapshot_pkey;

ALTER TABLE snapshot ADD CONSTRAINT snapshot_pkey PRIMARY KEY (tenant_id, revision);
