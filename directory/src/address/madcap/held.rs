//! A client's leases on disk: a folder with a file for each conference, so that they are renewed after a restart.
//! Touches the file system.

use std::io;
use std::path::{Path, PathBuf};

use super::client::Lease;
use crate::description::ConferenceId;
use crate::disk;

/// The folder. Several programs may share it: a conference is one program's.
#[derive(Clone, Debug)]
pub struct HeldLeases {
    folder: PathBuf,
}

/// A lease, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The conference, whose groups these are; it names the file.
    pub conference: ConferenceId,
    /// The lease.
    pub lease: Lease,
}

impl HeldLeases {
    /// A folder, which is made when there is something to put there.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Keeps a lease, in place of an earlier one for that conference.
    pub fn put(&self, conference: ConferenceId, lease: &Lease) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        disk::replace(&self.path(conference), &serde_json::to_vec_pretty(lease)?)
    }

    /// Forgets it; whether there was one.
    pub fn remove(&self, conference: ConferenceId) -> io::Result<bool> {
        disk::remove(&self.path(conference))
    }

    /// Whether there is one for that conference.
    pub fn has(&self, conference: ConferenceId) -> bool {
        self.path(conference).exists()
    }

    /// Reads all that is kept. Files that hold no lease are left alone.
    pub fn load(&self) -> io::Result<Vec<Held>> {
        let files = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files?,
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        for file in files {
            paths.push(file?.path());
        }
        paths.sort();
        Ok(paths.iter().filter_map(|path| load(path)).collect())
    }

    fn path(&self, conference: ConferenceId) -> PathBuf {
        self.folder.join(format!("{conference}.{EXTENSION}"))
    }
}

fn load(path: &Path) -> Option<Held> {
    if path
        .extension()
        .is_none_or(|extension| extension != EXTENSION)
    {
        return None;
    }
    let conference = path.file_stem()?.to_str()?.parse().ok()?;
    let contents = disk::read(path, MAX_FILE).ok()?;
    Some(Held {
        conference,
        lease: serde_json::from_slice(&contents).ok()?,
    })
}

const EXTENSION: &str = "lease";
/// Far more than a lease takes.
const MAX_FILE: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::super::{Grant, LeaseId, Need, UnixTime, Want, Window};
    use super::*;
    use crate::address::{IpVersion, Scope};

    fn lease() -> Lease {
        Lease {
            want: Want {
                id: LeaseId::new(&[0, 7]).unwrap(),
                scope: Scope::Site,
                version: IpVersion::V4,
                count: 1,
                need: Need {
                    from: None,
                    until: Some(UnixTime(9)),
                },
            },
            grant: Grant {
                server: SocketAddr::from(([10, 0, 0, 1], 2535)),
                scope: IpAddr::from([239, 255, 0, 0]),
                groups: vec![IpAddr::from([239, 255, 1, 2])],
                window: Window::lasting(UnixTime(5), 4),
            },
        }
    }

    #[test]
    fn kept_loaded_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let held = HeldLeases::new(&folder.path().join("leases"));
        assert_eq!(held.load().unwrap(), []);
        let id: ConferenceId = "0123456789abcdef".parse().unwrap();
        held.put(id, &lease()).unwrap();
        std::fs::write(folder.path().join("leases/notes.txt"), "not ours").unwrap();
        std::fs::write(folder.path().join("leases/0000000000000000.lease"), "{").unwrap();
        let expected = Held {
            conference: id,
            lease: lease(),
        };
        assert_eq!(held.load().unwrap(), [expected]);
        assert!(held.remove(id).unwrap());
        assert!(!held.remove(id).unwrap());
        assert_eq!(held.load().unwrap(), []);
    }
}
