//! What was promised to directories, on disk: a folder with a file for each conference and directory. Touches the file system.
//!
//! Any program of the user may put something there; one of them owns the folder and does what it says.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::description::{ConferenceId, Description};
use crate::disk::{self, OpenError, Ownership};
use crate::object::{ConferenceEntry, Permissions, Principal};

/// One conference in one directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The directory, by its first URL.
    pub directory: String,
    /// The conference.
    pub id: ConferenceId,
    /// What is to stand there; nothing where it is to be withdrawn.
    pub entry: Option<ConferenceEntry>,
    /// What it is to replace.
    pub basis: Basis,
    /// When the entry dies there, unless it is refreshed.
    pub until: Option<SystemTime>,
}

/// What an entry is to replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Nothing: it is new.
    #[default]
    New,
    /// The entry as it was at this revision, and no other.
    Revision(String),
    /// The entry, however it is now: its server tells no revisions.
    Any,
}

/// The folder, owned by this program.
#[derive(Debug)]
pub struct Ledger {
    folder: PathBuf,
    _ownership: Ownership,
}

/// Why a record is not kept.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There are too many.
    #[error("{MAX_RECORDS} changes wait already")]
    Full,
    /// The disk refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Ledger {
    /// Takes ownership of a folder, which is made if need be.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            folder: folder.to_owned(),
            _ownership: Ownership::take(&folder.join("lock"))?,
        })
    }

    /// Forgets a record, unless another has taken its place.
    pub fn remove(&self, record: &Record) -> io::Result<()> {
        let path = path(&self.folder, record);
        // As it was written: a description may have what is not written, such as `k=`.
        match disk::read(&path, MAX_FILE) {
            Ok(kept) if kept == written(record)? => disk::remove(&path).map(drop),
            _ => Ok(()),
        }
    }

    /// Everything that is kept. What cannot be read is left alone, for somebody to mend.
    pub fn read(&self) -> io::Result<Vec<Record>> {
        let files = files(&self.folder)?;
        Ok(files.iter().filter_map(|path| load(path)).collect())
    }
}

/// Keeps a record in a folder, owned or not, in place of an earlier one of the same conference and directory.
pub fn put(folder: &Path, record: &Record) -> Result<(), LedgerError> {
    std::fs::create_dir_all(folder)?;
    let path = path(folder, record);
    if !path.exists() && files(folder)?.len() >= MAX_RECORDS {
        return Err(LedgerError::Full);
    }
    Ok(disk::replace(&path, &written(record)?)?)
}

fn written(record: &Record) -> io::Result<Vec<u8>> {
    serde_json::to_vec(&Line::from(record)).map_err(io::Error::other)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let files = match std::fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let paths: io::Result<Vec<PathBuf>> = files.map(|file| Ok(file?.path())).collect();
    let mut paths = paths?;
    let is_record = |path: &PathBuf| path.extension().is_some_and(|end| end == EXTENSION);
    paths.retain(is_record);
    paths.sort();
    Ok(paths)
}

fn load(path: &Path) -> Option<Record> {
    let text = disk::read(path, MAX_FILE).ok()?;
    let line: Line = serde_json::from_slice(&text).ok()?;
    line.record()
}

/// A URL is no file name; its hash is, and equal ones meet in the same file (FNV-1a).
fn path(folder: &Path, record: &Record) -> PathBuf {
    let hash = record
        .directory
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    folder.join(format!("{}-{hash:016x}.{EXTENSION}", record.id))
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Line {
    directory: String,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sdp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    originator: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    readers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    editors: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    replaces_any: bool,
    /// Seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
}

impl From<&Record> for Line {
    fn from(record: &Record) -> Self {
        let entry = record.entry.as_ref();
        let words =
            |principals: &[Principal]| principals.iter().map(Principal::to_string).collect();
        let secs = |time: SystemTime| Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs());
        Self {
            directory: record.directory.clone(),
            id: record.id.to_string(),
            sdp: entry.map(|entry| entry.description.to_string()),
            originator: entry.and_then(|entry| entry.originator.clone()),
            readers: entry.map_or_else(Vec::new, |entry| words(&entry.permissions.readers)),
            editors: entry.map_or_else(Vec::new, |entry| words(&entry.permissions.editors)),
            revision: match &record.basis {
                Basis::Revision(revision) => Some(revision.clone()),
                Basis::New | Basis::Any => None,
            },
            replaces_any: record.basis == Basis::Any,
            until: record.until.and_then(secs),
        }
    }
}

impl Line {
    fn record(self) -> Option<Record> {
        let id = self.id.parse().ok()?;
        let principals = |words: &[String]| -> Option<Vec<Principal>> {
            words.iter().map(|word| word.parse().ok()).collect()
        };
        let permissions = Permissions {
            readers: principals(&self.readers)?,
            editors: principals(&self.editors)?,
        };
        let entry = match self.sdp {
            None => None,
            Some(sdp) => Some(ConferenceEntry {
                description: Arc::new(Description::parse(sdp.as_bytes()).ok()?),
                originator: self.originator,
                permissions,
            }),
        };
        let is_sound = entry
            .as_ref()
            .is_none_or(|entry| entry.description.id() == id);
        let time = |secs| UNIX_EPOCH.checked_add(Duration::from_secs(secs));
        is_sound.then(|| Record {
            directory: self.directory,
            id,
            entry,
            basis: match self.revision {
                Some(revision) => Basis::Revision(revision),
                None if self.replaces_any => Basis::Any,
                None => Basis::New,
            },
            until: self.until.and_then(time),
        })
    }
}

const EXTENSION: &str = "json";
/// As many as a person can ask for while a directory is away, and far more.
pub const MAX_RECORDS: usize = 1_000;
/// A description of 64 KiB, escaped, with its permissions.
const MAX_FILE: u64 = 512 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u64, directory: &str) -> Record {
        let text = format!(
            "v=0\r\no=- {id} 1 IN IP4 192.0.2.1\r\ns=Gr\u{fc}\u{df}e\r\nc=IN IP4 239.255.7.7/15\r\n\
             t=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"
        );
        let description = Arc::new(Description::parse(text.as_bytes()).unwrap());
        Record {
            directory: directory.to_owned(),
            id: description.id(),
            entry: Some(ConferenceEntry {
                originator: Some("Ana".to_owned()),
                permissions: Permissions {
                    readers: vec![Principal::Authenticated],
                    editors: vec![Principal::Group("cn=staff,o=x".to_owned())],
                },
                ..ConferenceEntry::new(description)
            }),
            basis: Basis::Revision("7".to_owned()),
            until: Some(UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
        }
    }

    #[test]
    fn what_is_put_is_read_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("pending");
        let (one, other) = (record(1, "ldap://a"), record(1, "ldap://b"));
        put(&folder, &one).unwrap();
        put(&folder, &other).unwrap();
        let ledger = Ledger::open(&folder).unwrap();
        let mut kept = ledger.read().unwrap();
        kept.sort_by(|a, b| a.directory.cmp(&b.directory));
        assert_eq!(kept, [one.clone(), other.clone()]);
        ledger.remove(&one).unwrap();
        ledger.remove(&one).unwrap();
        assert_eq!(ledger.read().unwrap(), [other]);
    }

    #[test]
    fn later_change_takes_the_place_of_an_earlier_one_and_is_not_removed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let edit = record(1, "ldap://a");
        let withdrawal = Record {
            entry: None,
            ..edit.clone()
        };
        let ledger = Ledger::open(folder.path()).unwrap();
        put(folder.path(), &edit).unwrap();
        put(folder.path(), &withdrawal).unwrap();
        ledger.remove(&edit).unwrap();
        assert_eq!(ledger.read().unwrap(), [withdrawal]);
    }

    #[test]
    fn known_file_is_read_and_a_broken_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let record = record(1, "ldap://a");
        let text = format!(
            r#"{{"directory":"ldap://a","id":"{}","sdp":"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Grüße\r\nc=IN IP4 239.255.7.7/15\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n","originator":"Ana","readers":["authenticated"],"editors":["group:cn=staff,o=x"],"revision":"7","until":1800000000}}"#,
            record.id
        );
        let file = path(folder.path(), &record);
        std::fs::write(&file, &text).unwrap();
        let broken = folder.path().join("broken.json");
        std::fs::write(&broken, &text[..text.len() / 2]).unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.read().unwrap(), std::slice::from_ref(&record));
        put(folder.path(), &record).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        assert!(broken.exists());
    }

    #[test]
    fn records_are_bounded_and_what_is_there_may_still_change() {
        let folder = tempfile::tempdir().unwrap();
        let known = record(1, "ldap://a");
        put(folder.path(), &known).unwrap();
        for n in 1..MAX_RECORDS {
            std::fs::write(folder.path().join(format!("{n}.json")), "").unwrap();
        }
        assert!(put(folder.path(), &known).is_ok());
        let more = put(folder.path(), &record(2, "ldap://a"));
        assert!(matches!(more, Err(LedgerError::Full)));
    }

    #[test]
    fn one_program_owns_it_and_others_may_add() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        assert!(matches!(
            Ledger::open(folder.path()),
            Err(OpenError::InUse(_))
        ));
        put(folder.path(), &record(3, "ldap://a")).unwrap();
        assert_eq!(ledger.read().unwrap().len(), 1);
    }
}
