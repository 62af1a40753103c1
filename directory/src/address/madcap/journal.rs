//! A server's leases on disk: each change is a line at the end of a file, and is there after a crash. Touches the file system.
//!
//! The file is written anew when it is opened and when most of it is out of date.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::lease_id::LeaseId;
use super::server::{Change, Record};
use crate::disk::{self, OpenError, Ownership};

/// The file, owned by this program.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Missing after a failed write: the file may then end in half a line.
    file: Option<File>,
    leases: BTreeMap<LeaseId, Record>,
    lines: usize,
    _ownership: Ownership,
}

impl Journal {
    /// Takes ownership of the file at `path`, which need not exist.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let ownership = Ownership::take(&path.with_extension("lock"))?;
        let mut leases = BTreeMap::new();
        let contents = match disk::read(path, MAX_FILE) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(OpenError::Io {
                    path: path.to_owned(),
                    source: error,
                });
            }
            contents => contents.unwrap_or_default(),
        };
        // What cannot be read is the end of a line that was never acknowledged.
        let lines = contents.split(|byte| *byte == b'\n');
        for change in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            apply(&mut leases, change);
        }
        let mut journal = Self {
            path: path.to_owned(),
            file: None,
            leases,
            lines: 0,
            _ownership: ownership,
        };
        journal.rewrite().map_err(|source| OpenError::Io {
            path: path.to_owned(),
            source,
        })?;
        Ok(journal)
    }

    /// What is leased, as far as the file knows.
    pub fn leases(&self) -> impl Iterator<Item = &Record> {
        self.leases.values()
    }

    /// Appends changes; when this returns they are on disk.
    ///
    /// # Errors
    /// When the disk refuses. Then none of them may be taken for written.
    pub fn write(&mut self, changes: Vec<Change>) -> io::Result<()> {
        let mut lines = Vec::new();
        for change in &changes {
            serde_json::to_writer(&mut lines, change)?;
            lines.push(b'\n');
        }
        let count = changes.len();
        changes
            .into_iter()
            .for_each(|change| apply(&mut self.leases, change));
        self.lines += count;
        let is_stale = self.lines > 2 * self.leases.len() + SLACK;
        match self.file.as_mut().filter(|_| !is_stale) {
            None => self.rewrite(),
            Some(file) => {
                let written = file.write_all(&lines).and_then(|()| file.sync_data());
                if written.is_err() {
                    self.file = None;
                }
                written
            }
        }
    }

    fn rewrite(&mut self) -> io::Result<()> {
        let mut contents = Vec::new();
        for record in self.leases.values() {
            serde_json::to_writer(&mut contents, &Change::Put(record.clone()))?;
            contents.push(b'\n');
        }
        self.file = None;
        disk::replace(&self.path, &contents)?;
        self.file = Some(OpenOptions::new().append(true).open(&self.path)?);
        self.lines = self.leases.len();
        Ok(())
    }
}

fn apply(leases: &mut BTreeMap<LeaseId, Record>, change: Change) {
    match change {
        Change::Put(record) => drop(leases.insert(record.id.clone(), record)),
        Change::Remove(id) => drop(leases.remove(&id)),
    }
}

/// Lines out of date that are not worth writing the file anew.
const SLACK: usize = 4096;
/// Some hundred bytes for each of as many leases as a server keeps, several times over.
const MAX_FILE: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::super::{UnixTime, Window};
    use super::*;

    fn record(number: u8, end: u32) -> Record {
        Record {
            id: LeaseId::new(&[0, number]).unwrap(),
            scope: IpAddr::from([239, 255, 0, 0]),
            groups: vec![
                IpAddr::from([239, 255, 0, number]),
                "ff15::8000:1".parse().unwrap(),
            ],
            window: Window::lasting(UnixTime(5), end),
            client: IpAddr::from([10, 0, 0, 1]),
        }
    }

    fn leases(journal: &Journal) -> Vec<Record> {
        journal.leases().cloned().collect()
    }

    #[test]
    fn what_was_written_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/leases.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        let changes = [record(1, 9), record(2, 9), record(1, 20)].map(Change::Put);
        journal.write(changes.into()).unwrap();
        journal
            .write(vec![Change::Remove(record(2, 9).id)])
            .unwrap();
        assert!(matches!(Journal::open(&path), Err(OpenError::InUse(_))));
        drop(journal);
        assert_eq!(leases(&Journal::open(&path).unwrap()), [record(1, 20)]);
    }

    #[test]
    fn lines_are_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        let changes = vec![Change::Put(record(7, 9)), Change::Remove(record(8, 9).id)];
        journal.write(changes).unwrap();
        let expected = "{\"put\":{\"id\":\"0007\",\"scope\":\"239.255.0.0\",\
            \"groups\":[\"239.255.0.7\",\"ff15::8000:1\"],\"start\":5,\"end\":14,\"client\":\"10.0.0.1\"}}\n\
            {\"remove\":\"0008\"}\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }

    #[test]
    fn half_a_line_at_the_end_costs_nothing_that_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.write(vec![Change::Put(record(1, 9))]).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            let torn = [&whole[..], &whole[..length]].concat();
            std::fs::write(&path, torn).unwrap();
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(leases(&journal), [record(1, 9)]);
            journal.write(vec![Change::Put(record(2, 9))]).unwrap();
            drop(journal);
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(leases(&journal), [record(1, 9), record(2, 9)]);
            journal
                .write(vec![Change::Remove(record(2, 9).id)])
                .unwrap();
        }
    }

    #[test]
    fn a_stale_file_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        for end in 0..50 {
            let changes = (0..200).map(|number| Change::Put(record(number, end)));
            journal.write(changes.collect()).unwrap();
        }
        let contents = std::fs::read_to_string(&path).unwrap();
        assert!(contents.lines().count() < 200 * 2 + SLACK + 200);
        assert_eq!(journal.leases().count(), 200);
    }
}
