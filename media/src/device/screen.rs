//! The screen, or one window of it. Where the system has no X11, it says so.
use super::keeper::Fault;
use super::video_source::Grabber;

/// Opens the screen, or the window of this number.
#[cfg(target_os = "linux")]
pub(super) fn open(window: Option<u32>) -> Result<Box<dyn Grabber>, Fault> {
    let screen = super::x11_screen::X11Screen::open(None, window)?;
    Ok(Box::new(screen))
}

/// Opens the screen, or the window of this number.
#[cfg(not(target_os = "linux"))]
pub(super) fn open(_window: Option<u32>) -> Result<Box<dyn Grabber>, Fault> {
    let reason = "the screen can be shared on Linux with X11 only";
    Err(Fault::Missing(reason.to_owned()))
}
