//! What becomes of the sources of a conference: people, their sound and their pictures.
use std::time::Instant;

use media::engine::{AudioCommand, AudioSnapshot, EngineCommand};
use media::rtp_time::Ssrc;
use media::video::Layer;

use super::ConferenceEndpoint;
use crate::conference::audio::AudioPort;
use crate::conference::people::{AUDIO, MediumIndex, layer_of};
use crate::conference::sync;
use crate::conference::video::{SeenPictures, Video};
use crate::conference::{ConferenceEvent, Departure, PersonId, Presence};
use crate::session::SessionEvent;

impl<A: AudioPort> ConferenceEndpoint<A> {
    pub(super) fn handle_session_event(
        &mut self,
        now: Instant,
        index: MediumIndex,
        event: SessionEvent,
    ) {
        match event {
            SessionEvent::Joined(ssrc) | SessionEvent::InformationChanged(ssrc) => {
                if matches!(event, SessionEvent::Joined(_)) {
                    self.with_video_of(index, |video, layer| video.note_newcomer(now, layer));
                }
                let information = self
                    .mediums()
                    .find(|(place, _)| *place == index)
                    .map(|(_, medium)| medium.information(ssrc));
                self.people
                    .note_source(now, (index, ssrc), &information.unwrap_or_default());
                if index == AUDIO {
                    self.apply_choice(ssrc);
                }
                self.note_people();
            }
            SessionEvent::Left { ssrc, reason } => {
                self.forget(index, ssrc);
                self.people
                    .forget_source((index, ssrc), Departure::from(reason));
                self.note_people();
            }
            SessionEvent::TimedOut(ssrc) => {
                self.people.note_presence((index, ssrc), Presence::TimedOut);
            }
            SessionEvent::Recovered(ssrc) => {
                self.people.note_presence((index, ssrc), Presence::Here);
            }
            SessionEvent::Collision { .. } => self.tell(ConferenceEvent::Renumbered),
            // Whether somebody talks is judged by their sound, not by their packets.
            SessionEvent::Active(ssrc) => {
                self.with_video_of(index, |video, layer| video.note_active(layer, ssrc, true));
            }
            SessionEvent::Silent(ssrc) => {
                self.with_video_of(index, |video, layer| video.note_active(layer, ssrc, false));
            }
            SessionEvent::FeedbackReceived { from, message } => {
                self.with_video_of(index, |video, layer| {
                    video.handle_feedback(now, layer, from, &message);
                });
            }
            SessionEvent::ThirdPartyCollision { .. }
            | SessionEvent::LoopDetected { .. }
            | SessionEvent::ApplicationReceived { .. } => {}
        }
    }

    fn with_video_of(&mut self, index: MediumIndex, act: impl FnOnce(&mut Video, Layer)) {
        if let (Some(video), Some(layer)) = (&mut self.video, layer_of(index)) {
            act(video, layer);
        }
    }

    /// Who is there, or whose a source is, has changed.
    fn note_people(&mut self) {
        if let Some(video) = &mut self.video {
            video.note_people();
        }
    }

    /// A source is gone.
    fn forget(&mut self, index: MediumIndex, ssrc: Ssrc) {
        if index == AUDIO {
            self.audio
                .apply(AudioCommand::Engine(EngineCommand::RemoveSource(ssrc)));
        }
        self.with_video_of(index, |video, layer| video.forget(layer, ssrc));
    }

    /// A known person came back under another SSRC: their volume comes with them.
    fn apply_choice(&mut self, ssrc: Ssrc) {
        if let Some((gain_db, muted)) = self.people.choice_for((AUDIO, ssrc)) {
            let command = EngineCommand::SetSource {
                ssrc,
                gain_db,
                pan: 0.0,
                muted,
            };
            self.audio.apply(AudioCommand::Engine(command));
        }
    }

    /// Asks for a keyframe of what is seen of somebody.
    pub(super) fn update_picture(&mut self, now: Instant, id: PersonId) {
        let record = self.people.iter().find(|(other, _)| *other == id);
        if let (Some(video), Some((_, record))) = (&mut self.video, record) {
            video.update_picture(now, record);
        }
    }

    /// Follows what is decoded. Pictures wait for the voice that belongs to them, and where they are late it waits for them.
    pub(super) fn sync_lips(&mut self, now: Instant, audio: &AudioSnapshot, seen: &SeenPictures) {
        let Some(video) = &mut self.video else {
            return;
        };
        video.note_figures(seen);
        sync::set_clocks(now, &self.people, audio, &self.medium, video);
        let changes = self.waits.follow(now, &self.people, audio, seen);
        for command in changes {
            self.audio.apply(AudioCommand::Engine(command));
        }
    }
}
