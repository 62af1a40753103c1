//! One conference of the list.
use std::path::PathBuf;

use jiff::Timestamp;

use super::{Draft, Problem, Scope};

/// Names a conference for as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub String);

/// When a conference takes place, seen from one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// On, until then or without an end.
    Now {
        /// The end.
        until: Option<Timestamp>,
    },
    /// Still to come.
    Upcoming {
        /// The beginning.
        start: Timestamp,
        /// The end.
        end: Option<Timestamp>,
    },
    /// Over.
    Past,
}

/// Where a conference was learned of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is one's own.
    Own,
    /// Somebody announced it.
    Network {
        /// Who announces it, as the network knows them.
        announcer: String,
        /// The interface it came in by.
        interface: Option<String>,
    },
    /// It is published in a directory.
    Directory {
        /// The directory.
        url: String,
        /// It was published from here, so that it may be changed from here.
        is_mine: bool,
    },
    /// It was read from a file.
    File(PathBuf),
}

/// Where and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where.
    pub source: Source,
    /// Most recently.
    pub at: Option<Timestamp>,
    /// What is told otherwise there.
    pub differs: Option<Difference>,
}

/// How a source tells of a conference otherwise than the one that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its version there, and the one that counts, where they differ.
    pub versions: Option<(String, String)>,
    /// What else differs, as people call it.
    pub fields: Vec<&'static str>,
}

/// What keeps a conference from being joined: its description asks for encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// A medium uses RTP/SAVP or RTP/SAVPF.
    SecureProfile,
    /// A medium has `a=crypto`.
    Crypto,
    /// A `k=` line.
    Key,
}

/// One medium, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaLine {
    /// `Audio`, `Video`, ...
    pub kind: String,
    /// `Opus, 48 kHz, stereo`.
    pub format: String,
    /// `239.255.12.7 port 40000`.
    pub address: String,
    /// Where that group comes from, where it is one's own.
    pub origin: Option<GroupOrigin>,
}

/// Where a group comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupOrigin {
    /// A server leased it.
    Leased {
        /// From whom.
        server: String,
        /// Until when, so far.
        until: Timestamp,
    },
    /// It was picked here, at random.
    Picked,
}

/// How much bandwidth a conference takes while one person sends each medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// In kbit/s.
    pub kbit_per_s: u64,
    /// Its description does not say; this is what its media usually take.
    pub is_estimate: bool,
}

/// One time at which a conference is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// From then on.
    pub start: Timestamp,
    /// Until then, if it ends.
    pub end: Option<Timestamp>,
}

/// One conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: EntryId,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When, as of the moment the list was made; see [`Entry::activity`].
    pub when: Activity,
    /// `every week`, where it repeats.
    pub repeats: Option<String>,
    /// Where it repeats: the times after the current or next one, so many as fit a page.
    pub next: Vec<Occasion>,
    /// Who holds it, as a directory tells.
    pub originator: Option<String>,
    /// How much bandwidth it takes.
    pub rate: Rate,
    /// How far it reaches.
    pub scope: Scope,
    /// What is sent, and where.
    pub media: Vec<MediaLine>,
    /// Mail addresses, telephone numbers and links, as written.
    pub contacts: Vec<String>,
    /// Everywhere it was seen.
    pub seen: Vec<Seen>,
    /// Encrypted, so that joining is refused.
    pub lock: Option<Lock>,
    /// Any other reason why joining cannot succeed.
    pub refusal: Option<Problem>,
    /// What its author wrote, where it is one's own.
    pub draft: Option<Draft>,
    /// The description as received.
    pub sdp: String,
}

impl Entry {
    /// When it takes place, as seen from `now`: an upcoming one begins and a current one ends by itself.
    pub fn activity(&self, now: Timestamp) -> Activity {
        let begun = match self.when {
            Activity::Upcoming { start, end } if start <= now => Activity::Now { until: end },
            other => other,
        };
        match begun {
            Activity::Now { until: Some(end) } if end <= now => Activity::Past,
            other => other,
        }
    }

    /// Whether it is one's own, to edit and to withdraw.
    pub fn is_own(&self) -> bool {
        self.seen.iter().any(|seen| seen.source == Source::Own)
    }

    /// Whether a directory has it; whether it is one's own there.
    pub fn in_directory(&self, url: &str) -> Option<bool> {
        self.seen.iter().find_map(|seen| match &seen.source {
            Source::Directory {
                url: other,
                is_mine,
            } if other == url => Some(*is_mine),
            _ => None,
        })
    }

    /// Whether any directory has it.
    pub fn is_in_a_directory(&self) -> bool {
        let mut sources = self.seen.iter().map(|seen| &seen.source);
        sources.any(|source| matches!(source, Source::Directory { .. }))
    }

    /// Whether it is one's own, on the network or in a directory.
    pub fn is_mine(&self) -> bool {
        let is_mine = |seen: &Seen| matches!(seen.source, Source::Directory { is_mine: true, .. });
        self.is_own() || self.seen.iter().any(is_mine)
    }

    /// Whether nothing but a file tells of it.
    pub fn is_only_from_file(&self) -> bool {
        self.seen
            .iter()
            .all(|seen| matches!(seen.source, Source::File(_)))
    }

    /// Why it cannot be joined at `now`, if so; the most lasting reason first.
    pub fn refusal(&self, now: Timestamp) -> Option<Problem> {
        if let Some(lock) = self.lock {
            return Some(Problem::Encrypted(lock));
        }
        if let Some(refusal) = &self.refusal {
            return Some(refusal.clone());
        }
        (self.activity(now) == Activity::Past).then_some(Problem::ConferenceOver)
    }

    /// Whether all of the words in `query` (lower case) occur in its name, description, originator or contacts.
    pub fn matches(&self, query: &str) -> bool {
        let originator = self.originator.as_deref().unwrap_or_default();
        let contacts = self.contacts.join("\n");
        let text = format!(
            "{}\n{}\n{originator}\n{contacts}",
            self.name, self.description
        );
        let text = text.to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    }
}
