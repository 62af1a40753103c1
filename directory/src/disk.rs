//! Files that are whole after a crash, and have one owner among several programs.
//!
//! This, `cache.rs` and `store.rs` are what of this crate touches the file system; none looks at a clock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Why a place on disk cannot be owned.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program owns it; it can still be read.
    #[error("{} is in use by another Rendezvous", .0.display())]
    InUse(PathBuf),
    /// It cannot be made or opened.
    #[error("{}: {source}", .path.display())]
    Io {
        /// What was to be opened.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Ownership of a place on disk until it is dropped, or the program dies however it may.
#[derive(Debug)]
pub(crate) struct Ownership {
    _lock: File,
}

impl Ownership {
    /// Takes the lock file at `path`, whose folder is made if need be.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let lock = private().truncate(false).open(path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Replaces a file at once: whoever reads sees the old one or the new one, also after a crash.
///
/// Only the owner may call it, since it writes to `path` with `.new` appended first. Others may not read the file.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    let mut file = private().truncate(true).open(&draft)?;
    file.write_all(contents)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&draft, path)?;
    sync_folder(path)
}

/// Removes a file for good; whether it was there.
pub(crate) fn remove(path: &Path) -> io::Result<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => sync_folder(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a file, of which no more than `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut contents = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}

/// To write, made if it is not there, and then for nobody else to read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// On Unix a renamed or removed file is so after a crash only if its folder was synced; elsewhere folders cannot be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_file_is_the_new_one_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for contents in ["one", "two, longer", "3"] {
            replace(&path, contents.as_bytes()).unwrap();
            assert_eq!(read(&path, 100).unwrap(), contents.as_bytes());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(remove(&path).unwrap());
        assert!(!remove(&path).unwrap());
    }

    #[test]
    fn one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/lock");
        let owner = Ownership::take(&path).unwrap();
        assert!(matches!(Ownership::take(&path), Err(OpenError::InUse(_))));
        drop(owner);
        assert!(Ownership::take(&path).is_ok());
    }
}
