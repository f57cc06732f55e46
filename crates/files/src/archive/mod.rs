//! A tenant's files as a zip archive, for transfers to and from a server.
//!
//! No name in an archive becomes a path: names are only compared with those that an
//! import knows. Sizes are bounded before and while entries are unpacked.

mod packing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use zip::read::Config;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

pub use packing::{Packing, pack, unpack};

use crate::FILES;
use crate::import::{Fault, Strangers, shown};

/// The limits of reading an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most entries.
    pub entries: usize,
    /// The most bytes of all files together, unpacked.
    pub unpacked_bytes: usize,
}

/// An archive whose entries were checked. Its files are unpacked one at a time, when they
/// are read.
#[derive(Debug)]
pub struct Archive {
    bytes: Bytes,
    /// The files that an import knows, with their indices in the archive.
    places: BTreeMap<&'static str, usize>,
    /// The names of all other files.
    others: Vec<String>,
    bounds: Bounds,
    unpacked: AtomicU64,
}

/// An entry, as the archive describes it.
struct Entry {
    place: usize,
    name: String,
    size: u64,
}

impl Archive {
    /// Checks the entries of an archive, without unpacking them.
    ///
    /// # Errors
    /// The faults, by the names of entries: the bytes are not an archive or too large,
    /// names lead out of the archive or are repeated, or an entry is encrypted, not a
    /// file, or compressed by another method than deflate.
    pub fn open(bytes: Bytes, bounds: Bounds) -> Result<Self, Vec<Fault>> {
        let whole = |reason: String| vec![Fault::of_file("", reason)];
        let read = |error: ZipError| whole(format!("must be a zip archive: {error}"));
        let mut archive =
            ZipIterable::try_new(Cursor::new(bytes.clone()), Config::default()).map_err(read)?;
        if archive.len() > bounds.entries {
            return Err(whole(format!(
                "must be an archive of at most {} entries, and has {}",
                bounds.entries,
                archive.len()
            )));
        }
        let mut entries = Vec::new();
        let mut faults = Vec::new();
        let files = archive.files().map_err(read)?;
        for (place, file) in files.enumerate() {
            let file = file.map_err(read)?;
            let name = file.name().map(|name| name.into_owned());
            let name = name.map_err(read)?;
            let wrong = if file.encrypted() {
                Some(ENCRYPTED)
            } else if file.is_symlink() {
                Some("is a symbolic link, and must be a file")
            } else if !is_plain(&name) {
                Some(
                    "leads out of the archive: names have no .. and no \\, and begin with no / or drive",
                )
            } else if !matches!(
                file.compression(),
                CompressionMethod::Stored | CompressionMethod::Deflated
            ) {
                Some("is packed in another way than deflate")
            } else {
                None
            };
            match wrong {
                Some(reason) => faults.push(Fault::of_file(shown(&name), reason)),
                None if file.is_dir() => {}
                None => entries.push(Entry {
                    place,
                    name,
                    size: file.size(),
                }),
            }
        }
        let archive = Self::of(bytes, bounds, &entries, &mut faults);
        match faults.is_empty() {
            true => Ok(archive),
            false => Err(faults),
        }
    }

    fn of(bytes: Bytes, bounds: Bounds, entries: &[Entry], faults: &mut Vec<Fault>) -> Self {
        let of_system = |name: &str| {
            let is_hidden = name
                .rsplit('/')
                .next()
                .is_some_and(|it| it.starts_with('.'));
            is_hidden || name.starts_with("__MACOSX/")
        };
        let has_own = entries.iter().any(|entry| !of_system(&entry.name));
        let is_own = |name: &str| match has_own {
            true => !of_system(name),
            // All files are hidden; one of them may be meant.
            false => !name.starts_with("__MACOSX/"),
        };
        let own = || entries.iter().filter(|entry| is_own(&entry.name));
        // An archive of a folder has the folder before all names.
        let folder = own().next().and_then(|entry| entry.name.split_once('/'));
        let folder = folder.map(|(folder, _)| format!("{folder}/"));
        let folder = folder.filter(|folder| own().all(|entry| entry.name.starts_with(folder)));
        let folder = folder.unwrap_or_default();
        let mut archive = Self {
            bytes,
            places: BTreeMap::new(),
            others: Vec::new(),
            bounds,
            unpacked: AtomicU64::new(0),
        };
        let mut unpacked = 0u64;
        let mut names = BTreeSet::new();
        for entry in entries {
            let name = entry.name.strip_prefix(&folder).unwrap_or(&entry.name);
            if !names.insert(name) {
                faults.push(Fault::of_file(shown(name), "is repeated in the archive"));
                continue;
            }
            match FILES.into_iter().find(|file| *file == name) {
                Some(file) => {
                    unpacked = unpacked.saturating_add(entry.size);
                    archive.places.insert(file, entry.place);
                }
                None => archive.others.push(name.to_owned()),
            }
        }
        if unpacked > archive.most() {
            faults.push(Fault::of_file("", archive.too_large()));
        }
        archive.others.sort();
        archive
    }

    /// Returns a sentence about the files that an import reads and those in the archive,
    /// if the archive has none of the former and none that may be meant as one.
    #[must_use]
    pub fn lacks_all(&self) -> Option<String> {
        let strangers = self.places.is_empty().then(|| self.strangers());
        strangers?.alone()
    }

    /// Returns all other files, classified.
    pub(crate) fn strangers(&self) -> Strangers {
        let mut strangers = Strangers::default();
        for name in &self.others {
            match name.rsplit_once('/') {
                // Files in subfolders are ignored, since they may be old copies.
                Some((_, file)) if FILES.contains(&file) && !name.starts_with("__MACOSX/") => {
                    strangers
                        .meant
                        .extend(FILES.into_iter().find(|known| *known == file));
                    let reason = "stands in a folder of the archive, and is read at its top only";
                    strangers.faults.push(Fault::of_file(shown(name), reason));
                }
                Some(_) => strangers.pass_over(name),
                None => strangers.note(name, |file| self.places.contains_key(file)),
            }
        }
        strangers
    }

    fn most(&self) -> u64 {
        u64::try_from(self.bounds.unpacked_bytes).unwrap_or(u64::MAX)
    }

    fn too_large(&self) -> String {
        format!(
            "must unpack to at most {} bytes (imports.unpacked_size)",
            self.bounds.unpacked_bytes
        )
    }

    /// Unpacks a file; `None` if the archive lacks it.
    pub(crate) fn read(&self, file: &'static str) -> Result<Option<Vec<u8>>, Fault> {
        let Some(place) = self.places.get(file) else {
            return Ok(None);
        };
        let failed = |error: &dyn std::fmt::Display| {
            Fault::of_file(file, format!("cannot be unpacked: {error}"))
        };
        let cursor = || Cursor::new(self.bytes.clone());
        let archive = ZipIterable::try_new(cursor(), Config::default());
        let mut archive = archive.map_err(|error| failed(&error))?;
        let entries = archive.files().map_err(|error| failed(&error))?;
        let entry = entries.nth(*place).unwrap_or(Err(ZipError::FileNotFound));
        let entry = entry.map_err(|error| failed(&error))?;
        let mut body = cursor();
        let found = entry.with_reader(&mut body, ZipReadOptions::new());
        let found = found.map_err(|error| failed(&error))?;
        let before = self.unpacked.load(Ordering::Relaxed);
        let left = self.most().saturating_sub(before);
        let mut bytes = Vec::new();
        // The size that an entry claims may be false.
        let read = found.take(left.saturating_add(1)).read_to_end(&mut bytes);
        let read = read.map_err(|error| failed(&error))?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        if read > left {
            return Err(Fault::of_file(file, self.too_large()));
        }
        self.unpacked.fetch_add(read, Ordering::Relaxed);
        Ok(Some(bytes))
    }
}

const ENCRYPTED: &str = "is encrypted, and must not be";

/// Returns whether a name stays below the folder that it is unpacked into.
fn is_plain(name: &str) -> bool {
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    !name.is_empty()
        && !name.starts_with('/')
        && !is_drive
        && !name.contains(['\\', '\0'])
        && name.split('/').all(|part| part != ".." && part != ".")
}
