//! Data folders to be used once, so that what was prepared stays as it is.

use std::fs::File;
use std::path::{Path, PathBuf};

use attache_log::{FILE, snapshots_beside};
use sqlx::Connection as _;

use crate::{Failure, sqlite};

/// Copy the database of a data folder and its snapshots into another folder, and
/// wait until the disk has them: it is not to be busy with that while something is measured.
pub(crate) async fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to)?;
    let copy = to.join(FILE);
    let text = copy.to_str().ok_or("a folder has a strange name")?;
    // Who wrote it last may still be letting go of it: SQLite knows how to wait.
    let mut connection = sqlite::open(&from.join(FILE)).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(text);
    copied.execute(&mut connection).await?;
    connection.close().await?;
    File::options().append(true).open(&copy)?.sync_all()?;
    let (theirs, ours) = (snapshots_beside(&from.join(FILE)), snapshots_beside(&copy));
    for file in snapshots(from)? {
        let copy = ours.join(file.strip_prefix(&theirs)?);
        std::fs::create_dir_all(copy.parent().ok_or("a snapshot is in no folder")?)?;
        std::fs::copy(&file, &copy)?;
        File::options().append(true).open(copy)?.sync_all()?;
    }
    Ok(())
}

/// Returns the files of all snapshots in a data folder, the oldest first.
pub(crate) fn snapshots(data: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for tenant in std::fs::read_dir(snapshots_beside(&data.join(FILE)))? {
        let tenant = tenant?.path();
        if !tenant.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(tenant)? {
            let path = file?.path();
            files.push((path.metadata()?.modified()?, path));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}
