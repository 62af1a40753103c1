//! When a conference has something to do, and what is done then.
use std::time::Instant;

use super::ConferenceEndpoint;
use crate::conference::ConferenceState;
use crate::conference::audio::AudioPort;
use crate::conference::video::Video;

impl<A: AudioPort> ConferenceEndpoint<A> {
    /// Whether something follows from what has just come, or is due.
    pub(super) fn has_news(&self, now: Instant) -> bool {
        self.state != ConferenceState::Joined
            || self.due <= now
            || self.medium.has_news()
            || self.video.as_ref().is_some_and(Video::has_news)
    }

    pub(super) fn next_timeout(&self) -> Instant {
        let video = self.video.as_ref().and_then(Video::next_timeout);
        let others = self.medium.next_timeout().into_iter().chain(video);
        others.fold(self.next_report, Instant::min)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.medium.handle_timeout(now);
        if let Some(video) = &mut self.video {
            video.handle_timeout(now, self.state == ConferenceState::Joined);
        }
        if self.next_report <= now {
            self.report(now);
            self.next_report = now + Self::REPORT_EVERY;
        }
    }
}
