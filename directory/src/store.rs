//! One's own conferences on disk: a folder with a file `<id>.sdp` for each. Touches the file system.

use std::io;
use std::path::{Path, PathBuf};

use crate::description::{ConferenceId, Description};
use crate::disk::{self, OpenError, Ownership};

/// The folder, owned by this program.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    _ownership: Ownership,
}

/// What is in the folder.
#[derive(Debug, Default, PartialEq)]
pub struct Stored {
    /// Conferences, by id.
    pub conferences: Vec<Description>,
    /// Files that were left alone.
    pub broken: Vec<Broken>,
}

/// A file that holds no conference of its name. It is never deleted: somebody may want to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", .path.display())]
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl Store {
    /// Takes ownership of a folder, which is made if need be.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            folder: folder.to_owned(),
            _ownership: Ownership::take(&folder.join("lock"))?,
        })
    }

    /// Keeps a conference, in place of its older version.
    pub fn put(&self, description: &Description) -> io::Result<()> {
        let path = self.path(description.id());
        disk::replace(&path, description.to_string().as_bytes())
    }

    /// Forgets a conference; whether there was one.
    pub fn remove(&self, id: ConferenceId) -> io::Result<bool> {
        disk::remove(&self.path(id))
    }

    /// Reads all that is kept.
    pub fn load(&self) -> io::Result<Stored> {
        read(&self.folder)
    }

    fn path(&self, id: ConferenceId) -> PathBuf {
        self.folder.join(format!("{id}.{EXTENSION}"))
    }
}

/// Reads all that is kept in a folder, owned or not; one that is not there is empty.
pub fn read(folder: &Path) -> io::Result<Stored> {
    let mut stored = Stored::default();
    let files = match std::fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(stored),
        Err(error) => return Err(error),
    };
    let paths: io::Result<Vec<PathBuf>> = files.map(|file| Ok(file?.path())).collect();
    let mut paths = paths?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == EXTENSION)
    });
    paths.sort();
    for path in paths {
        match load(&path) {
            Ok(description) => stored.conferences.push(description),
            Err(reason) => stored.broken.push(Broken { path, reason }),
        }
    }
    Ok(stored)
}

fn load(path: &Path) -> Result<Description, String> {
    let text = disk::read(path, MAX_FILE).map_err(|error| error.to_string())?;
    let description = Description::parse(&text).map_err(|error| error.to_string())?;
    let id = description.id().to_string();
    if path.file_stem().is_none_or(|stem| *stem != *id) {
        return Err(format!("it holds the conference {id}"));
    }
    Ok(description)
}

const EXTENSION: &str = "sdp";
/// More than a description may have, so that too long a one is told from a whole one.
const MAX_FILE: u64 = 128 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn description(id: u64, version: u64) -> Description {
        let text = format!(
            "v=0\r\no=- {id} {version} IN IP4 192.0.2.1\r\ns=Talk\r\nc=IN IP4 239.255.7.7/15\r\n\
             t=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"
        );
        Description::parse(text.as_bytes()).unwrap()
    }

    fn by_id(mut descriptions: Vec<Description>) -> Vec<Description> {
        descriptions.sort_by_key(Description::id);
        descriptions
    }

    #[test]
    fn kept_changed_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("own")).unwrap();
        for (id, version) in [(1, 1), (2, 1), (1, 2)] {
            store.put(&description(id, version)).unwrap();
        }
        let expected = by_id(vec![description(1, 2), description(2, 1)]);
        assert_eq!(store.load().unwrap().conferences, expected);
        assert!(store.remove(description(1, 1).id()).unwrap());
        assert!(!store.remove(description(1, 1).id()).unwrap());
        drop(store);
        let stored = read(&folder.path().join("own")).unwrap();
        assert_eq!(stored.conferences, [description(2, 1)]);
        assert!(stored.broken.is_empty());
    }

    #[test]
    fn file_is_named_by_the_id_and_holds_the_description() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let talk = description(1, 1);
        store.put(&talk).unwrap();
        let path = folder.path().join(format!("{}.sdp", talk.id()));
        assert_eq!(std::fs::read_to_string(path).unwrap(), talk.to_string());
    }

    #[test]
    fn broken_files_are_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put(&description(1, 1)).unwrap();
        let broken = folder.path().join("0123456789abcdef.sdp");
        let misnamed = folder.path().join("talk.sdp");
        std::fs::write(&broken, "hello").unwrap();
        std::fs::write(&misnamed, description(2, 1).to_string()).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not ours").unwrap();
        let stored = store.load().unwrap();
        assert_eq!(stored.conferences, [description(1, 1)]);
        let paths: Vec<&Path> = stored.broken.iter().map(|broken| &*broken.path).collect();
        assert_eq!(paths, [&*broken, &*misnamed]);
        let id = description(2, 1).id();
        assert_eq!(
            stored.broken[1].reason,
            format!("it holds the conference {id}")
        );
        assert_eq!(std::fs::read_to_string(&broken).unwrap(), "hello");
    }

    #[test]
    fn folder_that_is_not_there_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder.path().join("no")).unwrap(), Stored::default());
    }

    #[test]
    fn half_written_file_does_not_replace_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put(&description(1, 1)).unwrap();
        let draft = folder
            .path()
            .join(format!("{}.sdp.new", description(1, 1).id()));
        std::fs::write(&draft, "v=0\r\no=").unwrap();
        let stored = store.load().unwrap();
        assert_eq!((stored.conferences.len(), stored.broken.len()), (1, 0));
        store.put(&description(1, 2)).unwrap();
        assert_eq!(store.load().unwrap().conferences, [description(1, 2)]);
        assert!(!draft.exists());
    }

    #[test]
    fn one_owner_and_many_readers() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put(&description(1, 1)).unwrap();
        assert!(matches!(
            Store::open(folder.path()),
            Err(OpenError::InUse(_))
        ));
        assert_eq!(read(folder.path()).unwrap().conferences.len(), 1);
    }
}
