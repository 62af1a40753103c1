//! Screens, monitors and windows that can be shared. Where the system shows them to no program, it says so.
use super::keeper::Fault;
use super::video_source::Grabber;
use super::video_terminal::{VideoTerminal, WindowName};

/// Something that can be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shareable {
    /// What opens it.
    pub terminal: VideoTerminal,
    /// What a person calls it: a monitor's name and size, a window's title.
    pub title: String,
}

/// What can be shared now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shareables {
    /// The screen, its monitors where it has several, then the windows.
    pub list: Vec<Shareable>,
    /// Why the screen is not among them, in plain words.
    pub obstacle: Option<String>,
}

/// Looks for what can be shared now.
#[must_use]
pub fn list_shareables() -> Shareables {
    #[cfg(target_os = "linux")]
    let found = super::x11::list(None);
    #[cfg(not(target_os = "linux"))]
    let found = Err(nowhere());
    found.unwrap_or_else(|fault: Fault| Shareables {
        list: Vec::new(),
        obstacle: Some(fault.to_string()),
    })
}

/// Opens the whole screen, or the monitor of this name.
#[cfg(target_os = "linux")]
pub(super) fn open_screen(monitor: Option<&str>) -> Result<Box<dyn Grabber>, Fault> {
    Ok(Box::new(super::x11::X11Screen::of_screen(None, monitor)?))
}

/// Opens a window.
#[cfg(target_os = "linux")]
pub(super) fn open_window(name: &WindowName) -> Result<Box<dyn Grabber>, Fault> {
    Ok(Box::new(super::x11::X11Screen::of_window(None, name)?))
}

/// Opens the whole screen, or the monitor of this name.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_screen(_monitor: Option<&str>) -> Result<Box<dyn Grabber>, Fault> {
    Err(nowhere())
}

/// Opens a window.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_window(_name: &WindowName) -> Result<Box<dyn Grabber>, Fault> {
    Err(nowhere())
}

#[cfg(not(target_os = "linux"))]
fn nowhere() -> Fault {
    Fault::Missing("screens and windows can be shared on Linux with X11 only".to_owned())
}
