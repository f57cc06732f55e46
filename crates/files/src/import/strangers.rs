//! Files that an import does not read, and those of them that may be meant as known ones.

use super::fault::{Fault, shown};
use crate::FILES;
use attache_core::nearest::{likeness, likest};

/// The files besides those that an import knows.
#[derive(Debug, Default)]
pub struct Strangers {
    /// Faults for files that were meant to be imported.
    pub faults: Vec<Fault>,
    /// The known files that they were meant as.
    pub(crate) meant: Vec<&'static str>,
    /// The ignored files.
    pub passed_over: Vec<String>,
}

impl Strangers {
    /// Classifies a file by its name. `is_there` tells which known files exist beside it.
    pub(crate) fn note(&mut self, name: &str, is_there: impl Fn(&str) -> bool) {
        match stranger(name, is_there) {
            Some((fault, meant)) => {
                self.faults.push(fault);
                self.meant.push(meant);
            }
            None => self.pass_over(name),
        }
    }

    pub(crate) fn pass_over(&mut self, name: &str) {
        self.passed_over.push(shown(name));
    }

    /// Returns why there is nothing to import, with the names of the files. `None` if a
    /// file may be meant as a known one.
    pub(crate) fn alone(&self) -> Option<String> {
        const MOST: usize = 10;
        if !self.faults.is_empty() {
            return None;
        }
        let all = &self.passed_over;
        let told: Vec<&str> = all.iter().take(MOST).map(String::as_str).collect();
        let more = match all.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let others = match told.is_empty() {
            true => "it is empty".to_owned(),
            false => format!("there is {}{more}", told.join(", ")),
        };
        Some(format!("{} ({others})", FILES.join(", ")))
    }
}

/// Parts of a name that make the file a table, wherever they stand.
const TABLES: [&str; 3] = ["csv", "tsv", "tab"];
/// Extensions of files that may have a table.
const MAYBE_TABLES: [&str; 12] = [
    "txt", "toml", "json", "xls", "xlsx", "xlsm", "xlsb", "ods", "numbers", "zip", "gz", "dat",
];
/// Extensions of copies that editors and browsers make.
const LEFT: [&str; 8] = [
    "bak",
    "old",
    "orig",
    "swp",
    "swo",
    "tmp",
    "part",
    "crdownload",
];
/// The similarity from which a name counts as another one's misspelling.
const ALIKE: f64 = 0.9;

/// Returns the fault of a file that may be meant as a known one: a table of any name, or
/// a file whose name is similar to that of a missing known one.
fn stranger(name: &str, is_there: impl Fn(&str) -> bool) -> Option<(Fault, &'static str)> {
    if is_left_by_a_program(name) {
        return None;
    }
    let lower = name.to_lowercase();
    let bare = lower.trim_start_matches('.');
    let mut parts = bare.split('.');
    let stem = parts.next().unwrap_or_default();
    let endings: Vec<&str> = parts.collect();
    let meant = match endings.as_slice() {
        ["toml"] => nearest(bare),
        _ => within(stem).unwrap_or_else(|| nearest(&format!("{stem}.csv"))),
    };
    let cause = format!("is none of the files that an import reads; the nearest is {meant}");
    if bare == meant || endings.iter().any(|ending| TABLES.contains(ending)) {
        return Some((Fault::of_file(shown(name), cause), meant));
    }
    let may_be = endings.last().is_none_or(|it| MAYBE_TABLES.contains(it));
    let known = meant.split('.').next().unwrap_or_default();
    let is_meant = may_be && likeness(stem, known) >= ALIKE && !is_there(meant);
    let cause = match meant.ends_with(".csv") {
        true => format!("{cause}, as CSV"),
        false => cause,
    };
    is_meant.then(|| (Fault::of_file(shown(name), cause), meant))
}

/// Returns the most similar file that an import reads.
fn nearest(name: &str) -> &'static str {
    likest(name, FILES).unwrap_or_default()
}

/// Returns the CSV file whose name is contained in another name, as in `kopie von users`.
/// The longest one, since `group_users` contains `users`.
fn within(stem: &str) -> Option<&'static str> {
    let plain = stem.replace([' ', '-'], "_");
    let known = FILES.into_iter().filter(|file| {
        let known = file.strip_suffix(".csv");
        known.is_some_and(|known| plain.contains(known))
    });
    known.max_by_key(|file| file.len())
}

/// Returns whether programs leave such a file behind: locks, copies, metadata of macOS.
fn is_left_by_a_program(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_copy = ending.is_some_and(|it| LEFT.iter().any(|left| it.eq_ignore_ascii_case(left)));
    is_copy
        || ["._", ".~", "~$"].iter().any(|it| name.starts_with(it))
        || name.ends_with(['~', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(name: &str, there: &[&str]) -> Option<String> {
        let (fault, _) = stranger(name, |file| there.contains(&file))?;
        let (_, meant) = fault.reason.split_once("the nearest is ").unwrap();
        Some(meant.trim_end_matches(", as CSV").to_owned())
    }

    #[test]
    fn a_table_of_another_name_is_meant_as_the_nearest_file() {
        for (name, file) in [
            ("Users.CSV", "users.csv"),
            (".users.csv", "users.csv"),
            ("users.csv.txt", "users.csv"),
            ("users.tsv", "users.csv"),
            ("user.csv", "users.csv"),
            ("users.csv.gz", "users.csv"),
            ("users (1).csv", "users.csv"),
            ("Memberships.Tab", "memberships.csv"),
            ("group-users.csv", "group_users.csv"),
            ("Kopie von users.csv", "users.csv"),
            ("Kopie von Group Users (2).csv", "group_users.csv"),
            ("Catalogue.toml", "catalogue.toml"),
            (".catalogue.toml", "catalogue.toml"),
        ] {
            assert_eq!(meant(name, &FILES).as_deref(), Some(file), "{name}");
        }
    }

    #[test]
    fn a_workbook_is_meant_where_its_file_is_missing() {
        for (name, file) in [
            ("users.xlsx", "users.csv"),
            ("Users.ods", "users.csv"),
            ("users.txt", "users.csv"),
            ("users", "users.csv"),
            ("grant.xls", "grants.csv"),
            ("catalog.toml", "catalogue.toml"),
        ] {
            assert_eq!(meant(name, &[]).as_deref(), Some(file), "{name}");
            assert_eq!(meant(name, &[file]), None, "{name}");
        }
    }

    #[test]
    fn what_programs_leave_and_other_texts_are_passed_over() {
        for name in [
            "._users.csv",
            ".~lock.users.csv#",
            "~$users.xlsx",
            "users.csv~",
            "users.csv.bak",
            ".users.csv.swp",
            ".DS_Store",
            "Thumbs.db",
            "notes.txt",
            "README.md",
            "readme",
            "attache.toml",
            "users.pdf",
            "customers.xlsx",
        ] {
            assert_eq!(meant(name, &[]), None, "{name}");
        }
    }
}
