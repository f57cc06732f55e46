-- Of SQLite only: snapshots are files beside the database. One in the database
-- would hold the lock that every commit needs for as long as it is large. Nothing
-- is lost: a tenant without a snapshot is made from its entries.
DROP TABLE snapshot;
