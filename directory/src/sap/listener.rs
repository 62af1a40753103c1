//! Hears what others announce: found, changed, withdrawn, timed out (RFC 2974 sections 3, 4 and 5).

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::counters::Counters;
use super::heard::{Announcer, Heard, Restored};
use super::packet::{MessageKind, Packet};
use super::table::{Full, Key, Limits, Table};
use super::target::end;
use super::{Event, Output, Reason};
use crate::clock::Clock;
use crate::description::{ConferenceId, Description};

/// The listening half of an agent.
#[derive(Debug)]
pub(super) struct Listener {
    table: Table,
    pub(super) counters: Counters,
}

impl Listener {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            table: Table::new(limits),
            counters: Counters::default(),
        }
    }

    /// Takes a packet that is not one of ours.
    pub(super) fn handle_packet(
        &mut self,
        now: Instant,
        clock: &Clock,
        announcer: Announcer,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) {
        if packet.is_encrypted {
            self.counters.encrypted += 1;
        } else if !packet.is_sdp() {
            self.counters.unknown_payloads += 1;
        } else if packet.kind == MessageKind::Deletion {
            self.handle_deletion(announcer, packet, out);
        } else if let Some(key) = self.known(announcer, packet) {
            self.table.hear_again(now, clock.wall(now), &key);
            out.push_back(Output::Event(Event::Repeated(key.0)));
        } else {
            self.handle_announcement(now, clock, announcer, packet, out);
        }
    }

    /// Takes what was on disk; each has to be heard again before long.
    pub(super) fn restore(
        &mut self,
        now: Instant,
        clock: &Clock,
        restored: &Restored,
        out: &mut VecDeque<Output>,
    ) {
        let Ok(description) = Description::parse(&restored.text) else {
            self.counters.malformed_descriptions += 1;
            return;
        };
        let id = description.id();
        if self.table.get(&(id, restored.announcer)).is_some() {
            return;
        }
        let last_heard = restored.last_heard.min(clock.wall(now));
        let heard = Heard {
            hash: restored.hash,
            first_heard: restored.first_heard,
            last_heard,
            last: clock.instant(last_heard).unwrap_or(now),
            times_heard: restored.times_heard,
            grace: Some(now + RESTORED_GRACE),
            ..self.heard(now, clock, restored.announcer, description, &restored.text)
        };
        self.admit(now, id, heard, Event::Changed(id), out);
    }

    /// Forgets what is over or has not been heard of for too long.
    pub(super) fn handle_timeout(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        while let Some(((id, _), heard)) = self.table.pop_expired(now) {
            let is_over = heard.ends.is_some_and(|ends| ends <= now);
            let reason = if is_over {
                Reason::Over
            } else {
                Reason::TimedOut
            };
            self.note_removed(id, reason, out);
        }
    }

    /// Notes that the wall clock was set.
    pub(super) fn set_clock(&mut self, clock: &Clock) {
        self.table
            .set_ends(|heard| heard.end.and_then(|end| clock.instant(end)));
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.table.next_deadline()
    }

    pub(super) fn load(&self, group: IpAddr) -> usize {
        self.table.load(group)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConferenceId, &Heard)> {
        self.table.iter()
    }

    pub(super) fn of(&self, id: ConferenceId) -> impl Iterator<Item = &Heard> {
        self.table.of(id)
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        self.table.check();
    }

    /// The announcement that this packet repeats word for word.
    fn known(&self, announcer: Announcer, packet: &Packet<'_>) -> Option<Key> {
        let key = (self.table.by_hash(announcer, packet.hash)?, announcer);
        let heard = self.table.get(&key)?;
        (*heard.text == *packet.payload).then_some(key)
    }

    fn handle_announcement(
        &mut self,
        now: Instant,
        clock: &Clock,
        announcer: Announcer,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) {
        let Ok(description) = Description::parse(&packet.payload) else {
            self.counters.malformed_descriptions += 1;
            return;
        };
        let id = description.id();
        let fresh = Heard {
            hash: packet.hash,
            ..self.heard(now, clock, announcer, description, &packet.payload)
        };
        let Some(known) = self.table.get(&(id, announcer)) else {
            self.admit(now, id, fresh, Event::Changed(id), out);
            return;
        };
        let (new, old) = (fresh.description.version(), known.description.version());
        if new < old {
            self.counters.stale_versions += 1;
            return;
        }
        let is_same = fresh.text == known.text;
        if !is_same && new == old {
            self.counters.conflicting_versions += 1;
        }
        let mut replacement = Heard {
            first_heard: known.first_heard,
            last_heard: known.last_heard,
            last: known.last,
            times_heard: known.times_heard,
            interval: known.interval,
            changed: if is_same { known.changed } else { now },
            ..fresh
        };
        replacement.hear_again(now, clock.wall(now));
        let event = if is_same {
            Event::Repeated(id)
        } else {
            Event::Changed(id)
        };
        self.admit(now, id, replacement, event, out);
    }

    fn handle_deletion(
        &mut self,
        announcer: Announcer,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) {
        let named = origin_of(&packet.payload);
        let by_hash = self.table.by_hash(announcer, packet.hash);
        let Some(id) = named.as_ref().map(Description::id).or(by_hash) else {
            self.counters.malformed_descriptions += 1;
            return;
        };
        let Some(known) = self.table.get(&(id, announcer)) else {
            let is_announced = self.table.of(id).next().is_some();
            let counter = if is_announced {
                &mut self.counters.forged_deletions
            } else {
                &mut self.counters.unknown_deletions
            };
            *counter += 1;
            return;
        };
        // A deletion that was overtaken by a newer version must not take that with it.
        if named.is_some_and(|named| named.version() < known.description.version()) {
            self.counters.stale_versions += 1;
            return;
        }
        self.table.remove(&(id, announcer));
        self.note_removed(id, Reason::Withdrawn, out);
    }

    /// Puts it into the table if there is a place; `event` tells of it where the conference was known.
    fn admit(
        &mut self,
        now: Instant,
        id: ConferenceId,
        heard: Heard,
        event: Event,
        out: &mut VecDeque<Output>,
    ) {
        if heard.ends.is_some_and(|ends| ends <= now) {
            self.counters.over += 1;
            return;
        }
        match self
            .table
            .make_room(&(id, heard.announcer), heard.text.len())
        {
            Err(Full::Table) => self.counters.refused_table_full += 1,
            Err(Full::Sender) => self.counters.refused_sender_full += 1,
            Err(Full::Conference) => self.counters.refused_conference_full += 1,
            Ok(victims) => {
                for victim in victims {
                    self.counters.forgotten += 1;
                    self.table.remove(&victim);
                    self.note_removed(victim.0, Reason::Crowded, out);
                }
                let is_known = self.table.of(id).next().is_some();
                self.table.insert(id, heard);
                let event = if is_known { event } else { Event::Found(id) };
                out.push_back(Output::Event(event));
            }
        }
    }

    fn note_removed(&self, id: ConferenceId, reason: Reason, out: &mut VecDeque<Output>) {
        let is_left = self.table.of(id).next().is_some();
        let event = if is_left {
            Event::Changed(id)
        } else {
            Event::Gone(id, reason)
        };
        out.push_back(Output::Event(event));
    }

    fn heard(
        &self,
        now: Instant,
        clock: &Clock,
        announcer: Announcer,
        description: Description,
        text: &[u8],
    ) -> Heard {
        let end = end(&description);
        Heard {
            announcer,
            description: Arc::new(description),
            text: text.into(),
            hash: 0,
            first_heard: clock.wall(now),
            last_heard: clock.wall(now),
            last: now,
            times_heard: 1,
            interval: Duration::ZERO,
            grace: None,
            end,
            ends: end.and_then(|end| clock.instant(end)),
            changed: now,
        }
    }
}

/// A description with nothing but the `o=` line of a deletion message.
fn origin_of(message: &[u8]) -> Option<Description> {
    let mut lines = message.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"o="))?;
    Description::parse(&[b"v=0\n", line, b"\ns=-\nt=0 0\n"].concat()).ok()
}

/// What a restored announcement has until it must have been heard again: three of the longest usual intervals.
const RESTORED_GRACE: Duration = Duration::from_secs(900);
