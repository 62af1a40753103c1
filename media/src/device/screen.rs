//! Screens, monitors and windows that can be shared. Where the system shows them to no program, it says so.
use super::keeper::{Fault, Signal};
use super::video_source::Grabber;
use super::video_terminal::{VideoTerminal, WindowName};
#[cfg(target_os = "linux")]
use super::{portal, x11};
#[cfg(target_os = "linux")]
use crate::video::{MAX_SIDE, Size};

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
    list().unwrap_or_else(|fault| Shareables {
        list: Vec::new(),
        obstacle: Some(fault.to_string()),
    })
}

/// Whether pictures of this size can be coded.
#[cfg(target_os = "linux")]
pub(super) fn check_size(size: Size) -> Result<(), Fault> {
    if size.area() == 0 || size.width > MAX_SIDE || size.height > MAX_SIDE {
        let reason = format!("{size} cannot be shared: choose one monitor, or a window");
        return Err(Fault::Failed(reason));
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn list() -> Result<Shareables, Fault> {
    if !x11::is_wayland() {
        let (list, obstacle) = (x11::list(None)?, None);
        return Ok(Shareables { list, obstacle });
    }
    // Windows of X11 programs can be chosen here, all others where the desktop asks.
    let mut list = x11::list(None).unwrap_or_default();
    let portal = portal::is_there();
    if portal.is_ok() {
        let any = Shareable {
            terminal: VideoTerminal::Screen(None),
            title: "A screen or window, which your desktop asks for".to_owned(),
        };
        list.insert(0, any);
    }
    let obstacle = portal.err().map(|fault| fault.to_string());
    Ok(Shareables { list, obstacle })
}

/// Opens the whole screen, or the monitor of this name; under Wayland what the person then chooses.
#[cfg(target_os = "linux")]
pub(super) fn open_screen(
    monitor: Option<&str>,
    signal: &Signal,
) -> Result<Box<dyn Grabber>, Fault> {
    match monitor {
        _ if !x11::is_wayland() => Ok(Box::new(x11::X11Screen::of_screen(None, monitor)?)),
        None => Ok(Box::new(portal::PortalScreen::open(signal)?)),
        Some(_) => Err(Fault::Over(
            "under Wayland the desktop asks which monitor: share `screen`".to_owned(),
        )),
    }
}

/// Opens a window.
#[cfg(target_os = "linux")]
pub(super) fn open_window(name: &WindowName) -> Result<Box<dyn Grabber>, Fault> {
    Ok(Box::new(x11::X11Screen::of_window(None, name)?))
}

#[cfg(not(target_os = "linux"))]
fn list() -> Result<Shareables, Fault> {
    Err(nowhere())
}

/// Opens the whole screen, or the monitor of this name.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_screen(_: Option<&str>, _: &Signal) -> Result<Box<dyn Grabber>, Fault> {
    Err(nowhere())
}

/// Opens a window.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_window(_: &WindowName) -> Result<Box<dyn Grabber>, Fault> {
    Err(nowhere())
}

#[cfg(not(target_os = "linux"))]
fn nowhere() -> Fault {
    Fault::Missing("screens and windows can be shared on Linux only".to_owned())
}
