//! Carries conferences between the network and a directory: what Microsoft planned for TAPI 3.1 and never shipped.
//!
//! It cannot turn in circles: only what the host that made a conference announces itself goes into the directory, so that
//! another bridge's announcement does not; and what is heard here is not announced here.
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use directory::catalogue::{Entry, Seen};
use directory::description::Activity;
use directory::{ConferenceId, Description, Scope};

/// What is carried, and which way.
#[derive(Debug)]
pub struct Bridge {
    url: Arc<str>,
    scopes: Vec<Scope>,
    carried: BTreeMap<ConferenceId, Carried>,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Publish it in the directory, or its new version.
    Publish(Arc<Description>),
    /// Take it out of the directory.
    Withdraw(ConferenceId),
    /// Announce it on the network, or its new version.
    Announce(Arc<Description>),
    /// Announce it no longer.
    Silence(ConferenceId),
}

#[derive(Clone, Debug)]
enum Carried {
    IntoDirectory(Arc<Description>),
    OntoNetwork(Arc<Description>),
}

impl Bridge {
    /// Who is named as the originator of what a bridge publishes.
    pub const ORIGINATOR: &'static str = "announced on the network";

    /// A bridge between the network and this directory, for conferences of these scopes.
    pub fn new(url: Arc<str>, scopes: Vec<Scope>) -> Self {
        Self {
            url,
            scopes,
            carried: BTreeMap::new(),
        }
    }

    /// Goes on with what an earlier run published.
    pub fn resume(&mut self, description: Arc<Description>) {
        let id = description.id();
        let carried = Carried::IntoDirectory(description);
        self.carried.entry(id).or_insert(carried);
    }

    /// What is to be done, now that this is known. `is_ready` once all that is announced here has had the time to be
    /// heard, and the directory has told all that it has: before that, nothing is announced and nothing withdrawn.
    pub fn steps(&mut self, known: &[Arc<Entry>], wall: SystemTime, is_ready: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut gone: BTreeMap<ConferenceId, Carried> = self.carried.clone();
        for entry in known {
            gone.remove(&entry.id);
            let is_over = entry.description.activity(wall) == Activity::Past;
            let is_in_scope = entry
                .description
                .scope()
                .is_some_and(|scope| self.scopes.contains(&scope));
            if is_in_scope && !is_over {
                steps.extend(self.step(entry, is_ready));
            } else if let Some(carried) = self.carried.remove(&entry.id) {
                steps.push(carried.undo(entry.id));
            }
        }
        for (id, carried) in gone {
            if is_ready {
                self.carried.remove(&id);
                steps.push(carried.undo(id));
            }
        }
        steps
    }

    fn step(&mut self, entry: &Entry, is_ready: bool) -> Option<Step> {
        let made = said_by_maker(entry);
        let is_heard = entry
            .sources
            .iter()
            .any(|seen| matches!(seen, Seen::Sap { .. }));
        let published = said_by_directory(entry, &self.url);
        match (self.carried.get(&entry.id).cloned(), made, published) {
            (None, Some(made), None) => Some(self.publish(made)),
            (None, _, Some(published)) if is_ready && !is_heard && !entry.is_own() => {
                Some(self.announce(published))
            }
            (Some(Carried::IntoDirectory(before)), Some(made), _)
                if before.version() < made.version() =>
            {
                Some(self.publish(made))
            }
            (Some(carried @ Carried::IntoDirectory(_)), None, _) if is_ready => {
                self.carried.remove(&entry.id);
                Some(carried.undo(entry.id))
            }
            (Some(carried @ Carried::OntoNetwork(_)), _, None) => {
                self.carried.remove(&entry.id);
                Some(carried.undo(entry.id))
            }
            (Some(carried @ Carried::OntoNetwork(_)), ..) if is_heard => {
                self.carried.remove(&entry.id);
                Some(carried.undo(entry.id))
            }
            (Some(Carried::OntoNetwork(before)), _, Some(published))
                if before.version() < published.version() =>
            {
                Some(self.announce(published))
            }
            _ => None,
        }
    }

    fn publish(&mut self, description: Arc<Description>) -> Step {
        let carried = Carried::IntoDirectory(Arc::clone(&description));
        self.carried.insert(description.id(), carried);
        Step::Publish(description)
    }

    fn announce(&mut self, description: Arc<Description>) -> Step {
        let carried = Carried::OntoNetwork(Arc::clone(&description));
        self.carried.insert(description.id(), carried);
        Step::Announce(description)
    }
}

impl Carried {
    fn undo(&self, id: ConferenceId) -> Step {
        match self {
            Self::IntoDirectory(_) => Step::Withdraw(id),
            Self::OntoNetwork(_) => Step::Silence(id),
        }
    }
}

/// What each source says: where it disagrees with what counts, that stands in the disagreements.
fn said(entry: &Entry, is_it: impl Fn(&Seen) -> bool) -> Option<Arc<Description>> {
    if !entry.sources.iter().any(&is_it) {
        return None;
    }
    let differs = entry
        .disagreements
        .iter()
        .find(|other| is_it(&other.source));
    Some(differs.map_or_else(
        || Arc::clone(&entry.description),
        |other| Arc::clone(&other.description),
    ))
}

fn said_by_maker(entry: &Entry) -> Option<Arc<Description>> {
    let origin = entry.description.origin.as_ref()?;
    let maker: IpAddr = origin.address.parse().ok()?;
    said(
        entry,
        |seen| matches!(seen, Seen::Sap { announcer, .. } if *announcer == maker),
    )
}

fn said_by_directory(entry: &Entry, url: &str) -> Option<Arc<Description>> {
    said(
        entry,
        |seen| matches!(seen, Seen::Directory { url: other, .. } if **other == *url),
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const URL: &str = "ldap://directory.example";
    const MAKER: &str = "192.0.2.1";

    fn wall() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn describe(version: u64) -> Arc<Description> {
        let text = format!(
            "v=0\r\no=- 1 {version} IN IP4 {MAKER}\r\ns=Talk\r\nc=IN IP4 239.255.7.7/15\r\nt=0 0\r\n\
             m=audio 5004 RTP/AVP 0\r\n"
        );
        Arc::new(Description::parse(text.as_bytes()).unwrap())
    }

    /// One network with its bridge, and what is announced there by others.
    struct Net {
        bridge: Bridge,
        host: &'static str,
        /// Who announces the conference, and which version.
        heard: BTreeMap<&'static str, u64>,
        announces: Option<u64>,
    }

    fn net(host: &'static str) -> Net {
        Net {
            bridge: Bridge::new(URL.into(), vec![Scope::Site]),
            host,
            heard: BTreeMap::new(),
            announces: None,
        }
    }

    impl Net {
        fn sources(&self, published: Option<u64>) -> Vec<(Seen, u64)> {
            let sap = |host: &str| Seen::Sap {
                group: [239, 255, 255, 255].into(),
                announcer: host.parse().unwrap(),
                first_heard: wall(),
                last_heard: wall(),
            };
            let heard = self
                .heard
                .iter()
                .map(|(host, version)| (sap(host), *version));
            let in_directory = published.map(|version| {
                let (url, name) = (URL.into(), "cn=x".to_owned());
                (Seen::Directory { url, name }, version)
            });
            let own = self.announces.map(|version| (Seen::Own, version));
            heard.chain(in_directory).chain(own).collect()
        }

        /// Does what the bridge says; gives what the directory has then.
        fn turn(&mut self, published: Option<u64>, is_ready: bool) -> Option<u64> {
            let sources = self.sources(published);
            let newest = sources.iter().map(|(_, version)| *version).max();
            let entry = newest.map(|newest| {
                let others = sources.iter().filter(|(_, version)| *version != newest);
                Arc::new(Entry {
                    id: describe(1).id(),
                    description: describe(newest),
                    sources: sources.iter().map(|(seen, _)| seen.clone()).collect(),
                    disagreements: others
                        .map(|(seen, version)| directory::catalogue::Disagreement {
                            source: seen.clone(),
                            description: describe(*version),
                            fields: Vec::new(),
                        })
                        .collect(),
                })
            });
            let known: Vec<Arc<Entry>> = entry.into_iter().collect();
            let version = |description: &Description| {
                let version = description.version().unwrap().as_str();
                Some(version.parse().unwrap())
            };
            let mut published = published;
            for step in self.bridge.steps(&known, wall(), is_ready) {
                match step {
                    Step::Publish(description) => published = version(&description),
                    Step::Withdraw(_) => published = None,
                    Step::Announce(description) => self.announces = version(&description),
                    Step::Silence(_) => self.announces = None,
                }
            }
            published
        }
    }

    #[test]
    fn announcement_goes_through_the_directory_onto_another_network_and_ends_there_too() {
        let (mut here, mut there) = (net("192.0.2.9"), net("198.51.100.9"));
        here.heard.insert(MAKER, 1);
        let published = here.turn(None, true);
        assert_eq!(there.turn(published, true), Some(1));
        assert_eq!(there.announces, Some(1));
        here.heard.insert(MAKER, 2);
        let published = here.turn(published, true);
        there.turn(published, true);
        assert_eq!((published, there.announces), (Some(2), Some(2)));
        here.heard.clear();
        let published = here.turn(published, true);
        there.turn(published, true);
        assert_eq!((published, there.announces), (None, None));
    }

    #[test]
    fn two_bridges_of_one_network_do_not_keep_a_conference_alive_between_them() {
        let (mut a, mut b) = (net("192.0.2.8"), net("192.0.2.9"));
        a.heard.insert(MAKER, 1);
        let mut published = a.turn(None, true);
        // b missed the announcement, and announces it itself; a hears that.
        published = b.turn(published, true);
        assert_eq!(b.announces, Some(1));
        a.heard.insert(b.host, 1);
        a.heard.remove(MAKER);
        for _ in 0..3 {
            published = a.turn(published, true);
            published = b.turn(published, true);
            if b.announces.is_none() {
                a.heard.remove(b.host);
            }
        }
        assert_eq!((published, a.announces, b.announces), (None, None, None));
    }

    #[test]
    fn what_is_heard_is_not_announced_again() {
        let mut here = net("192.0.2.9");
        here.turn(Some(1), true);
        assert_eq!(here.announces, Some(1));
        here.heard.insert(MAKER, 1);
        here.turn(Some(1), true);
        assert_eq!(here.announces, None);
    }

    #[test]
    fn nothing_is_announced_or_withdrawn_before_all_is_known() {
        let mut here = net("192.0.2.9");
        here.bridge.resume(describe(1));
        assert_eq!(here.turn(Some(1), false), Some(1));
        assert_eq!(here.announces, None);
        assert_eq!(
            here.turn(Some(1), true),
            None,
            "nobody announces it any more"
        );
    }

    #[test]
    fn other_scopes_stay_where_they_are() {
        let mut here = net("192.0.2.9");
        here.bridge.scopes = vec![Scope::World];
        here.heard.insert(MAKER, 1);
        assert_eq!(here.turn(None, true), None);
    }
}
