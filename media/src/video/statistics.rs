//! Counts and rates of one received source.
use std::time::{Duration, Instant};

use super::Size;

/// How one source of video is received.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamStatistics {
    /// Size of the last picture.
    pub size: Size,
    /// Payload bits per second, over the last second or two.
    pub bit_rate: u32,
    /// Pictures decoded per second, likewise.
    pub frame_rate: f32,
    /// Packets that came.
    pub packets: u64,
    /// Packets that never came, or too late.
    pub lost: u64,
    /// Packets that came too late or twice.
    pub useless: u64,
    /// Packets that break RFC 6184.
    pub malformed: u64,
    /// Pictures decoded.
    pub decoded: u64,
    /// Coded pictures that could not be decoded.
    pub skipped: u64,
    /// Coded pictures left out because the computer was behind.
    pub shed: u64,
    /// How often the picture stood still until the next keyframe.
    pub freezes: u64,
    /// Whether pictures stood still, or more than one packet in fifty was lost, in the last few seconds.
    pub is_weak: bool,
    /// Time to decode a picture, on average.
    pub decode_time: Duration,
    /// Pictures decoded that a newer one overtook before they were shown.
    pub overtaken: u64,
    /// How pictures and voice go together, while both come.
    pub lip_sync: Option<LipSync>,
}

/// How the pictures of somebody stand to their voice, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LipSync {
    /// By how many milliseconds pictures are shown after their voice is heard; negative: before.
    pub shown_ms: f32,
    /// By how many milliseconds they are ready to be shown after it; negative where they wait.
    pub ready_ms: f32,
}

/// Averages of [`LipSync`].
#[derive(Debug, Default)]
pub(super) struct SyncTally {
    shown: Option<f32>,
    ready: Option<f32>,
}

impl SyncTally {
    pub(super) fn note_shown(&mut self, milliseconds: f32) {
        average_in(&mut self.shown, milliseconds);
    }

    pub(super) fn note_ready(&mut self, milliseconds: f32) {
        average_in(&mut self.ready, milliseconds);
    }

    pub(super) fn lip_sync(&self) -> Option<LipSync> {
        Some(LipSync {
            shown_ms: self.shown?,
            ready_ms: self.ready?,
        })
    }
}

fn average_in(average: &mut Option<f32>, value: f32) {
    *average = Some(average.map_or(value, |before| (before * 15.0 + value) / 16.0));
}

/// Makes the statistics.
#[derive(Debug, Default)]
pub(in crate::video) struct Tally {
    totals: StreamStatistics,
    window: Option<Window>,
    /// When pictures last stood still, or too many packets were lost.
    trouble: Option<Instant>,
    has_frozen: bool,
}

/// What came since the rates were last worked out.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    bytes: u64,
    pictures: u32,
    /// Packets that came, and that never came, until then.
    packets: u64,
    lost: u64,
}

impl Tally {
    pub(in crate::video) fn note_packet(&mut self, now: Instant, bytes: usize) {
        self.totals.packets += 1;
        self.window(now).bytes += bytes as u64;
    }

    pub(in crate::video) fn note_picture(&mut self, now: Instant, size: Size) {
        self.totals.decoded += 1;
        self.totals.size = size;
        self.window(now).pictures += 1;
    }

    pub(super) const fn note_skipped(&mut self) {
        self.totals.skipped += 1;
    }

    pub(super) const fn note_shed(&mut self) {
        self.totals.shed += 1;
    }

    pub(super) const fn note_freeze(&mut self) {
        self.totals.freezes += 1;
        self.has_frozen = true;
    }

    pub(super) fn note_decode_time(&mut self, took: Duration) {
        let before = self.totals.decode_time;
        self.totals.decode_time = if before.is_zero() {
            took
        } else {
            (before * 15 + took) / 16
        };
    }

    /// As many packets have been lost so far.
    pub(super) const fn note_lost(&mut self, lost: u64) {
        self.totals.lost = lost;
    }

    pub(in crate::video) fn statistics(&mut self, now: Instant) -> StreamStatistics {
        let totals = self.totals;
        let window = *self.window(now);
        let span = now.saturating_duration_since(window.since);
        if span >= SPAN {
            let seconds = span.as_secs_f64();
            self.totals.bit_rate = (window.bytes as f64 * 8.0 / seconds) as u32;
            self.totals.frame_rate = (f64::from(window.pictures) / seconds) as f32;
            let lost = totals.lost.saturating_sub(window.lost);
            let is_lossy = lost * LOSSY > totals.packets - window.packets + lost;
            if is_lossy || std::mem::take(&mut self.has_frozen) {
                self.trouble = Some(now);
            }
            let is_recent = |trouble| now.saturating_duration_since(trouble) < WEAK_FOR;
            self.totals.is_weak = self.trouble.is_some_and(is_recent);
            self.window = None;
        }
        self.totals
    }

    fn window(&mut self, now: Instant) -> &mut Window {
        self.window.get_or_insert(Window {
            since: now,
            bytes: 0,
            pictures: 0,
            packets: self.totals.packets,
            lost: self.totals.lost,
        })
    }
}

/// One packet in so many: below, what is lost is repaired unseen.
const LOSSY: u64 = 50;
/// So that a mark can be read.
const WEAK_FOR: Duration = Duration::from_secs(5);
/// Long enough for pictures that come fifteen times a second.
const SPAN: Duration = Duration::from_secs(1);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_second() {
        let start = Instant::now();
        let mut tally = Tally::default();
        for frame in 0..30 {
            let now = start + Duration::from_millis(frame * 33);
            tally.note_packet(now, 1_000);
            tally.note_picture(now, Size::new(640, 360));
        }
        let found = tally.statistics(start + SPAN);
        assert_eq!((found.bit_rate, found.frame_rate), (240_000, 30.0));
        assert_eq!((found.packets, found.decoded), (30, 30));
        let silent = tally.statistics(start + SPAN * 2);
        assert_eq!(silent.frame_rate, 30.0);
        assert_eq!(tally.statistics(start + SPAN * 3).frame_rate, 0.0);
    }

    #[test]
    fn weak_is_who_froze_or_lost_much_a_moment_ago_and_not_who_sends_few_pictures() {
        let start = Instant::now();
        let mut tally = Tally::default();
        let mut is_weak = |second: u32, lost, freezes| {
            for _ in 0..40 {
                tally.note_packet(start + SPAN * second, 1_000);
            }
            tally.note_lost(lost);
            for _ in 0..freezes {
                tally.note_freeze();
            }
            tally.note_picture(start + SPAN * second, Size::new(640, 360));
            tally.statistics(start + SPAN * (second + 1)).is_weak
        };
        assert!(!is_weak(0, 0, 0));
        assert!(!is_weak(2, 0, 0));
        assert!(is_weak(4, 0, 1));
        assert!(is_weak(6, 0, 0));
        assert!(is_weak(8, 0, 0));
        assert!(!is_weak(10, 0, 0));
        assert!(is_weak(12, 5, 0));
    }
}
