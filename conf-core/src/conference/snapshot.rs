//! What a conference looks like at one moment, as plain data for a window or a script.
use std::time::{Duration, Instant};

use media::device::DeviceState;
use media::engine::SILENCE_DBFS;
use media::video::{VideoSenderStatus, VideoSourceStatus};

use super::{Information, JoinOptions, Problem, StreamQuality};

/// One conference at one moment.
#[derive(Clone, Debug)]
pub struct ConferenceSnapshot {
    /// How far joining or leaving has come.
    pub state: ConferenceState,
    /// When we joined.
    pub since: Instant,
    /// Ourselves.
    pub me: Me,
    /// Everybody else, in the order in which they came.
    pub people: Vec<Person>,
    /// What is wrong now, worst first.
    pub problems: Vec<Problem>,
    /// Figures for the details page.
    pub statistics: Statistics,
}

impl ConferenceSnapshot {
    pub(super) fn new(me: Me, now: Instant) -> Self {
        Self {
            state: ConferenceState::Joining,
            since: now,
            me,
            people: Vec::new(),
            problems: Vec::new(),
            statistics: Statistics::default(),
        }
    }
}

/// How far joining or leaving has come; nothing follows `Left` (T-104).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConferenceState {
    /// The groups are being joined.
    Joining,
    /// We are a member of every group.
    Joined,
    /// The goodbye is on its way.
    Leaving,
    /// It is over for us.
    Left,
}

/// Ourselves, as the others know us, and what our devices do.
#[derive(Clone, Debug)]
pub struct Me {
    /// What we tell the others of ourselves.
    pub information: Information,
    /// Whether our microphone is muted.
    pub is_muted: bool,
    /// Whether we may send at all (false where the description says `recvonly`).
    pub may_send: bool,
    /// Level of the microphone, dB below full scale (−127 to 0).
    pub level_dbfs: f32,
    /// Whether the microphone hears somebody talking.
    pub is_talking: bool,
    /// What the microphone is doing.
    pub microphone: DeviceState,
    /// What the first loudspeaker is doing.
    pub speaker: DeviceState,
    /// Our camera and what is sent of it, where the conference has video and we may send.
    pub video: Option<VideoSenderStatus>,
    /// The screen or window that we share, and what is sent of it, where the conference has a stream for that.
    pub screen: Option<VideoSenderStatus>,
    /// How good each stream of these may be, and is (T-92).
    pub quality: Vec<StreamQuality>,
}

impl Me {
    pub(super) fn new(options: &JoinOptions, may_send: bool) -> Self {
        Self {
            information: options.information.clone(),
            is_muted: options.is_muted,
            may_send,
            level_dbfs: SILENCE_DBFS,
            is_talking: false,
            microphone: DeviceState::default(),
            speaker: DeviceState::default(),
            video: None,
            screen: None,
            quality: Vec::new(),
        }
    }
}

/// Names one person for as long as the conference lasts, whatever becomes of their SSRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u64);

/// Whether somebody can be heard from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Packets arrive.
    Here,
    /// Nothing has come for so long that the network or the computer must have failed (T-66).
    TimedOut,
}

/// One other participant.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub id: PersonId,
    /// What they tell of themselves.
    pub information: Information,
    /// Whether they can be heard from.
    pub presence: Presence,
    /// Whether they are talking now.
    pub is_talking: bool,
    /// Loudness of what they say, dB below full scale (−127 to 0), before our own volume for them.
    pub level_dbfs: f32,
    /// Whether we silenced them for ourselves.
    pub is_muted_by_me: bool,
    /// Our volume for them, dB.
    pub gain_db: f32,
    /// How well they reach us.
    pub reception: Reception,
    /// The best that there is now of their camera, if they send pictures: its `id` finds them in
    /// [`Conference::pictures`](super::Conference::pictures). It changes when another layer takes over; what was drawn
    /// stays right until the first picture of the other is there.
    pub video: Option<VideoSourceStatus>,
    /// The screen or window that they share.
    pub screen: Option<VideoSourceStatus>,
}

impl Person {
    /// The name to show: what they call themselves, else the user part of their CNAME, else nothing.
    pub fn display_name(&self) -> &str {
        let user = || {
            self.information
                .cname
                .as_deref()
                .and_then(|cname| cname.split('@').next())
        };
        let name = self.information.name.as_deref().map(str::trim);
        name.filter(|name| !name.is_empty())
            .or_else(user)
            .unwrap_or_default()
    }
}

/// How well one person's sound reaches us.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reception {
    /// RTP packets received.
    pub packets: u64,
    /// Share of packets lost since they joined, percent.
    pub loss_percent: f32,
    /// Interarrival jitter (RFC 3550 section 6.4.1).
    pub jitter: Duration,
    /// How long their sound waits in our jitter buffer.
    pub delay: Duration,
    /// Sound that had to be made up because nothing had arrived, since they joined.
    pub concealed: Duration,
}

/// Totals of the conference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// RTP packets sent.
    pub rtp_sent: u64,
    /// RTP packets received and accepted.
    pub rtp_received: u64,
    /// Datagrams that were refused: malformed, of no known payload type, or over a limit.
    pub refused: u64,
    /// Packets that the audio queue dropped because the audio worker was late.
    pub audio_dropped: u64,
}
