//! What is said to the database: one text for SQLite and PostgreSQL.

/// The columns of an entry, in the order in which `row::copy` reads them.
macro_rules! columns {
    () => {
        "revision, id, at, actor, correlation_id, changes, profiles, packed, commitments, \
         origin, on_behalf_of, approved_by"
    };
}

/// The same, without the content of an entry that is large: its changes are empty then, and it
/// is read alone.
macro_rules! columns_of_small {
    () => {
        concat!(
            "revision, id, at, actor, correlation_id, ",
            small!("changes", "''"),
            ", ",
            small!("profiles", "NULL"),
            ", ",
            small!("packed", "NULL"),
            ", ",
            small!("commitments", "NULL"),
            ", origin, on_behalf_of, approved_by"
        )
    };
}

/// A column of an entry that has up to 256 KiB as it is stored, or else something in its place.
macro_rules! small {
    ($column:literal, $or_else:literal) => {
        concat!(
            "CASE WHEN octet_length(changes) + COALESCE(octet_length(profiles), 0) \
             + COALESCE(octet_length(packed), 0) + COALESCE(octet_length(commitments), 0) <= 262144 \
             THEN ",
            $column,
            " ELSE ",
            $or_else,
            " END"
        )
    };
}

/// An entry's revision and size, without its content: the bytes of the text and of what stands
/// beside it, and the beginning of packed changes, which holds their length.
macro_rules! sizes {
    () => {
        "revision, CAST(octet_length(changes) + COALESCE(octet_length(profiles), 0) \
         + 8 * COALESCE(octet_length(commitments), 0) AS BIGINT), substr(packed, 1, 19)"
    };
}

/// Before the rows, of which there can be many. Each has the entry's columns
/// and the id of the entry before it.
pub(super) const INSERT_ENTRIES: &str = concat!(
    "INSERT INTO entry (tenant_id, ",
    columns!(),
    ") SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, \
        column11, column12, column13 FROM (VALUES"
);

/// A place is taken, or what it follows is not there: then it is not inserted.
pub(super) const UNLESS_IT_IS_TAKEN: &str = "\
    ) AS new WHERE column14 = '' OR EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = column1 AND revision = column2 - 1 AND id = column14) \
    ON CONFLICT (tenant_id, revision) DO NOTHING";

/// The same, but all of it or nothing: a row that follows what is not there has
/// no tenant, and a statement that breaks a rule leaves nothing of itself.
/// PostgreSQL notes that as a failure.
pub(super) const INSERT_ALL_OR_NONE: &str = concat!(
    "INSERT INTO entry (tenant_id, ",
    columns!(),
    ") SELECT CASE WHEN column14 = '' OR EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = column1 AND revision = column2 - 1 AND id = column14) \
    THEN column1 END, column2, column3, column4, column5, column6, column7, column8, column9, column10, \
        column11, column12, column13 FROM (VALUES"
);

/// Before the rows, of which there can be many.
pub(super) const INSERT_PRIVATE: &str = "\
    INSERT INTO private (tenant_id, revision, about, salt, data) VALUES";

/// The place of the entry was free: what stands there is of an entry that the database lost.
pub(super) const THE_PART_IS_OF_THIS_ENTRY: &str = "\
    ON CONFLICT (tenant_id, revision, about) DO UPDATE SET salt = excluded.salt, data = excluded.data";

/// The revisions follow.
pub(super) const PRIVATE_AT: &str = "\
    SELECT revision, about, salt, data FROM private WHERE tenant_id = $1 AND revision IN";

/// Entries after a revision ($2) and up to another ($3) that lack private rows: an entry has a
/// commitment of 48 bytes for each.
pub(super) const ERASED: &str = "\
    SELECT revision FROM entry WHERE tenant_id = $1 AND revision > $2 AND revision <= $3 \
    AND octet_length(commitments) > 48 * \
        (SELECT COUNT(*) FROM private WHERE private.tenant_id = $1 AND private.revision = entry.revision) \
    ORDER BY revision";

/// The revisions follow.
pub(super) const OLDER_AT: &str = "\
    SELECT revision FROM entry WHERE tenant_id = $1 AND commitments IS NULL AND revision IN";

/// The revisions follow.
pub(super) const PRIVATE_KEYS_AT: &str = "\
    SELECT revision, about FROM private WHERE tenant_id = $1 AND revision IN";

pub(super) const DELETE_PRIVATE: &str = "\
    DELETE FROM private WHERE tenant_id = $1 AND revision = $2 AND about = $3";

pub(super) const READ_AFTER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM entry WHERE tenant_id = $1 AND revision > $2 ORDER BY revision LIMIT $3"
);

pub(super) const SIZES_AFTER: &str = concat!(
    "SELECT ",
    sizes!(),
    " FROM entry WHERE tenant_id = $1 AND revision > $2 ORDER BY revision LIMIT $3"
);
pub(super) const TIME_OF_ENTRY: &str = "\
    SELECT revision, id, at FROM entry WHERE tenant_id = $1 AND revision = $2";

/// Halves the entries up to $3 until one is left, the last that is not later than $2; 0 if
/// the first is. No row where entries are missing. The order of the join is said by CROSS
/// JOIN: SQLite keeps it.
pub(super) const LAST_ENTRY_BY: &str = "\
    WITH RECURSIVE part (low, high) AS (\
        SELECT CAST(0 AS BIGINT), CAST($3 AS BIGINT) \
        UNION ALL \
        SELECT CASE WHEN entry.at <= $2 THEN entry.revision ELSE low END, \
            CASE WHEN entry.at <= $2 THEN high ELSE entry.revision - 1 END \
        FROM part CROSS JOIN entry \
        WHERE entry.tenant_id = $1 AND entry.revision = (low + high + 1) / 2 AND low < high) \
    SELECT part.low, entry.id, entry.at FROM part \
    LEFT JOIN entry ON entry.tenant_id = $1 AND entry.revision = part.low \
    WHERE part.low = part.high";

/// The newest snapshot of a tenant up to a revision. Of PostgreSQL only, as the statements that
/// follow: over SQLite, snapshots are files.
pub(super) const LOAD_SNAPSHOT: &str = "\
    SELECT revision, format, state FROM snapshot WHERE tenant_id = $1 AND revision <= $2 \
    ORDER BY revision DESC LIMIT 1";

/// The newest in a form up to a revision, without its state.
pub(super) const SNAPSHOT_REVISION: &str = "\
    SELECT revision FROM snapshot WHERE tenant_id = $1 AND format = $2 AND revision <= $3 \
    ORDER BY revision DESC LIMIT 1";

/// All snapshots of a tenant, the newest first, of each the `snapshot::NAMED` bytes that name
/// its state.
pub(super) const STORED_SNAPSHOTS: &str = "\
    SELECT revision, format, substr(state, 1, 52) FROM snapshot WHERE tenant_id = $1 \
    ORDER BY revision DESC";

/// Saves nothing that the entries do not lead to: a database can lose its last ones ($5).
/// Leaves a snapshot of a newer version as it is.
pub(super) const SAVE_SNAPSHOT: &str = "\
    INSERT INTO snapshot (tenant_id, revision, format, state) \
    SELECT $1, $2, $3, $4 WHERE EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = $1 AND revision = $2 AND id = $5) \
    ON CONFLICT (tenant_id, revision) DO UPDATE SET \
        format = excluded.format, state = excluded.state \
    WHERE snapshot.format <= excluded.format";

pub(super) const REMOVE_EVERY_SNAPSHOT: &str = "DELETE FROM snapshot WHERE tenant_id = $1";

pub(super) const REMOVE_SNAPSHOT: &str = "\
    DELETE FROM snapshot WHERE tenant_id = $1 AND revision = $2 AND format = $3";

/// Whether an entry stands at its place.
pub(super) const STANDS: &str = "\
    SELECT 1 FROM entry WHERE tenant_id = $1 AND revision = $2 AND id = $3";

/// The last entry of a tenant, whose place among the values follows, with the
/// rest behind it. A look at the end of the key, also where there are many
/// tenants and their entries are on many machines.
pub(super) const HEAD_OF: &str = "\
    SELECT tenant_id, revision, id FROM (\
        SELECT tenant_id, revision, id FROM entry WHERE tenant_id = $";

pub(super) const IS_THE_LAST: &str = " ORDER BY revision DESC LIMIT 1) AS head";

pub(super) const TENANTS: &str = "SELECT id, slug, domains, created_at FROM tenant ORDER BY slug";

/// In the order in which they were changed; those of an older attache always, until
/// they are in that order too.
pub(super) const TENANTS_SINCE: &str = "\
    SELECT id, slug, domains, created_at, changed FROM tenant \
    WHERE changed > $1 OR changed = 0 ORDER BY changed LIMIT $2";

/// The place of the tenant that was changed last.
pub(super) const TENANTS_LAST: &str = "SELECT COALESCE(MAX(changed), 0) FROM tenant";

pub(super) const TENANT_OF: &str = "\
    SELECT id, slug, domains, created_at, changed FROM tenant WHERE id = $1";

pub(super) const TENANT_WITH_SLUG: &str = "SELECT id FROM tenant WHERE slug = $1";

pub(super) const TENANT_WITH_DOMAIN: &str = "SELECT tenant_id FROM domain WHERE domain = $1";

pub(super) const INSERT_TENANT: &str = "\
    INSERT INTO tenant (id, slug, domains, created_at, changed) \
    SELECT $1, $2, $3, $4, COALESCE(MAX(changed), 0) + 1 FROM tenant";

pub(super) const UPDATE_TENANT: &str = "\
    UPDATE tenant SET slug = $2, domains = $3, \
    changed = (SELECT COALESCE(MAX(changed), 0) + 1 FROM tenant) WHERE id = $1";

/// A row of an older attache is in the order now.
pub(super) const ORDER_TENANT: &str = "\
    UPDATE tenant SET changed = (SELECT COALESCE(MAX(changed), 0) + 1 FROM tenant) \
    WHERE id = $1 AND changed = 0";

pub(super) const DOMAINS: &str = "SELECT domain, tenant_id FROM domain";

pub(super) const DOMAINS_OF: &str = "SELECT domain FROM domain WHERE tenant_id = $1";

pub(super) const REMOVE_DOMAINS: &str = "DELETE FROM domain WHERE tenant_id = $1";

pub(super) const INSERT_DOMAIN: &str = "\
    INSERT INTO domain (domain, tenant_id) VALUES ($1, $2) ON CONFLICT (domain) DO NOTHING";

/// Two who add at the same time may get the same place.
pub(super) const INSERT_ISSUER: &str = "\
    INSERT INTO issuer (tenant_id, issuer, changed) \
    SELECT $1, $2, COALESCE(MAX(changed), 0) + 1 FROM issuer WHERE true \
    ON CONFLICT (tenant_id, issuer) DO NOTHING";

pub(super) const ISSUERS_SINCE: &str = "\
    SELECT tenant_id, issuer, changed FROM issuer \
    WHERE changed > $1 OR changed = 0 ORDER BY changed, tenant_id, issuer";

pub(super) const ISSUERS: &str = "SELECT tenant_id, issuer FROM issuer ORDER BY tenant_id, issuer";

pub(super) const ISSUERS_OF: &str = "SELECT tenant_id, issuer FROM issuer WHERE tenant_id = $1";

/// Before the rows, of which there can be many.
pub(super) const INSERT_REQUESTS: &str = "\
    INSERT INTO request (tenant_id, key, fingerprint, revision, at) VALUES";

/// Leaves a request alone that was done and is not yet forgotten ($1).
pub(super) const UNLESS_IT_IS_REMEMBERED: &str = "\
    ON CONFLICT (tenant_id, key) DO UPDATE SET \
        fingerprint = excluded.fingerprint, revision = excluded.revision, at = excluded.at \
    WHERE request.at < $1";

pub(super) const REQUESTS: &str = "\
    SELECT key, fingerprint, revision, at FROM request WHERE tenant_id = $1";

pub(super) const FIND_REQUEST: &str = "\
    SELECT fingerprint, revision FROM request WHERE tenant_id = $1 AND key = $2 AND at >= $3";

/// So many at once that nobody who wants to write waits for long.
pub(super) const FORGET_REQUESTS: &str = "\
    DELETE FROM request WHERE at < $1 AND (tenant_id, key) IN \
    (SELECT tenant_id, key FROM request WHERE at < $1 LIMIT 1000)";

/// Before the rows, of which there can be many.
pub(super) const INSERT_TOKEN_USES: &str = "\
    INSERT INTO token_use (tenant_id, token_id, used_at) VALUES";

pub(super) const THE_LATEST_STAYS: &str = "\
    ON CONFLICT (tenant_id, token_id) DO UPDATE SET used_at = excluded.used_at \
    WHERE token_use.used_at < excluded.used_at";

pub(super) const TOKEN_USES: &str = "\
    SELECT token_id, used_at FROM token_use WHERE tenant_id = $1";

pub(super) const PLACE_HOLD: &str = "\
    INSERT INTO hold (tenant_id, id, millis) VALUES ($1, $2, $3) \
    ON CONFLICT (tenant_id) DO UPDATE SET id = excluded.id, millis = excluded.millis";

pub(super) const RELEASE_HOLD: &str = "DELETE FROM hold WHERE tenant_id = $1 AND id = $2";

pub(super) const HOLDS: &str = "SELECT tenant_id, id, millis FROM hold";

/// What a probe writes: an entry that is rolled back, and a row that is removed.
pub(super) const INSERT_PROBE_ENTRY: &str = "\
    INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

pub(super) const INSERT_PROBE: &str = "\
    INSERT INTO request (tenant_id, key, fingerprint, revision, at) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (tenant_id, key) DO UPDATE SET fingerprint = excluded.fingerprint";

pub(super) const REMOVE_PROBE: &str = "DELETE FROM request WHERE tenant_id = $1 AND key = $2";

/// What is wanted of the entries, but what they are about. Where nothing is wanted of a
/// column, the bounds are wide and the texts are `%`.
macro_rules! wanted {
    ($columns:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM entry WHERE tenant_id = $1 AND revision < $2 ",
            "AND at >= $3 AND at < $4 AND actor LIKE $5 ",
            "AND (CAST($6 AS TEXT) = '' OR correlation_id = $6) AND revision > $7 ",
            "AND (CAST($8 AS TEXT) = '' OR COALESCE(origin, 'unknown') = $8) ",
            "AND (CAST($9 AS TEXT) = '' OR on_behalf_of = $9) ",
            "AND (CAST($10 AS TEXT) = '' OR approved_by = $10)",
            $rest
        )
    };
}

pub(super) const SIZES_OF_ENTRIES: &str = wanted!(sizes!(), " ORDER BY revision DESC LIMIT $11");

pub(super) const FIND_ENTRIES: &str = wanted!(columns!(), " ORDER BY revision DESC LIMIT $11");

/// Entries to look through: large ones without their content.
pub(super) const LOOK_THROUGH: &str =
    wanted!(columns_of_small!(), " ORDER BY revision DESC LIMIT $11");

/// The revisions follow, and the order.
pub(super) const LOOK_THROUGH_LISTED: &str = wanted!(columns_of_small!(), " AND revision IN");

pub(super) const NEWEST_FIRST: &str = " ORDER BY revision DESC";

pub(super) const COUNT_ENTRIES: &str = wanted!("COUNT(*)", "");

/// The last entry that is in a block. Each block has a row of the first part.
pub(super) const LAST_BLOCK: &str = "\
    SELECT COALESCE(MAX(revision), 0) FROM entry_about WHERE tenant_id = $1 AND about = 0";

pub(super) const BLOCKS: &str = "\
    SELECT revision, entries FROM entry_about WHERE tenant_id = $1 AND about = $2";

/// Before the rows of a block.
pub(super) const INSERT_BLOCK: &str = "\
    INSERT INTO entry_about (tenant_id, about, revision, entries) \
    SELECT column1, column2, column3, column4 FROM (VALUES";

/// The id of the block's last entry and the revision of the block before it follow, in this
/// order, each behind a text of its own.
pub(super) const WHERE_ITS_LAST_ENTRY_IS: &str = "\
    ) AS new WHERE EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = column1 AND revision = column3 AND id =";

pub(super) const AND_THE_BLOCK_BEFORE_IT: &str = "\
    ) AND COALESCE((SELECT MAX(revision) FROM entry_about \
        WHERE tenant_id = column1 AND about = 0 AND revision < column3), 0) =";

/// Two servers may make the same one.
pub(super) const UNLESS_THE_BLOCK_IS_THERE: &str = "\
    ON CONFLICT (tenant_id, about, revision) DO NOTHING";

/// Tenants, and whether their entries are being rewritten.
pub(super) const TENANTS_TO_REWRITE: &str = "\
    SELECT id, slug, CAST(CASE WHEN rewriting.revision IS NULL THEN 0 ELSE 1 END AS BIGINT) \
    FROM tenant LEFT JOIN rewriting ON rewriting.tenant_id = tenant.id ORDER BY slug";

/// Entries after a revision ($2) and up to another ($3) that may be in an older form. Rows of
/// today have commitments, where they name anything, and are packed, where they are long. Rows
/// in an older form have no origin. Large ones are without their content.
pub(super) const MAY_BE_OLDER: &str = concat!(
    "SELECT ",
    columns_of_small!(),
    " FROM entry WHERE tenant_id = $1 AND revision > $2 AND revision <= $3 \
      AND commitments IS NULL AND packed IS NULL AND origin IS NULL ORDER BY revision LIMIT $4"
);

/// Before the rows: tenant, revision, id, and what they hold now.
pub(super) const UPDATE_ENTRIES: &str = "\
    UPDATE entry SET changes = column4, packed = column5, commitments = column6, profiles = NULL \
    FROM (VALUES";

pub(super) const WHERE_THEY_STAND: &str = "\
    ) AS new WHERE tenant_id = column1 AND revision = column2 AND id = column3 \
    AND entry.commitments IS NULL AND entry.packed IS NULL";

/// Of two runs, the one that is ahead is right. The row is locked in any case, so that each
/// waits for the other.
pub(super) const REWRITTEN_UP_TO: &str = "\
    INSERT INTO rewriting (tenant_id, revision) VALUES ($1, $2) \
    ON CONFLICT (tenant_id) DO UPDATE SET revision = \
        CASE WHEN rewriting.revision < excluded.revision THEN excluded.revision ELSE rewriting.revision END";

/// Whether anything was rewritten, or deleted from a copy, since the file was compacted.
pub(super) const COMPACTION_IS_DUE: &str = "SELECT 1 FROM rewriting LIMIT 1";

pub(super) const ALL_IS_COMPACTED: &str = "DELETE FROM rewriting";

pub(super) const ALL_REWRITTEN: &str = "DELETE FROM rewriting WHERE tenant_id = $1";

/// Of PostgreSQL only.
pub(super) const NOTIFY: &str = "SELECT pg_notify($1, $2)";

/// Of PostgreSQL only: milliseconds since 1970.
pub(super) const TIME: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// Of SQLite only.
pub(super) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Of SQLite only: waits for others, and leaves an empty write-ahead log.
pub(super) const CHECKPOINT_ALL: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

pub(super) const PING: &str = "SELECT 1";

pub(super) const FIND_SECRET: &str = "SELECT bytes FROM secret WHERE name = $1";

/// Keeps those that are there: two servers may begin at the same time.
pub(super) const KEEP_SECRET: &str =
    "INSERT INTO secret (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

pub(super) const SEGMENTS: &str = "\
    SELECT first, last, entry, merging, changes, memberships FROM history_segment \
    WHERE tenant_id = $1 ORDER BY first";

/// The segment is written only where its last entry stands. A larger one takes the place of the
/// first of those that it was made of.
pub(super) const INSERT_SEGMENT: &str = "\
    INSERT INTO history_segment (tenant_id, first, last, entry, changes, memberships) \
    SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = $1 AND revision = $3 AND id = $4) \
    ON CONFLICT (tenant_id, first) DO UPDATE SET \
        last = excluded.last, entry = excluded.entry, merging = NULL, \
        changes = excluded.changes, memberships = excluded.memberships";

pub(super) const MERGE_SEGMENT: &str = "\
    UPDATE history_segment SET merging = $3 WHERE tenant_id = $1 AND first = $2";

/// Those that a larger one has taken the place of.
pub(super) const DELETE_SEGMENTS: &str = "\
    DELETE FROM history_segment WHERE tenant_id = $1 AND first > $2 AND first <= $3";

/// Before the rows.
pub(super) const INSERT_HISTORY: &str = "\
    INSERT INTO history (tenant_id, thing, first, changes) VALUES";

pub(super) const THE_HISTORY_IS_NEWER: &str = "\
    ON CONFLICT (tenant_id, thing, first) DO UPDATE SET changes = excluded.changes";

/// The things follow.
pub(super) const DELETE_HISTORY: &str = "\
    DELETE FROM history WHERE tenant_id = $1 AND first > $2 AND first <= $3 AND thing IN";

/// The things follow.
pub(super) const HISTORIES: &str = "\
    SELECT thing, first, changes FROM history WHERE tenant_id = $1 AND first <= $2 AND thing IN";

/// The places follow, each a revision and a thing. They come first: each is looked up.
pub(super) const PRIVATE_OF: &str = "\
    SELECT private.revision, private.about, private.salt, private.data FROM (VALUES";

pub(super) const WHERE_IT_STANDS: &str = "\
    ) AS wanted CROSS JOIN private WHERE private.tenant_id = $1 \
    AND private.revision = column1 AND private.about = column2";
