//! The making of the index's blocks, one after the other.
//!
//! A block is inserted only where its last entry stands, and where the last block is the one
//! that it follows. Otherwise the maker begins anew behind the last block: the index was
//! deleted meanwhile, another server made the block, or the database lost its last commits.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use attache_core::cause::Cause;
use attache_core::id::TenantId;

use super::about::{BUCKETS, Block, indexed};
use super::batch::entries_after;
use super::blocking::blocking;
use super::database::{Database, Value};
use super::inserts;
use super::row::EntryRow;
use super::{LogError, statements};

/// How many entries are read at once.
const AT_ONCE: i64 = 32;

/// How long to pause after a part at the most, where others are served.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How often the maker begins anew at one place, before it leaves the rest to the next time.
const ATTEMPTS: u32 = 4;

/// How many values a row of a block has. Two values of the block stand behind all of its rows.
const ROW: usize = 4;

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let rows = usize::from(BUCKETS);
    let values = rows * ROW;
    let tail = format!(
        "{} ${} {} ${} {}",
        statements::WHERE_ITS_LAST_ENTRY_IS,
        values + 1,
        statements::AND_THE_BLOCK_BEFORE_IT,
        values + 2,
        statements::UNLESS_THE_BLOCK_IS_THERE,
    );
    let number = |at| format!("${at}");
    let texts = inserts::texts(
        statements::INSERT_BLOCK,
        ROW,
        &tail,
        [rows].into_iter(),
        number,
    );
    texts.concat()
});

/// Make the blocks that a tenant lacks. Where others are served, it takes half of the time.
pub(super) async fn make_blocks(
    database: &Database,
    tenant: TenantId,
    is_gentle: bool,
) -> Result<(), LogError> {
    let mut maker = Maker::new(database, tenant).await?;
    loop {
        let began = Instant::now();
        if !maker.step().await? {
            return Ok(());
        }
        if is_gentle {
            tokio::time::sleep(began.elapsed().min(LONGEST_PAUSE)).await;
        }
    }
}

struct Maker<'a> {
    database: &'a Database,
    tenant: String,
    /// The last entry of the last block.
    indexed: i64,
    /// The entries after the last block, up to the last one that was read.
    block: Block,
    /// How often it began anew, without a new block since.
    attempts: u32,
}

impl<'a> Maker<'a> {
    async fn new(database: &'a Database, tenant: TenantId) -> Result<Self, LogError> {
        let tenant = tenant.to_string();
        let indexed = indexed(database, &tenant).await?;
        Ok(Self {
            database,
            tenant,
            indexed,
            block: Block::after(indexed),
            attempts: 0,
        })
    }

    /// Reads the next entries, and inserts the blocks that they fill. Returns whether there may
    /// be more.
    async fn step(&mut self) -> Result<bool, LogError> {
        let rows = entries_after(self.database, &self.tenant, self.block.last, AT_ONCE).await?;
        // In this order: what was lost before the entries were read is noticed.
        if !self.stands().await? {
            return self.begin_anew().await;
        }
        if rows.is_empty() {
            return Ok(false);
        }
        let block = std::mem::take(&mut self.block);
        let (full, rest) = blocking(move || cut(block, &rows))
            .await?
            .map_err(LogError::Unavailable)?;
        self.block = rest;
        for block in full {
            let last = block.last;
            if !self.insert(block).await? {
                return self.begin_anew().await;
            }
            self.indexed = last;
            self.attempts = 0;
        }
        Ok(true)
    }

    /// Whether the last entry that was read still stands.
    async fn stands(&self) -> Result<bool, LogError> {
        if self.block.last_entry.is_empty() {
            return Ok(true);
        }
        let values = [
            Value::Text(&self.tenant),
            Value::Number(self.block.last),
            Value::Text(&self.block.last_entry),
        ];
        let rows = self.database.rows(statements::STANDS, &values).await?;
        Ok(!rows.is_empty())
    }

    async fn begin_anew(&mut self) -> Result<bool, LogError> {
        let indexed = indexed(self.database, &self.tenant).await?;
        self.attempts = match indexed > self.indexed {
            true => 0,
            false => self.attempts + 1,
        };
        if self.attempts >= ATTEMPTS {
            return Err(LogError::unavailable(
                "the index was changed again and again while it was made",
            ));
        }
        self.indexed = indexed;
        self.block = Block::after(indexed);
        Ok(true)
    }

    /// Inserts a block. Returns whether it was new, and at its place.
    async fn insert(&self, block: Block) -> Result<bool, LogError> {
        let (last, entry) = (block.last, block.last_entry.clone());
        let rows = block.rows();
        let values = (0..).zip(&rows).flat_map(|(bucket, row)| {
            [
                Value::Text(&self.tenant),
                Value::Number(bucket),
                Value::Number(last),
                Value::Bytes(row),
            ]
        });
        let behind = [Value::Text(&entry), Value::Number(self.indexed)];
        let values: Vec<Value<'_>> = values.chain(behind).collect();
        Ok(self.database.execute(&INSERT, &values).await? > 0)
    }
}

/// The blocks that entries fill, and the one that they begin.
pub(super) fn cut(mut block: Block, rows: &[EntryRow]) -> Result<(Vec<Block>, Block), Cause> {
    let mut full = Vec::new();
    for row in rows {
        let next = block.last + 1;
        if row.revision != next {
            return Err(Cause::text(format!("entry {next} is missing")));
        }
        block.add(row)?;
        if block.is_full() {
            let after = Block::following(&block);
            full.push(std::mem::replace(&mut block, after));
        }
    }
    Ok((full, block))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::about::{speaking_of, tests::row};
    use super::super::database::Location;
    use super::super::{Installation as _, Settings, SqlLog};
    use super::*;

    #[test]
    fn a_missing_entry_is_not_passed_over() {
        assert!(cut(Block::default(), &[row(1, &[]), row(3, &[])]).is_err());
        assert!(cut(Block::after(1), &[row(1, &[])]).is_err());
        assert!(cut(Block::after(1), &[row(2, &[])]).is_ok());
    }

    const TENANT: TenantId = TenantId(Uuid::from_u128(7));

    /// A thing of which only one entry speaks.
    fn thing(number: u128) -> Uuid {
        Uuid::from_u128(number << 64)
    }

    /// An entry that fills a block.
    fn large(revision: i64, number: u128) -> EntryRow {
        let others = (1..9_000).map(|at| Uuid::from_u128(thing(number).as_u128() + at));
        let ids: Vec<Uuid> = others.chain([thing(number)]).collect();
        EntryRow {
            id: format!("entry {number}"),
            actor: "operator".to_owned(),
            ..row(revision, &ids)
        }
    }

    async fn append(log: &SqlLog, after: &str, rows: Vec<EntryRow>) {
        let appended = log.append_rows(TENANT, after.to_owned(), rows, Vec::new(), Vec::new());
        appended.await.unwrap();
    }

    async fn found(log: &SqlLog, number: u128) -> Vec<i64> {
        let id = TENANT.to_string();
        let found = speaking_of(log.database(), &id, thing(number)).await;
        found.unwrap().into_iter().collect()
    }

    async fn in_each_database(test: impl AsyncFn(&SqlLog)) {
        let folder = tempfile::tempdir().unwrap();
        let file = Location::Sqlite(folder.path().join("attache.db"));
        let server = attache_own_postgres::Postgres::shared();
        let server = server.map(|server| Location::parse(&server.fresh_database()).unwrap());
        for location in std::iter::once(file).chain(server) {
            let log = SqlLog::open(&location, Settings::default()).await.unwrap();
            test(&log).await;
            log.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_index_that_is_deleted_while_it_is_made_has_no_hole() {
        in_each_database(async |log| {
            append(log, "", vec![large(1, 1), large(2, 2)]).await;
            let mut maker = Maker::new(log.database(), TENANT).await.unwrap();
            while maker.step().await.unwrap() {}
            assert_eq!(maker.indexed, 2);
            let delete = "DELETE FROM entry_about";
            assert!(log.database().execute(delete, &[]).await.unwrap() > 0);
            append(log, "entry 2", vec![large(3, 3)]).await;
            while maker.step().await.unwrap() {}
            assert_eq!(maker.indexed, 3);
            for number in 1..=3 {
                assert_eq!(found(log, number as u128).await, [number]);
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn entries_that_the_database_lost_are_in_no_block() {
        in_each_database(async |log| {
            let little = |number: u128| EntryRow {
                id: format!("entry {number}"),
                ..row(2, &[thing(number)])
            };
            append(log, "", vec![large(1, 1), little(2)]).await;
            let mut maker = Maker::new(log.database(), TENANT).await.unwrap();
            while maker.step().await.unwrap() {}
            assert_eq!((maker.indexed, maker.block.last), (1, 2));
            // As a failover does that lost the last commit: another one has its place.
            let lose = "DELETE FROM entry WHERE revision = 2";
            assert_eq!(log.database().execute(lose, &[]).await.unwrap(), 1);
            append(log, "entry 1", vec![little(3)]).await;
            append(log, "entry 3", vec![large(3, 4)]).await;
            while maker.step().await.unwrap() {}
            assert_eq!(maker.indexed, 3);
            assert_eq!(found(log, 2).await, <[i64; 0]>::default());
            assert_eq!(found(log, 3).await, [2]);
            // A block that ends with such an entry is not inserted.
            let mut block = Block::after(4);
            block.last_entry = "entry 5".to_owned();
            assert!(!maker.insert(block).await.unwrap());
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_who_index_at_the_same_time_make_the_same_blocks() {
        in_each_database(async |log| {
            let database = log.database();
            let mut slow = Maker::new(database, TENANT).await.unwrap();
            append(log, "", vec![large(1, 1)]).await;
            assert!(slow.step().await.unwrap());
            append(log, "entry 1", vec![large(2, 2), large(3, 3)]).await;
            make_blocks(database, TENANT, false).await.unwrap();
            while slow.step().await.unwrap() {}
            assert_eq!((slow.indexed, slow.attempts), (3, 0));
            for number in 1..=3 {
                assert_eq!(found(log, number as u128).await, [number]);
            }
        })
        .await;
    }
}
