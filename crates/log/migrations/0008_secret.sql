-- Random bytes that all servers of an installation share and no answer shows, made
-- when they are first needed. With new ones, cursors that were given end.
CREATE TABLE IF NOT EXISTS secret (
    name  TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);
