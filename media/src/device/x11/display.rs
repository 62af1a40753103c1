//! The connection with an X server: what it can do, and which monitors and windows it has.
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::ReplyError;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, MapState, Window};
use x11rb::protocol::{composite, shm, xfixes};
use x11rb::rust_connection::RustConnection;

use crate::device::keeper::Fault;
use crate::device::screen::Shareable;
use crate::device::video_terminal::{VideoTerminal, WindowName};

/// An X server.
pub(super) struct Display {
    pub(super) connection: RustConnection,
    pub(super) root: Window,
    pub(super) has_shm: bool,
    pub(super) has_composite: bool,
    pub(super) has_cursor: bool,
}

/// Whether this is a session of Wayland, which may have an X server for programs that need one.
pub(in crate::device) fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|it| !it.is_empty())
        || Display::open(None).is_ok_and(|display| display.stands_in())
}

/// What can be shared of a display; windows alone where it only stands in.
pub(in crate::device) fn list(name: Option<&str>) -> Result<Vec<Shareable>, Fault> {
    let display = Display::open(name)?;
    let mut list = Vec::new();
    if !display.stands_in() {
        list.push(Shareable {
            terminal: VideoTerminal::Screen(None),
            title: "The whole screen".to_owned(),
        });
        let monitors = display.monitors();
        // One that fills the screen is no choice.
        if monitors.len() > 1 {
            list.extend(monitors.iter().map(|(name, monitor)| Shareable {
                terminal: VideoTerminal::Screen(Some(name.clone())),
                title: format!("{name}, {}x{}", monitor.width, monitor.height),
            }));
        }
    }
    list.extend(display.windows().into_iter().map(|(id, title)| Shareable {
        terminal: VideoTerminal::Window(WindowName::Id(id)),
        title,
    }));
    Ok(list)
}

impl Display {
    /// Connects; without a name, with the display of the session.
    pub(super) fn open(name: Option<&str>) -> Result<Self, Fault> {
        let (connection, screen) = x11rb::connect(name)
            .map_err(|error| Fault::Missing(format!("there is no X server: {error}")))?;
        let screen = connection.setup().roots.get(screen);
        let root = screen.ok_or_else(|| Fault::Missing("the X server has no screen".into()))?;
        let root = root.root;
        Ok(Self {
            root,
            has_shm: has_shm(&connection),
            has_composite: has_composite(&connection),
            has_cursor: has_cursor(&connection),
            connection,
        })
    }

    /// Whether it only stands in for programs of X11 in a session of Wayland: its screen is then black.
    fn stands_in(&self) -> bool {
        let named = self.connection.query_extension(b"XWAYLAND").ok();
        let is_named = named
            .and_then(|cookie| cookie.reply().ok())
            .is_some_and(|reply| reply.present);
        is_named
            || self
                .monitors()
                .iter()
                .any(|(name, _)| name.starts_with("XWAYLAND"))
    }

    /// The monitors by name, the first one of the person first.
    pub(super) fn monitors(&self) -> Vec<(String, MonitorInfo)> {
        let reply = || {
            let cookie = self.connection.randr_get_monitors(self.root, true);
            cookie.ok()?.reply().ok()
        };
        let mut monitors = reply().map(|reply| reply.monitors).unwrap_or_default();
        monitors.sort_by_key(|monitor| !monitor.primary);
        let named = |monitor: MonitorInfo| Some((self.atom_name(monitor.name)?, monitor));
        monitors.into_iter().filter_map(named).collect()
    }

    /// The windows that can be seen, by number and title, without those of this program.
    pub(super) fn windows(&self) -> Vec<(Window, String)> {
        let managed = self.property(self.root, "_NET_CLIENT_LIST", AtomEnum::WINDOW.into());
        let numbers = |bytes: Vec<u8>| {
            let words = bytes.as_chunks::<4>().0.iter();
            words.map(|word| Window::from_ne_bytes(*word)).collect()
        };
        // Without a window manager, the children of the screen are what there is.
        let windows: Vec<Window> = managed.map(numbers).unwrap_or_else(|| self.children());
        let is_ours = |window: &Window| {
            let pid = self.property(*window, "_NET_WM_PID", AtomEnum::CARDINAL.into());
            pid.is_some_and(|pid| pid == std::process::id().to_ne_bytes())
        };
        let seen = windows
            .into_iter()
            .filter(|window| self.is_viewable(*window).unwrap_or(false) && !is_ours(window));
        seen.filter_map(|window| Some((window, self.title(window)?)))
            .collect()
    }

    /// The window that this names.
    pub(super) fn find(&self, name: &WindowName) -> Result<Window, Fault> {
        let title = match name {
            WindowName::Id(id) => return Ok(*id),
            WindowName::Title(title) => title,
        };
        let windows = self.windows();
        let exact = windows.iter().find(|(_, full)| full == title);
        let mut partly = windows.iter().filter(|(_, full)| full.contains(title));
        match (exact, partly.next(), partly.next()) {
            (Some((id, _)), ..) | (None, Some((id, _)), None) => Ok(*id),
            (None, Some(_), Some(_)) => Err(Fault::Failed(format!(
                "several windows are called `{title}`: choose one by its number"
            ))),
            (None, None, _) => Err(Fault::Missing(format!("no window is called `{title}`"))),
        }
    }

    /// Whether a window is shown; an error where there is none.
    pub(super) fn is_viewable(&self, window: Window) -> Result<bool, ReplyError> {
        let cookie = self.connection.get_window_attributes(window)?;
        Ok(cookie.reply()?.map_state == MapState::VIEWABLE)
    }

    fn children(&self) -> Vec<Window> {
        let reply = || self.connection.query_tree(self.root).ok()?.reply().ok();
        reply().map(|tree| tree.children).unwrap_or_default()
    }

    fn title(&self, window: Window) -> Option<String> {
        let utf8 = self.atom("UTF8_STRING")?;
        let modern = self.property(window, "_NET_WM_NAME", utf8);
        let text = match modern {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // Latin-1 (ICCCM section 4.1.2.1), or what the program likes.
            None => {
                let bytes = self.property(window, "WM_NAME", AtomEnum::ANY.into())?;
                bytes.into_iter().map(char::from).collect()
            }
        };
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        Some(text).filter(|text| !text.trim().is_empty())
    }

    fn property(&self, window: Window, name: &str, kind: Atom) -> Option<Vec<u8>> {
        let name = self.atom(name)?;
        let cookie =
            self.connection
                .get_property(false, window, name, kind, 0, MOST_WORDS_OF_A_PROPERTY);
        let reply = cookie.ok()?.reply().ok()?;
        (reply.format != 0).then_some(reply.value)
    }

    fn atom(&self, name: &str) -> Option<Atom> {
        let cookie = self.connection.intern_atom(false, name.as_bytes()).ok()?;
        Some(cookie.reply().ok()?.atom)
    }

    fn atom_name(&self, atom: Atom) -> Option<String> {
        let reply = self.connection.get_atom_name(atom).ok()?.reply().ok()?;
        Some(String::from_utf8_lossy(&reply.name).into_owned())
    }
}

/// Version 1.2 hands over memory as a file, which works in containers as well.
fn has_shm(connection: &RustConnection) -> bool {
    let version = || {
        connection
            .extension_information(shm::X11_EXTENSION_NAME)
            .ok()??;
        shm::query_version(connection).ok()?.reply().ok()
    };
    version().is_some_and(|version| (version.major_version, version.minor_version) >= (1, 2))
}

/// Version 0.2 gives windows that are covered by others.
fn has_composite(connection: &RustConnection) -> bool {
    let version = || {
        connection
            .extension_information(composite::X11_EXTENSION_NAME)
            .ok()??;
        composite::query_version(connection, 0, 4)
            .ok()?
            .reply()
            .ok()
    };
    version().is_some_and(|version| (version.major_version, version.minor_version) >= (0, 2))
}

fn has_cursor(connection: &RustConnection) -> bool {
    let version = || {
        connection
            .extension_information(xfixes::X11_EXTENSION_NAME)
            .ok()??;
        xfixes::query_version(connection, 5, 0).ok()?.reply().ok()
    };
    version().is_some()
}

/// Of 32 bits; a title is short, and windows are few.
const MOST_WORDS_OF_A_PROPERTY: u32 = 1_024;
