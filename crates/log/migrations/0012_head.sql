-- How an entry came about, besides its author: through which door, for which user, and who
-- approved it. NULL where nothing was said, as in all entries of an older attache.
ALTER TABLE entry ADD COLUMN origin TEXT;

ALTER TABLE entry ADD COLUMN on_behalf_of TEXT;

ALTER TABLE entry ADD COLUMN approved_by TEXT;
