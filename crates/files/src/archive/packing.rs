//! Packs and unpacks archives.

use std::io::{self, Cursor, Read, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::FILES;
use crate::export::Files;

pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o600)
        // The size of a file is unknown when it is started.
        .large_file(true)
}

/// Packs the files of a folder that an import knows into an archive.
///
/// # Errors
/// If a file cannot be read.
pub fn pack(folder: &Path) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for name in FILES {
        let path = folder.join(name);
        let told =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let mut file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(told(error)),
        };
        archive.start_file(name, options())?;
        io::copy(&mut file, &mut archive).map_err(told)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// An archive that is made while it is sent: an export writes into it, and the finished
/// bytes are taken out.
pub struct Packing {
    archive: ZipWriter<StreamWriter<Ready>>,
    ready: Ready,
}

impl std::fmt::Debug for Packing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packing")
    }
}

impl Default for Packing {
    fn default() -> Self {
        let ready = Ready::default();
        Self {
            archive: ZipWriter::new_stream(ready.clone()),
            ready,
        }
    }
}

impl Packing {
    /// Takes the bytes finished since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.ready.lock())
    }

    /// Writes the end of the archive and returns it.
    ///
    /// # Errors
    /// If it cannot be written, which is a defect.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        let Self { archive, ready } = self;
        archive.finish()?;
        let rest = std::mem::take(&mut *ready.lock());
        Ok(rest)
    }
}

impl Files for Packing {
    fn begin(&mut self, name: &'static str) -> io::Result<()> {
        Ok(self.archive.start_file(name, options())?)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.archive.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The finished bytes that were not taken yet.
#[derive(Clone, Default)]
struct Ready(Arc<Mutex<Vec<u8>>>);

impl Ready {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        // No holder of the lock panics halfway through a change.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

impl Write for Ready {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unpacks the files of an export one after the other. Other entries are ignored.
///
/// # Errors
/// If the archive is broken or has a file twice, and those of `write`.
pub fn unpack<A: Read + Seek>(
    archive: A,
    mut write: impl FnMut(&'static str, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut archive = ZipArchive::new(archive)?;
    if archive.has_duplicate_names() {
        return Err(io::Error::other("a file is repeated in the archive"));
    }
    for name in FILES {
        match archive.by_name(name) {
            Ok(mut file) => write(name, &mut file)?,
            Err(ZipError::FileNotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
