//! The screen, or one window of it.
use super::keeper::Fault;
use super::video_source::Grabber;

/// Opens the screen, or the window of this number.
pub(super) fn open(_window: Option<u32>) -> Result<Box<dyn Grabber>, Fault> {
    Err(Fault::Missing(
        "the screen cannot be shared on this system".to_owned(),
    ))
}
