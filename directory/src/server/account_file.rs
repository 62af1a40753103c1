//! The file of accounts, apart from the entries: it is changed while the server runs, which reads it again.
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::account::Hash;
use crate::disk::{self, OpenError, Ownership};

/// Its name, in the folder of the data.
const FILE: &str = "accounts";
/// More than a hundred thousand accounts.
const MAX_BYTES: u64 = 16 << 20;

/// Names with what is kept of their passwords.
pub(super) type List = Vec<(String, Hash)>;

/// The file, and what it was when it was last read.
#[derive(Debug)]
pub(super) struct AccountFile {
    path: PathBuf,
    seen: Option<(SystemTime, u64)>,
}

impl AccountFile {
    pub(super) fn new(data: &Path) -> Self {
        Self {
            path: data.join(FILE),
            seen: None,
        }
    }

    /// What is in it, if it changed since; a file that cannot be read is as good as the one before.
    pub(super) fn changed(&mut self) -> Option<List> {
        let stamp = match std::fs::metadata(&self.path) {
            Ok(found) => found.modified().ok().map(|time| (time, found.len())),
            Err(_) => None,
        };
        if stamp == self.seen {
            return None;
        }
        match self.read() {
            Ok(list) => {
                self.seen = stamp;
                Some(list)
            }
            Err(error) => {
                tracing::warn!(%error, "accounts cannot be read: {}", self.path.display());
                None
            }
        }
    }

    /// Changes it, while nobody else does.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut List) -> T) -> Result<T, OpenError> {
        let _owned = Ownership::take(&self.path.with_extension("lock"))?;
        let failed = |source| OpenError::Io {
            path: self.path.clone(),
            source,
        };
        let mut list = self.read().map_err(failed)?;
        let changed = change(&mut list);
        let text: String = list
            .iter()
            .map(|(name, hash)| format!("{} {name}\n", hash.to_text()))
            .collect();
        disk::replace(&self.path, text.as_bytes()).map_err(failed)?;
        Ok(changed)
    }

    /// A line each: the hash, then the name. What is no such line is left out.
    fn read(&self) -> io::Result<List> {
        let bytes = match disk::read(&self.path, MAX_BYTES) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            bytes => bytes?,
        };
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let accounts =
            lines.filter_map(|(hash, name)| Some((name.to_owned(), Hash::from_text(hash)?)));
        Ok(accounts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_is_read_again_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AccountFile::new(folder.path());
        assert_eq!(file.changed(), None, "there is none");
        let hash = Hash::new("pass", [7; 16]).unwrap();
        let ann = ("Ann of B".to_owned(), hash.clone());
        file.change(|list| list.push(ann.clone())).unwrap();
        assert_eq!(file.changed(), Some(vec![ann.clone()]));
        assert_eq!(file.changed(), None);
        file.change(|list| list.push(("bob".to_owned(), hash.clone())))
            .unwrap();
        assert_eq!(file.changed(), Some(vec![ann, ("bob".to_owned(), hash)]));
        std::fs::write(folder.path().join(FILE), "0 short\n\nx\n").unwrap();
        assert_eq!(file.changed(), Some(Vec::new()));
        std::fs::remove_file(folder.path().join(FILE)).unwrap();
        assert_eq!(file.changed(), Some(Vec::new()));
    }
}
