//! Data folders to be used once, so that what was prepared stays as it is.

use std::fs::File;
use std::path::Path;

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
    let snapshots = snapshots_beside(&copy);
    std::fs::create_dir_all(&snapshots)?;
    for file in std::fs::read_dir(snapshots_beside(&from.join(FILE)))? {
        let file = file?;
        let copy = snapshots.join(file.file_name());
        std::fs::copy(file.path(), &copy)?;
        File::options().append(true).open(copy)?.sync_all()?;
    }
    Ok(())
}
