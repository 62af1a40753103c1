//! A camera that only the person before it sees.
use super::state::DeviceState;
use super::video_source::VideoSource;
use super::video_terminal::VideoTerminal;
use crate::render::PictureSlot;

/// A running camera whose pictures go nowhere but to a slot; dropping it lets go of the camera.
pub struct CameraPreview {
    source: VideoSource,
    slot: PictureSlot,
}

impl CameraPreview {
    /// Opens the camera; `wake` is called on its thread with each picture, and must not block.
    pub fn start(
        terminal: VideoTerminal,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let slot = PictureSlot::default();
        let theirs = slot.clone();
        let take = move |picture| {
            theirs.put(picture);
            wake();
        };
        let source = VideoSource::start(terminal, Box::new(take))?;
        Ok(Self { source, slot })
    }

    /// How the camera is doing.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.source.state()
    }

    /// Where its newest picture is.
    #[must_use]
    pub fn slot(&self) -> PictureSlot {
        self.slot.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn its_pictures_are_in_the_slot_and_it_lets_go_when_dropped() {
        let (sender, woken) = sync_channel(1);
        let wake = move || sender.try_send(()).unwrap_or_default();
        let preview = CameraPreview::start(VideoTerminal::TEST, wake).unwrap();
        woken.recv().unwrap();
        assert!(preview.slot().latest().is_some());
        assert!(!preview.state().is_problem());
        drop(preview);
        // The wish to be woken went with its thread.
        while woken.recv().is_ok() {}
    }
}
