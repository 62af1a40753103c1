//! When a picture is due, so that lips move with the voice: pure functions of the clocks that RTCP tells.
use std::time::{Duration, Instant};

use crate::rtp_time::{ClockRate, RtpTime};

/// What a sender report says of one stream: its media time at one moment of the sender's clock (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderTime {
    /// The moment, by the sender's own clock; all streams of a sender share it.
    pub wall: Duration,
    /// Media time at that moment.
    pub media: RtpTime,
    /// Ticks of it per second.
    pub clock: ClockRate,
}

impl SenderTime {
    /// The sender's clock at another media time, in nanoseconds.
    fn wall_at(&self, media: RtpTime) -> i128 {
        let ticks = i128::from(media.delta(self.media));
        let nanos = ticks * 1_000_000_000 / i128::from(self.clock.hz());
        i128::try_from(self.wall.as_nanos()).unwrap_or(i128::MAX / 2) + nanos
    }
}

/// Which moment of a sender's voice is heard here, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardSound {
    /// The sender report of the sound.
    pub sender: SenderTime,
    /// Media time of what is heard.
    pub media: RtpTime,
    /// When it is heard.
    pub at: Instant,
}

/// The clocks that tell when pictures of a source are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueClock {
    /// The sender report of the video.
    pub video: SenderTime,
    /// What is heard of the same person.
    pub heard: HeardSound,
}

impl DueClock {
    /// When a picture of this media time is to be seen; `None` where the clocks make no sense together.
    #[must_use]
    pub fn due(&self, picture: RtpTime) -> Option<Instant> {
        due(&self.video, picture, &self.heard)
    }
}

/// By how many milliseconds `now` is after `due`; negative where it is before.
#[must_use]
pub fn behind(now: Instant, due: Instant) -> f32 {
    let after = now.saturating_duration_since(due).as_secs_f32();
    (after - due.saturating_duration_since(now).as_secs_f32()) * 1_000.0
}

fn due(video: &SenderTime, picture: RtpTime, heard: &HeardSound) -> Option<Instant> {
    let ahead = video.wall_at(picture) - heard.sender.wall_at(heard.media);
    let distance = Duration::from_nanos(u64::try_from(ahead.unsigned_abs()).ok()?);
    // Streams whose reports are so far apart do not share a clock.
    if distance > MAX_DISTANCE {
        return None;
    }
    if ahead >= 0 {
        heard.at.checked_add(distance)
    } else {
        heard.at.checked_sub(distance)
    }
}

/// What to do with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It is time.
    Show,
    /// The voice is not there yet.
    Hold(Instant),
    /// The voice has gone on for so long that only a newer picture is of use, if there is one.
    Late,
}

/// Whether a picture that is `due` is to be shown `now`.
#[must_use]
pub fn timing(now: Instant, due: Instant) -> Timing {
    if due > now + TOLERANCE {
        Timing::Hold(due.min(now + MAX_HOLD))
    } else if due + MAX_LATE < now {
        Timing::Late
    } else {
        Timing::Show
    }
}

/// Half a frame at 60 Hz: no screen does better.
const TOLERANCE: Duration = Duration::from_millis(8);
/// Longer than any jitter buffer of ours: whatever asks for more is a broken clock.
const MAX_HOLD: Duration = Duration::from_millis(500);
/// ITU-R BT.1359: sound that leads by more than 90 ms is not accepted.
const MAX_LATE: Duration = Duration::from_millis(90);
const MAX_DISTANCE: Duration = Duration::from_secs(10);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    const SOUND: SenderTime = SenderTime {
        wall: Duration::from_secs(1_000),
        media: RtpTime(48_000),
        clock: ClockRate::HZ_48000,
    };
    const VIDEO: SenderTime = SenderTime {
        wall: Duration::from_millis(1_000_500),
        media: RtpTime(u32::MAX - 44_999),
        clock: ClockRate::HZ_90000,
    };

    #[test]
    fn a_picture_is_due_when_the_sound_of_its_moment_is_heard() {
        let at = Instant::now();
        // Heard: one second after its report, the sender's 1001 s.
        let heard = HeardSound {
            sender: SOUND,
            media: RtpTime(96_000),
            at,
        };
        // 45000 ticks after its report is 1001 s as well, across the wrap.
        assert_eq!(due(&VIDEO, RtpTime(0), &heard), Some(at));
        let later = due(&VIDEO, RtpTime(9_000), &heard);
        assert_eq!(later, Some(at + Duration::from_millis(100)));
        let earlier = due(&VIDEO, RtpTime(0) - 9_000, &heard);
        assert_eq!(earlier, Some(at - Duration::from_millis(100)));
    }

    #[test]
    fn clocks_that_do_not_belong_together_are_left_alone() {
        let stranger = SenderTime {
            wall: Duration::from_secs(5_000),
            ..VIDEO
        };
        let heard = HeardSound {
            sender: SOUND,
            media: SOUND.media,
            at: Instant::now(),
        };
        assert_eq!(due(&stranger, RtpTime(0), &heard), None);
    }

    #[test]
    fn pictures_wait_for_the_voice_and_late_ones_make_way() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        assert_eq!(timing(now, now), Timing::Show);
        assert_eq!(timing(now, now + ms(5)), Timing::Show);
        assert_eq!(timing(now, now + ms(40)), Timing::Hold(now + ms(40)));
        assert_eq!(timing(now, now + ms(9_000)), Timing::Hold(now + MAX_HOLD));
        assert_eq!(timing(now, now - ms(80)), Timing::Show);
        assert_eq!(timing(now, now - ms(120)), Timing::Late);
    }
}
