//! Advertises a service: makes sure that its name is nobody else's, says that it is there, answers, says goodbye.
use std::net::IpAddr;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::Service;
use super::message::{Data, Kind, Message, Question, Resource};
use super::records::Records;

/// One service advertised.
#[derive(Debug)]
pub struct Responder {
    service: Service,
    /// How often another had the name.
    renamed: u32,
    host: String,
    addresses: Vec<IpAddr>,
    phase: Phase,
    answer_at: Option<Instant>,
    last_sent: Option<Instant>,
    outputs: Vec<Message>,
    rng: Rng,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No network.
    Idle,
    /// Asked so often already whether the name is taken.
    Probing { asked: u8, next: Instant },
    /// Said so often already that the service is there.
    Announcing { said: u8, next: Instant },
    /// All has been said.
    Announced,
}

impl Responder {
    /// Begins once it knows its addresses.
    pub fn new(service: Service, mut rng: Rng) -> Self {
        // A name that no other responder on this computer defends.
        let host = format!("rendezvous-{:08x}", rng.u32(..));
        Self {
            service,
            renamed: 0,
            host,
            addresses: Vec::new(),
            phase: Phase::Idle,
            answer_at: None,
            last_sent: None,
            outputs: Vec::new(),
            rng,
        }
    }

    /// Under what name it is found, if nobody else has it.
    pub fn name(&self) -> String {
        match self.renamed {
            0 => self.service.instance.clone(),
            times => format!("{} ({})", self.service.instance, times + 1),
        }
    }

    /// The addresses at which the service is reached.
    pub fn set_addresses(&mut self, now: Instant, addresses: &[IpAddr]) {
        if self.addresses == addresses {
            return;
        }
        self.addresses = addresses.to_vec();
        self.phase = match self.phase {
            _ if addresses.is_empty() => Phase::Idle,
            Phase::Idle | Phase::Probing { .. } => self.first_probe(now),
            Phase::Announcing { .. } | Phase::Announced => Phase::Announcing { said: 0, next: now },
        };
        self.handle_timeout(now);
    }

    /// Hears what others say.
    pub fn handle_message(&mut self, now: Instant, message: &Message) {
        let Some(records) = self.records() else {
            return;
        };
        if message.is_response {
            self.defend(now, message, &records);
        } else {
            self.answer(now, message, &records);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(records) = self.records() else {
            return;
        };
        match self.phase {
            Phase::Probing { asked: 3, next } if next <= now => {
                self.phase = Phase::Announcing { said: 0, next: now };
                return self.handle_timeout(now);
            }
            Phase::Probing { asked, next } if next <= now => {
                self.outputs.push(probe(&records));
                self.phase = Phase::Probing {
                    asked: asked + 1,
                    next: now + PROBE_EVERY,
                };
            }
            Phase::Announcing { said, next } if next <= now => {
                self.say(now, &records);
                self.phase = match said {
                    0 => Phase::Announcing {
                        said: 1,
                        next: now + ANNOUNCED_AGAIN,
                    },
                    _ => Phase::Announced,
                };
            }
            _ => {}
        }
        if self.answer_at.is_some_and(|at| at <= now) {
            self.answer_at = None;
            self.say(now, &records);
        }
    }

    /// Says that the service is gone; the last thing to do.
    pub fn say_goodbye(&mut self) {
        let Some(records) = self.records() else {
            return;
        };
        if !self.is_ours() {
            return;
        }
        let gone = |record: &Resource| Resource {
            ttl_secs: 0,
            ..record.clone()
        };
        // The type of the service may be others' as well.
        let own = |record: &&Resource| record.data == Data::Ptr(records.instance.clone());
        self.outputs.push(Message {
            is_response: true,
            answers: records.shared.iter().filter(own).map(gone).collect(),
            additionals: records.unique.iter().map(gone).collect(),
            ..Message::default()
        });
        self.phase = Phase::Idle;
    }

    /// The next message to be sent to the groups.
    pub fn poll_message(&mut self) -> Option<Message> {
        (!self.outputs.is_empty()).then(|| self.outputs.remove(0))
    }

    /// When there is something to do.
    pub fn next_timeout(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Probing { next, .. } | Phase::Announcing { next, .. } => Some(next),
            Phase::Idle | Phase::Announced => None,
        };
        phase.into_iter().chain(self.answer_at).min()
    }

    fn records(&self) -> Option<Records> {
        Records::new(&self.service, &self.name(), &self.host, &self.addresses)
    }

    fn is_ours(&self) -> bool {
        matches!(self.phase, Phase::Announcing { .. } | Phase::Announced)
    }

    /// A random wait, lest all computers of a network ask at once after a power cut (RFC 6762 section 8.1).
    fn first_probe(&mut self, now: Instant) -> Phase {
        let wait = Duration::from_millis(self.rng.u64(0..250));
        Phase::Probing {
            asked: 0,
            next: now + wait,
        }
    }

    fn say(&mut self, now: Instant, records: &Records) {
        self.last_sent = Some(now);
        self.outputs.push(Message {
            is_response: true,
            answers: records.shared.clone(),
            additionals: records.unique.clone(),
            ..Message::default()
        });
    }

    /// Somebody else has the name (RFC 6762 sections 8.1 and 9).
    fn defend(&mut self, now: Instant, message: &Message, records: &Records) {
        let mut theirs = message.answers.iter().chain(&message.additionals);
        let is_conflict = theirs.any(|record| {
            let is_of_it =
                record.name == records.instance && record.is_unique && record.ttl_secs > 0;
            let is_server = matches!(record.data, Data::Srv { .. });
            is_of_it && is_server && !records.unique.iter().any(|own| own.data == record.data)
        });
        if !is_conflict {
            return;
        }
        match self.phase {
            Phase::Probing { .. } => {
                self.renamed += 1;
                self.phase = self.first_probe(now);
            }
            Phase::Announcing { .. } | Phase::Announced => self.phase = self.first_probe(now),
            Phase::Idle => {}
        }
    }

    fn answer(&mut self, now: Instant, message: &Message, records: &Records) {
        let is_about_us = |question: &Question| question.name == records.instance;
        let is_probe = !message.authorities.is_empty() && message.questions.iter().any(is_about_us);
        if is_probe && matches!(self.phase, Phase::Probing { .. }) {
            return self.break_tie(now, message, records);
        }
        if !self.is_ours() {
            return;
        }
        let wants = |question: &Question, record: &&Resource| {
            question.name == record.name && question.kind.wants(&record.data)
        };
        let is_known = |record: &Resource| {
            let mut known = message.answers.iter();
            known.any(|known| {
                known.name == record.name
                    && known.data == record.data
                    && known.ttl_secs >= record.ttl_secs / 2
            })
        };
        let is_wanted = message.questions.iter().any(|question| {
            let all = records.shared.iter().chain(&records.unique);
            let mut wanted = all.filter(|record| wants(question, record));
            wanted.any(|record| !is_known(record))
        });
        if !is_wanted {
            return;
        }
        // Others may answer the same question; a probe has no time (RFC 6762 sections 6 and 8.1).
        let wait = if is_probe { 0 } else { self.rng.u64(20..120) };
        let at = now + Duration::from_millis(wait);
        let again = self
            .last_sent
            .map(|sent| sent + NOT_SOONER)
            .filter(|_| !is_probe);
        let at = again.map_or(at, |again| at.max(again));
        self.answer_at = Some(self.answer_at.map_or(at, |earlier| earlier.min(at)));
        self.handle_timeout(now);
    }

    /// Two ask for the same name at once: the greater data wins (RFC 6762 section 8.2).
    fn break_tie(&mut self, now: Instant, message: &Message, records: &Records) {
        let server = |record: &Resource| match &record.data {
            Data::Srv { port, host } if record.name == records.instance => {
                Some((*port, host.clone()))
            }
            _ => None,
        };
        let theirs = message.authorities.iter().find_map(server);
        let ours = records.unique.iter().find_map(server);
        if theirs > ours {
            self.phase = Phase::Probing {
                asked: 0,
                next: now + LOST_TIE,
            };
        }
    }
}

fn probe(records: &Records) -> Message {
    let question = |name: &super::Name| Question {
        name: name.clone(),
        kind: Kind::ANY,
    };
    Message {
        questions: vec![question(&records.instance), question(&records.host)],
        authorities: records.unique.clone(),
        ..Message::default()
    }
}

const PROBE_EVERY: Duration = Duration::from_millis(250);
const ANNOUNCED_AGAIN: Duration = Duration::from_secs(1);
/// A record is not sent more often (RFC 6762 section 6).
const NOT_SOONER: Duration = Duration::from_secs(1);
const LOST_TIE: Duration = Duration::from_secs(1);
