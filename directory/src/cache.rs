//! Announcements on disk, so that the list is full as soon as the program starts. Touches the file system.
//!
//! One JSON object a line, so that a damaged line costs that one announcement only. One program owns the file and writes it;
//! others read it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::disk::{self, OpenError, Ownership};
use crate::sap::{self, Announcer, Limits, Restored};

/// The cache of announcements, owned by this program.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    _ownership: Ownership,
}

/// What was on disk.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cached {
    /// What is still of use.
    pub announcements: Vec<Restored>,
    /// Lines that could not be read.
    pub damaged: usize,
    /// Announcements of conferences that are over, or that nobody has announced for days.
    pub expired: usize,
}

impl Cache {
    /// Takes ownership of the cache at `path`, which need not exist.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            path: path.to_owned(),
            _ownership: Ownership::take(&path.with_extension("lock"))?,
        })
    }

    /// Writes all that is heard now; what was there before is gone. The caller sees to it that this is not done too often.
    pub fn write(&self, heard: impl IntoIterator<Item = Restored>) -> std::io::Result<()> {
        let mut contents = Vec::new();
        for restored in heard {
            serde_json::to_writer(&mut contents, &Line::from(&restored))?;
            contents.push(b'\n');
        }
        disk::replace(&self.path, &contents)
    }
}

/// Reads the cache at `path`, owned or not, as of `wall`. It never fails: what cannot be read is not there.
pub fn read(path: &Path, wall: SystemTime) -> Cached {
    let mut cached = Cached::default();
    let contents = disk::read(path, MAX_FILE).unwrap_or_default();
    let lines = contents.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    for line in lines.take(Limits::default().announcements) {
        match restored(line, wall) {
            Some(restored) if restored.is_expired => cached.expired += 1,
            Some(restored) => cached.announcements.push(restored.announcement),
            None => cached.damaged += 1,
        }
    }
    cached
}

struct Checked {
    announcement: Restored,
    is_expired: bool,
}

fn restored(line: &[u8], wall: SystemTime) -> Option<Checked> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let description = Description::parse(line.sdp.as_bytes()).ok()?;
    let last_heard = time(line.last_heard)?;
    let age = wall.duration_since(last_heard).unwrap_or_default();
    let is_over = sap::end(&description).is_some_and(|end| end <= wall);
    Some(Checked {
        is_expired: is_over || age > MAX_AGE,
        announcement: Restored {
            announcer: Announcer {
                group: line.group,
                origin: line.origin,
                from: line.from,
            },
            hash: line.hash,
            first_heard: time(line.first_heard)?,
            last_heard,
            times_heard: line.times_heard,
            text: line.sdp.into_bytes().into(),
        },
    })
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    group: IpAddr,
    origin: IpAddr,
    from: IpAddr,
    hash: u16,
    /// Seconds since 1970.
    first_heard: u64,
    last_heard: u64,
    times_heard: u32,
    sdp: String,
}

impl From<&Restored> for Line {
    fn from(restored: &Restored) -> Self {
        Self {
            group: restored.announcer.group,
            origin: restored.announcer.origin,
            from: restored.announcer.from,
            hash: restored.hash,
            first_heard: secs(restored.first_heard),
            last_heard: secs(restored.last_heard),
            times_heard: restored.times_heard,
            sdp: String::from_utf8_lossy(&restored.text).into_owned(),
        }
    }
}

fn secs(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

fn time(secs: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(secs))
}

/// Over a weekend a computer may be off, and what it announces is still of interest on Monday.
const MAX_AGE: Duration = Duration::from_secs(4 * 86_400);
/// Far more than a listener remembers.
const MAX_FILE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn wall() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_767_225_600)
    }

    fn announcement(id: u64, stop: u64) -> Restored {
        let text = format!(
            "v=0\r\no=- {id} 1 IN IP4 192.0.2.1\r\ns=Gr\u{fc}\u{df}e\r\nc=IN IP4 239.255.7.7/15\r\n\
             t=0 {stop}\r\nm=audio 5004 RTP/AVP 0\r\n"
        );
        let address = IpAddr::from([192, 0, 2, 1]);
        Restored {
            announcer: Announcer {
                group: IpAddr::from([239, 255, 255, 255]),
                origin: address,
                from: "fe80::1".parse().unwrap(),
            },
            text: text.into_bytes().into(),
            hash: 7,
            first_heard: wall() - Duration::from_secs(100),
            last_heard: wall() - Duration::from_secs(10),
            times_heard: 3,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let cache = Cache::open(&path).unwrap();
        assert_eq!(read(&path, wall()), Cached::default());
        let written: Vec<Restored> = (0..20).map(|id| announcement(id, 0)).collect();
        cache.write(written.clone()).unwrap();
        let cached = read(&path, wall());
        assert_eq!(cached.announcements, written);
        assert_eq!((cached.damaged, cached.expired), (0, 0));
        cache.write([]).unwrap();
        assert_eq!(read(&path, wall()), Cached::default());
    }

    #[test]
    fn known_line_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let line = r#"{"group":"239.255.255.255","origin":"192.0.2.1","from":"fe80::1","hash":7,"first_heard":1767225500,"last_heard":1767225590,"times_heard":3,"sdp":"v=0\r\no=- 5 1 IN IP4 192.0.2.1\r\ns=Grüße\r\nc=IN IP4 239.255.7.7/15\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"}"#;
        std::fs::write(&path, format!("{line}\n")).unwrap();
        assert_eq!(read(&path, wall()).announcements, [announcement(5, 0)]);
        Cache::open(&path)
            .unwrap()
            .write([announcement(5, 0)])
            .unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{line}\n"));
    }

    #[test]
    fn file_cut_at_any_byte_keeps_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let written: Vec<Restored> = (0..4).map(|id| announcement(id, 0)).collect();
        Cache::open(&path).unwrap().write(written.clone()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            let rest = &whole[..length];
            std::fs::write(&path, rest).unwrap();
            let cached = read(&path, wall());
            let lines = rest.iter().filter(|byte| **byte == b'\n').count();
            assert!(cached.announcements.len() >= lines, "at {length}");
            assert!(written.starts_with(&cached.announcements), "at {length}");
            assert!(cached.damaged <= 1, "at {length}");
        }
    }

    #[test]
    fn damaged_line_costs_that_line_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let written: Vec<Restored> = (0..3).map(|id| announcement(id, 0)).collect();
        Cache::open(&path).unwrap().write(written.clone()).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 10;
        bytes[middle] = 0xff;
        std::fs::write(&path, bytes).unwrap();
        let cached = read(&path, wall());
        assert_eq!(
            cached.announcements,
            [written[0].clone(), written[2].clone()]
        );
        assert_eq!(cached.damaged, 1);
    }

    #[test]
    fn what_is_over_or_unheard_for_days_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let now_ntp = 1_767_225_600 + 2_208_988_800;
        let over = announcement(1, now_ntp);
        let current = announcement(2, now_ntp + 1);
        let old = Restored {
            last_heard: wall() - MAX_AGE - Duration::from_secs(1),
            ..announcement(3, 0)
        };
        let cache = Cache::open(&path).unwrap();
        cache.write([over, current.clone(), old]).unwrap();
        let cached = read(&path, wall());
        assert_eq!(cached.announcements, [current]);
        assert_eq!(cached.expired, 2);
    }

    #[test]
    fn others_read_while_one_owns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("announcements.jsonl");
        let owner = Cache::open(&path).unwrap();
        owner.write([announcement(1, 0)]).unwrap();
        assert!(matches!(Cache::open(&path), Err(OpenError::InUse(_))));
        assert_eq!(read(&path, wall()).announcements.len(), 1);
    }
}
