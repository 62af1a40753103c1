//! Whether this computer keeps up with the pictures: those of others, and our own.
use std::time::{Duration, Instant};

use media::video::VideoSenderStatus;

/// What goes wrong again and again, and for how long it has.
#[derive(Debug, Default)]
pub(super) struct Strain {
    faults: u64,
    /// From when to when without a pause.
    span: Option<(Instant, Instant)>,
}

impl Strain {
    /// What lasts for a shorter time is the fault of something that passes.
    const GRACE: Duration = Duration::from_secs(2);
    /// A computer at which nothing goes wrong for so long keeps up again.
    const PAUSE: Duration = Duration::from_secs(6);

    /// So much has gone wrong so far.
    pub(super) fn note(&mut self, now: Instant, faults: u64) {
        let is_over = |(_, last): &(Instant, Instant)| *last + Self::PAUSE <= now;
        self.span = self.span.filter(|span| !is_over(span));
        if faults > self.faults {
            let since = self.span.map_or(now, |(since, _)| since);
            self.span = Some((since, now));
        }
        self.faults = faults;
    }

    /// Whether it is worth a word.
    pub(super) fn is_lasting(&self) -> bool {
        let lasts = |(since, last)| since + Self::GRACE <= last;
        self.span.is_some_and(lasts)
    }
}

/// Pictures of ours that are overtaken by the next before there was time to code them.
#[derive(Debug, Default)]
pub(super) struct Haste {
    strain: Strain,
    /// Seconds in which too many were.
    seconds: u64,
    /// When the present second began, and what had been captured and overtaken by then.
    window: Option<(Instant, [u64; 2])>,
}

impl Haste {
    /// One in so many: a thread that is woken late now and then loses fewer.
    const SHARE: u64 = 4;

    /// What is sent does so.
    pub(super) fn note(&mut self, now: Instant, sent: &VideoSenderStatus) {
        let counts = [sent.captured, sent.overtaken];
        let (since, before) = *self.window.get_or_insert((now, counts));
        if now.saturating_duration_since(since) >= Duration::from_secs(1) {
            let grown = |at: usize| {
                let counts = counts.get(at).zip(before.get(at));
                counts.map_or(0, |(now, before)| now.saturating_sub(*before))
            };
            self.seconds += u64::from(grown(1) * Self::SHARE > grown(0));
            self.window = Some((now, counts));
        }
        self.strain.note(now, self.seconds);
    }

    /// Whether it is worth a word.
    pub(super) fn is_lasting(&self) -> bool {
        self.strain.is_lasting()
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;

    #[test]
    fn who_codes_too_few_pictures_for_some_seconds_is_behind_until_it_does() {
        let start = Instant::now();
        let mut haste = Haste::default();
        let mut sent = VideoSenderStatus::default();
        // In each second so many of thirty pictures are overtaken.
        let seconds = [3, 9, 9, 3, 9, 9, 9, 2, 2, 2, 2, 2, 2, 2];
        let mut told = Vec::new();
        for (second, overtaken) in (0..).zip(seconds) {
            haste.note(start + Duration::from_secs(second), &sent);
            told.push(haste.is_lasting());
            sent.captured += 30;
            sent.overtaken += overtaken;
        }
        // The third that is too much within six seconds tells.
        let expected: Vec<bool> = (0..14).map(|second| (5..13).contains(&second)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_sends_nothing_is_not_behind() {
        let start = Instant::now();
        let mut haste = Haste::default();
        for second in 0..10 {
            haste.note(
                start + Duration::from_secs(second),
                &VideoSenderStatus::default(),
            );
        }
        assert!(!haste.is_lasting());
    }
}
