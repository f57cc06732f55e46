//! Private rows that were deleted, in a log and then in its copies.

use std::path::Path;

use attache_log::{
    CopyError, Installation as _, Location, Rewriting, Snapshots as _, SqlLog, TenantRow,
};

use super::by_hand::execute;
use super::rewriting::{copied, now, pending, read, rewrite, rewrite_and_hear, state};
use super::{Database, save};

/// Copies what was not copied, and finds that nothing of Freya Holm is left there.
async fn holm_is_gone(log: &SqlLog, to: &SqlLog, file: &Path, row: &TenantRow) {
    log.copy_tenant(to, row, &mut |_| {}).await.unwrap();
    assert_eq!(read(to, row).await, read(log, row).await);
    assert!(to.load_snapshot(row.id).await.unwrap().is_none());
    to.compact_if_due().await.unwrap();
    to.close().await;
    assert!(pending(&Location::Sqlite(file.to_owned())).await.is_empty());
    let bytes = std::fs::read(file).unwrap();
    assert!(!bytes.windows(4).any(|it| it == b"Holm"));
}

pub(super) async fn what_is_erased_after_rewriting_names_nobody(database: impl Database) {
    let (log, row, entries) = copied(&database).await;
    // Copies that were made before: of older entries, of some that were rewritten and others
    // that were not, of all after they were rewritten, and one with a snapshot of long ago.
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let file = |at: usize| folders[at].path().join("before.db");
    let open = async |at: usize| {
        let location = Location::Sqlite(file(at));
        SqlLog::open(&location, Default::default()).await.unwrap()
    };
    let copy = async |at: usize| {
        let to = open(at).await;
        log.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
        to.close().await;
    };
    copy(0).await;
    let mut is_half = false;
    let mut hear = |_: &Rewriting| {
        if !std::mem::replace(&mut is_half, true) {
            now(copy(1));
        }
    };
    rewrite_and_hear(&database.location(), &mut hear).await;
    copy(2).await;
    copy(3).await;
    let to = open(3).await;
    save(&to, state(&row, &entries[..60])).await;
    save(&to, state(&row, &entries[..62])).await;
    assert!(to.load_snapshot(row.id).await.unwrap().is_some());
    to.close().await;
    let freya = "Holm";
    assert!(format!("{:?}", read(&log, &row).await).contains(freya));
    let erase = "DELETE FROM private WHERE about IN \
        (SELECT about FROM private WHERE data LIKE '%Holm%') \
        OR revision = (SELECT MAX(revision) FROM private)";
    assert!(execute(&database, erase).await > 0);
    let left = read(&log, &row).await;
    assert!(!format!("{left:?}").contains(freya));
    assert_eq!(left.len(), entries.len());
    for at in [0, 1] {
        let to = open(at).await;
        let copied = log.copy_tenant(&to, &row, &mut |_| {}).await;
        assert!(matches!(copied, Err(CopyError::Older(_))), "{copied:?}");
        to.close().await;
        assert!(rewrite(&Location::Sqlite(file(at))).await[0].changed > 0);
    }
    for at in 0..4 {
        let to = open(at).await;
        assert!(format!("{:?}", read(&to, &row).await).contains(freya));
        holm_is_gone(&log, &to, &file(at), &row).await;
    }
}
