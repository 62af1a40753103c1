//! Finds the directory servers of this network, and notices when they go.
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use super::Datagram;
use super::message::{Data, Kind, Message, Question, Resource};
use super::name::Name;
use super::records::{service_type, subtype};

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What people call it.
    pub name: String,
    /// Where it is reached, the IPv4 addresses first.
    pub addresses: Vec<SocketAddr>,
    /// What it says of itself.
    pub text: Vec<(String, String)>,
}

/// What a browser tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserEvent {
    /// A server is there, or what is known of it has changed.
    Found(Found),
    /// The server of that name is gone.
    Gone(String),
}

/// Looks for servers as long as it lives.
#[derive(Debug)]
pub struct Browser {
    instances: BTreeMap<Name, Instance>,
    hosts: BTreeMap<Name, BTreeMap<SocketAddr, Instant>>,
    ask_at: Instant,
    interval: Duration,
    outputs: VecDeque<Message>,
    events: VecDeque<BrowserEvent>,
}

#[derive(Debug)]
struct Instance {
    /// When the last word of its being there is out of date.
    until: Instant,
    /// When to ask for a newer one.
    refresh_at: Instant,
    server: Option<(u16, Name)>,
    text: Vec<(String, String)>,
    told: Option<Found>,
}

impl Browser {
    /// Asks soon; the first question waits up to 120 ms by `wait_millis`, lest all ask at once.
    pub fn new(now: Instant, wait_millis: u64) -> Self {
        Self {
            instances: BTreeMap::new(),
            hosts: BTreeMap::new(),
            ask_at: now + Duration::from_millis(20 + wait_millis % 100),
            interval: FIRST_INTERVAL,
            outputs: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Another network: asks from the beginning.
    pub fn ask_again(&mut self, now: Instant) {
        (self.ask_at, self.interval) = (now, FIRST_INTERVAL);
    }

    /// Hears what others say. Only what comes from the port of mDNS counts (RFC 6762 section 6).
    pub fn handle_message(&mut self, now: Instant, datagram: &Datagram<'_>, message: &Message) {
        if !message.is_response || datagram.from.port() != super::PORT {
            return;
        }
        let records: Vec<&Resource> = message.answers.iter().chain(&message.additionals).collect();
        for record in &records {
            if let (Data::Ptr(instance), Some(subtype)) = (&record.data, subtype())
                && record.name == subtype
            {
                self.note_instance(now, instance, record.ttl_secs);
            }
        }
        for record in &records {
            self.note_details(now, record, datagram.interface);
        }
        self.settle(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for addresses in self.hosts.values_mut() {
            addresses.retain(|_, until| *until > now);
        }
        let gone = self
            .instances
            .extract_if(.., |_, instance| instance.until <= now);
        let gone: Vec<Instance> = gone.map(|(_, instance)| instance).collect();
        for found in gone.into_iter().filter_map(|instance| instance.told) {
            self.events.push_back(BrowserEvent::Gone(found.name));
        }
        let instances = &self.instances;
        self.hosts.retain(|host, _| {
            let mut servers = instances
                .values()
                .filter_map(|instance| instance.server.as_ref());
            servers.any(|(_, of)| of == host)
        });
        if self.ask_at <= now {
            self.ask(now);
        }
        self.refresh(now);
    }

    /// The next message to be sent to the groups.
    pub fn poll_message(&mut self) -> Option<Message> {
        self.outputs.pop_front()
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<BrowserEvent> {
        self.events.pop_front()
    }

    /// When there is something to do.
    pub fn next_timeout(&self) -> Option<Instant> {
        let instances = self.instances.values();
        let dues = instances.map(|instance| instance.until.min(instance.refresh_at));
        dues.chain([self.ask_at]).min()
    }

    /// Everything found.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.instances
            .values()
            .filter_map(|instance| instance.told.as_ref())
    }

    fn note_instance(&mut self, now: Instant, name: &Name, ttl_secs: u32) {
        if service_type().is_none_or(|of| !name.labels().skip(1).eq(of.labels())) {
            return;
        }
        let (until, refresh_at) = times(now, ttl_secs);
        if let Some(instance) = self.instances.get_mut(name) {
            // Whatever of a server is short-lived is what tells that it lives: see `note_details`.
            instance.until = if ttl_secs == 0 {
                until
            } else {
                instance.until.max(now + ONE_SECOND)
            };
            return;
        }
        if ttl_secs > 0 && self.instances.len() < MAX_INSTANCES {
            let instance = Instance {
                until: until.min(now + UNRESOLVED),
                refresh_at: refresh_at.min(now + ONE_SECOND),
                server: None,
                text: Vec::new(),
                told: None,
            };
            self.instances.insert(name.clone(), instance);
        }
    }

    fn note_details(&mut self, now: Instant, record: &Resource, interface: u32) {
        let (until, refresh_at) = times(now, record.ttl_secs);
        match &record.data {
            Data::Srv { port, host } => {
                if let Some(instance) = self.instances.get_mut(&record.name) {
                    instance.server = Some((*port, host.clone()));
                    (instance.until, instance.refresh_at) = (until, refresh_at);
                }
            }
            Data::Txt(texts) => {
                if let Some(instance) = self.instances.get_mut(&record.name) {
                    instance.text = texts
                        .iter()
                        .take(MAX_TEXTS)
                        .filter_map(|t| pair(t))
                        .collect();
                }
            }
            Data::A(address) => {
                self.note_address(&record.name, (*address).into(), until, interface)
            }
            Data::Aaaa(address) => {
                self.note_address(&record.name, (*address).into(), until, interface);
            }
            Data::Ptr(_) | Data::Other(_) => {}
        }
    }

    fn note_address(&mut self, host: &Name, address: IpAddr, until: Instant, interface: u32) {
        let mut servers = self
            .instances
            .values()
            .filter_map(|instance| instance.server.as_ref());
        if !servers.any(|(_, of)| of == host) {
            return;
        }
        let addresses = self.hosts.entry(host.clone()).or_default();
        let address = match address {
            IpAddr::V6(v6) if v6.is_unicast_link_local() => {
                SocketAddrV6::new(v6, 0, 0, interface).into()
            }
            other => SocketAddr::new(other, 0),
        };
        if addresses.len() < MAX_ADDRESSES || addresses.contains_key(&address) {
            addresses.insert(address, until);
        }
    }

    /// Tells of servers of which all is known, where that is news.
    fn settle(&mut self, now: Instant) {
        for (name, instance) in &mut self.instances {
            let Some((port, host)) = &instance.server else {
                continue;
            };
            let addresses = self.hosts.get(host).into_iter().flatten();
            let addresses = addresses.filter(|(_, until)| **until > now);
            let addresses: Vec<SocketAddr> = addresses
                .map(|(address, _)| {
                    let mut address = *address;
                    address.set_port(*port);
                    address
                })
                .collect();
            let found = Found {
                name: name.labels().next().unwrap_or_default().to_owned(),
                addresses,
                text: instance.text.clone(),
            };
            let is_news = instance.told.as_ref() != Some(&found);
            if is_news && !found.addresses.is_empty() && instance.until > now + ONE_SECOND {
                instance.told = Some(found.clone());
                self.events.push_back(BrowserEvent::Found(found));
            }
        }
    }

    fn ask(&mut self, now: Instant) {
        self.ask_at = now + self.interval;
        self.interval = (self.interval * 3).min(LONGEST_INTERVAL);
        let Some(subtype) = subtype() else {
            return;
        };
        let known = self
            .instances
            .iter()
            .filter(|(_, instance)| instance.told.is_some());
        let known = known.map(|(name, _)| Resource {
            name: subtype.clone(),
            is_unique: false,
            // Of the 4,500 seconds that servers give.
            ttl_secs: 4400,
            data: Data::Ptr(name.clone()),
        });
        // What is known is left out where too much would be (RFC 6762 section 7.2 allows to send more).
        let answers = known.take(MAX_KNOWN_ANSWERS).collect();
        let questions = vec![Question {
            name: subtype.clone(),
            kind: Kind::PTR,
        }];
        self.outputs.push_back(Message {
            questions,
            answers,
            ..Message::default()
        });
    }

    /// Asks for what is about to be out of date, or is still missing.
    fn refresh(&mut self, now: Instant) {
        let mut questions = Vec::new();
        for (name, instance) in &mut self.instances {
            if instance.refresh_at > now {
                continue;
            }
            let left = instance.until.saturating_duration_since(now);
            instance.refresh_at = now + (left / 2).max(ONE_SECOND);
            let host = instance.server.iter().map(|(_, host)| host);
            let names = std::iter::once(name).chain(host);
            questions.extend(names.map(|name| Question {
                name: name.clone(),
                kind: Kind::ANY,
            }));
        }
        for questions in questions.chunks(MAX_QUESTIONS) {
            let questions = questions.to_vec();
            self.outputs.push_back(Message {
                questions,
                ..Message::default()
            });
        }
    }
}

/// When a record is out of date, and when to ask for it again: at 80 % of its life (RFC 6762 section 5.2).
/// One that says goodbye is kept for a second (section 10.1).
fn times(now: Instant, ttl_secs: u32) -> (Instant, Instant) {
    let life = Duration::from_secs(ttl_secs.clamp(1, LONGEST_LIFE_SECS).into());
    (now + life, now + life * 4 / 5)
}

/// Keys without a value mean nothing here (RFC 6763 section 6.4).
fn pair(text: &[u8]) -> Option<(String, String)> {
    let (key, value) = str::from_utf8(text).ok()?.split_once('=')?;
    (!key.is_empty()).then(|| (key.to_ascii_lowercase(), value.to_owned()))
}

const FIRST_INTERVAL: Duration = Duration::from_secs(1);
/// RFC 6762 section 5.2.
const LONGEST_INTERVAL: Duration = Duration::from_secs(3600);
const ONE_SECOND: Duration = Duration::from_secs(1);
/// How long an instance is waited for that does not say where it is.
const UNRESOLVED: Duration = Duration::from_secs(10);
const LONGEST_LIFE_SECS: u32 = 4500;
const MAX_INSTANCES: usize = 256;
const MAX_ADDRESSES: usize = 16;
const MAX_TEXTS: usize = 32;
const MAX_QUESTIONS: usize = 16;
const MAX_KNOWN_ANSWERS: usize = 16;
