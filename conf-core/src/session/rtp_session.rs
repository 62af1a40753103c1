//! The session itself: inputs go to the file of their concept, outputs wait in one queue.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use media::rtp_time::{ClockRate, Ssrc};

use super::activity::Activity;
use super::bye::ByeBackoff;
use super::collision::Collisions;
use super::config::SessionConfig;
use super::description::OwnDescription;
use super::event::SessionEvent;
use super::feedback::EarlyFeedback;
use super::interval::FIXED_MINIMUM;
use super::io::{SessionInput, SessionOutput};
use super::members::Members;
use super::own::Own;
use super::reconsideration::Schedule;
use super::report::PendingApp;
use super::statistics::SessionCounters;
use super::timeout::SCAN_EVERY;

/// One medium of a conference, seen from one member.
#[derive(Debug)]
pub struct RtpSession {
    pub(super) config: SessionConfig,
    pub(super) rng: fastrand::Rng,
    /// Zero of the arrival clock.
    pub(super) epoch: Instant,
    pub(super) own: Own,
    pub(super) members: Members,
    pub(super) schedule: Schedule,
    /// `T`: the interval as last computed.
    pub(super) last_interval: Duration,
    /// Where the last report's blocks ended.
    pub(super) last_reported: Ssrc,
    pub(super) pending_apps: Vec<PendingApp>,
    pub(super) feedback: EarlyFeedback,
    pub(super) activity: Activity,
    pub(super) collisions: Collisions,
    pub(super) loop_told: Option<Instant>,
    pub(super) scan_at: Instant,
    /// Since when we have not been stopped.
    pub(super) awake_since: Instant,
    pub(super) leaving: Option<ByeBackoff>,
    pub(super) is_finished: bool,
    /// Whether our packets carry IPv6 headers.
    pub(super) is_ipv6: bool,
    pub(super) counters: SessionCounters,
    pub(super) outputs: VecDeque<SessionOutput>,
}

impl RtpSession {
    /// Begins a session; the first report follows within seconds.
    #[must_use]
    pub fn new(mut config: SessionConfig, now: Instant) -> Self {
        let mut rng = fastrand::Rng::with_seed(config.seed);
        let information = std::mem::take(&mut config.information);
        let description = OwnDescription::new(config.cname.clone(), information);
        let mut session = Self {
            own: Own::new(description, config.ssrc, &mut rng),
            rng,
            epoch: now,
            members: Members::new(config.limits),
            schedule: Schedule::new(now, None, FIRST_REPORT_BYTES),
            last_interval: FIXED_MINIMUM,
            last_reported: Ssrc(0),
            pending_apps: Vec::new(),
            feedback: EarlyFeedback::default(),
            activity: Activity::default(),
            collisions: Collisions::default(),
            loop_told: None,
            scan_at: now + SCAN_EVERY,
            awake_since: now,
            leaving: None,
            is_finished: false,
            is_ipv6: false,
            counters: SessionCounters::default(),
            outputs: VecDeque::new(),
            config,
        };
        session.reports_may_be_allowed(now);
        session
    }

    /// Takes one input, at the time it happened.
    pub fn handle_input(&mut self, now: Instant, input: SessionInput<'_>) {
        self.note_stall(now);
        match input {
            SessionInput::Timeout => {}
            SessionInput::Rtp {
                from,
                waited,
                bytes,
            } => self.receive_rtp(now, from, waited, bytes),
            SessionInput::Rtcp { from, bytes } => self.receive_rtcp(now, from, bytes),
            SessionInput::LocalAddresses(addresses) => {
                self.is_ipv6 = addresses.iter().any(|address| address.is_ipv6());
                self.collisions.set_local(now, addresses);
            }
            SessionInput::Send {
                payload_type,
                time,
                captured,
                marker,
                payload,
            } => self.send_media(now, payload_type, (time, captured), marker, payload),
            SessionInput::Describe(item, text) => self.own.description.set(item, &text),
            SessionInput::Feedback { to, message } => self.plan_feedback(now, to, message),
            SessionInput::Application {
                name,
                subtype,
                data,
            } => self.queue_application(name, subtype, data),
            SessionInput::CameBack => self.members.come_back(),
            SessionInput::WallClock(wall_clock) => self.config.wall_clock = wall_clock,
            SessionInput::Leave => self.leave(now),
        }
        self.run_timers(now);
    }

    /// Gives the next thing to do.
    pub fn poll_output(&mut self) -> SessionOutput {
        match self.outputs.pop_front() {
            Some(output) => output,
            None if self.is_finished => SessionOutput::Finished,
            None => SessionOutput::Timeout(self.next_timer()),
        }
    }

    /// All members, we among them.
    pub(super) const fn member_count(&self) -> usize {
        self.members.here() + 1
    }

    /// The clock of a payload type that the description has.
    pub(super) fn clock_rate(&self, payload_type: u8) -> Option<ClockRate> {
        let mut known = self.config.payload_types.iter();
        known.find_map(|(known, rate)| (*known == payload_type).then_some(*rate))
    }

    pub(super) fn tell(&mut self, event: SessionEvent) {
        self.outputs.push_back(SessionOutput::Event(event));
    }

    /// When something of ours is due.
    pub(super) fn next_timer(&self) -> Option<Instant> {
        if self.is_finished {
            return None;
        }
        if let Some(leaving) = &self.leaving {
            return leaving.schedule.next;
        }
        let timers = [
            self.schedule.next,
            self.feedback.early_at,
            self.activity.check_at,
            Some(self.scan_at),
        ];
        timers.into_iter().flatten().min()
    }

    fn run_timers(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.is_finished {
            return;
        }
        if let Some(leaving) = &self.leaving {
            if is_due(leaving.schedule.next) {
                self.reconsider_goodbye(now);
            }
            return;
        }
        if is_due(self.activity.check_at) {
            self.look_for_silence(now);
        }
        if self.scan_at <= now {
            self.look_for_timeouts(now);
        }
        if is_due(self.schedule.next) {
            self.reconsider_report(now);
        }
        if is_due(self.feedback.early_at) {
            self.transmit_early_feedback();
        }
    }

    fn queue_application(&mut self, name: [u8; 4], subtype: u8, data: &[u8]) {
        let is_too_long = COMPOUND_OVERHEAD + APP_HEAD + data.len() > self.config.max_rtcp_bytes;
        if is_too_long || self.pending_apps.len() >= MAX_PENDING_APPS {
            self.counters.not_sent += 1;
            return;
        }
        self.pending_apps.push(PendingApp {
            name,
            subtype,
            data: data.to_vec(),
        });
    }
}

/// Bytes of a datagram with its UDP and IP headers (RFC 3550 §6.2).
pub(super) const fn on_the_wire(payload: usize, is_ipv6: bool) -> usize {
    payload + if is_ipv6 { 48 } else { 28 }
}

/// A report without blocks and a CNAME of usual length, on the wire.
const FIRST_REPORT_BYTES: usize = 90;
const MAX_PENDING_APPS: usize = 16;
/// What must stand before any other packet: report, and CNAME of full length.
pub(super) const COMPOUND_OVERHEAD: usize = 28 + 272;
const APP_HEAD: usize = 12;
