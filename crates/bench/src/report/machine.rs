//! On what it was measured, from Linux's `/proc`.

use std::fs::read_to_string;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What a machine is like. Nothing that says whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor's model.
    pub(crate) processor: String,
    /// How many of its cores there are to use.
    pub(crate) cores: usize,
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
    /// On which the data folders stood.
    pub(crate) file_system: String,
}

/// What cannot be found out.
const UNKNOWN: &str = "unknown";

impl Machine {
    /// This one, with data in a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let text = |file: &str| read_to_string(file).unwrap_or_default();
        let known = |found: Option<&str>| found.unwrap_or(UNKNOWN).trim().to_owned();
        let processor = text("/proc/cpuinfo");
        let memory = text("/proc/meminfo");
        let kibibytes = field(&memory, "MemTotal").and_then(|it| it.split(' ').next());
        let kernel = text("/proc/sys/kernel/osrelease");
        let mounts = text("/proc/self/mounts");
        Self {
            processor: known(field(&processor, "model name")),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kibibytes.and_then(|it| it.parse().ok()).unwrap_or(0_u64) * 1024,
            // What stands after the version is the builder's own.
            kernel: known(kernel.split('-').next().filter(|it| !it.is_empty())),
            file_system: known(file_system(&mounts, folder)),
        }
    }
}

/// The first field of a name, of lines like `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| key.trim() == name);
    values.next().map(|(_, value)| value.trim())
}

/// What kind of file system a folder is on: of all places where one begins, the
/// longest that the folder is in; of two, the later covers the earlier.
fn file_system<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let around = mounts.filter(|(place, _)| folder.starts_with(place));
    let innermost = around.max_by_key(|(place, _)| place.len());
    innermost.map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_innermost_place() {
        let mounts = "\
/dev/root / ext4 rw 0 0
tmpfs /data tmpfs rw 0 0
/dev/disk /data/large xfs rw 0 0
";
        let of = |folder: &str| file_system(mounts, Path::new(folder));
        assert_eq!(of("/data/large/one"), Some("xfs"));
        assert_eq!(of("/data/larger"), Some("tmpfs"));
        assert_eq!(of("/home"), Some("ext4"));
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 17\nmodel name\t: A Processor: 2\n";
        assert_eq!(field(text, "model name"), Some("A Processor: 2"));
        assert_eq!(field(text, "name"), None);
    }
}
