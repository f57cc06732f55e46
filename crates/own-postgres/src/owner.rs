//! The system user who owns a cluster: PostgreSQL does not run as root.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// The users to take instead of root, in order of preference.
const INSTEAD: &[&str] = &["postgres", "nobody"];

/// A user and its group; `None` for the user of the tests.
#[derive(Debug)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// Gives a folder to a user as whom PostgreSQL can run.
    pub(crate) fn of(folder: &Path) -> Self {
        if std::fs::metadata(folder).unwrap().uid() != 0 {
            return Self(None);
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let found = INSTEAD.iter().find_map(|name| ids(&users, name));
        let (user, group) = found.expect("root needs a user to run PostgreSQL as");
        chown(folder, Some(user), Some(group)).unwrap();
        Self(Some((user, group)))
    }

    /// Writes a file that only the owner can read.
    pub(crate) fn write(&self, file: &Path, text: &str) {
        std::fs::write(file, text).unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.0 {
            chown(file, Some(user), Some(group)).unwrap();
        }
    }

    /// Makes a command run as the owner.
    pub(crate) fn runs(&self, command: &mut Command) {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }
}

/// Reads a user's ids from a line such as `postgres:x:101:104:…`.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let user = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some((user, group))
}
