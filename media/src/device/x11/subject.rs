//! What is shared, and where its pixels are now: screens change their size, windows are moved, covered and closed.
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::xproto::{ConnectionExt as _, Pixmap, Window};

use super::display::Display;
use super::{Area, even};
use crate::device::keeper::Fault;
use crate::device::video_terminal::WindowName;

/// What is shared of a display.
pub(super) enum Subject {
    /// All monitors.
    Root,
    /// The monitor of this name.
    Monitor(String),
    /// One window; kept off the screen by the X server, so that it is seen alone, whatever covers it.
    Window {
        /// Its number.
        window: Window,
        /// Where its pixels were last; a window that changes its size gets another.
        pixmap: Option<Pixmap>,
    },
}

impl Subject {
    /// A window, from now on.
    pub(super) fn window(display: &Display, name: &WindowName) -> Result<Self, Fault> {
        let window = display.find(name)?;
        let gone = || Fault::Missing(format!("there is no window {window:#x}"));
        if !display.is_viewable(window).map_err(|_| gone())? {
            return Err(Fault::Missing(HIDDEN.to_owned()));
        }
        if !display.has_composite {
            // Without it, the picture would show what lies over the window.
            let reason = "this X server cannot show one window alone (no Composite extension)";
            return Err(Fault::Failed(reason.to_owned()));
        }
        let redirected = display
            .connection
            .composite_redirect_window(window, Redirect::AUTOMATIC);
        redirected
            .ok()
            .and_then(|cookie| cookie.check().ok())
            .ok_or_else(gone)?;
        Ok(Self::Window {
            window,
            pixmap: None,
        })
    }

    /// Where its pixels are now.
    pub(super) fn area(&mut self, display: &Display) -> Result<Area, Fault> {
        match self {
            Self::Root => root(display),
            Self::Monitor(name) => monitor(display, name),
            Self::Window { window, pixmap } => {
                if let Some(pixmap) = pixmap.take() {
                    // If it fails, the connection is gone, and the pixmap with it.
                    display.connection.free_pixmap(pixmap).ok();
                }
                let (area, fresh) = window_area(display, *window)?;
                *pixmap = Some(fresh);
                Ok(area)
            }
        }
    }
}

fn root(display: &Display) -> Result<Area, Fault> {
    let cookie = display.connection.get_geometry(display.root);
    let geometry = cookie.ok().and_then(|cookie| cookie.reply().ok());
    let geometry = geometry.ok_or_else(|| Fault::Missing("the X server has gone".to_owned()))?;
    Ok(Area {
        drawable: display.root,
        offset: (0, 0),
        origin: (0, 0),
        size: even(geometry.width, geometry.height),
    })
}

fn monitor(display: &Display, name: &str) -> Result<Area, Fault> {
    let monitors = display.monitors().into_iter();
    let found = monitors.into_iter().find(|(its, _)| its == name);
    let (_, monitor) =
        found.ok_or_else(|| Fault::Missing(format!("there is no monitor {name}")))?;
    Ok(Area {
        drawable: display.root,
        offset: (monitor.x, monitor.y),
        origin: (monitor.x.into(), monitor.y.into()),
        size: even(monitor.width, monitor.height),
    })
}

fn window_area(display: &Display, window: Window) -> Result<(Area, Pixmap), Fault> {
    // Its number may be given to another window: what was shared is over.
    let closed = || Fault::Over("the window has been closed".to_owned());
    if !display.is_viewable(window).map_err(|_| closed())? {
        return Err(Fault::Missing(HIDDEN.to_owned()));
    }
    let connection = &display.connection;
    let look = || -> Result<_, ReplyOrIdError> {
        let geometry = connection.get_geometry(window)?;
        let place = connection.translate_coordinates(window, display.root, 0, 0)?;
        let pixmap = connection.generate_id()?;
        let named = connection.composite_name_window_pixmap(window, pixmap)?;
        let (geometry, place) = (geometry.reply()?, place.reply()?);
        named.check()?;
        Ok((geometry, place, pixmap))
    };
    let (geometry, place, pixmap) = look().map_err(|_| closed())?;
    // The pixmap begins with the window's border.
    let border = i16::try_from(geometry.border_width).unwrap_or_default();
    let area = Area {
        drawable: pixmap,
        offset: (border, border),
        origin: (place.dst_x.into(), place.dst_y.into()),
        size: even(geometry.width, geometry.height),
    };
    Ok((area, pixmap))
}

const HIDDEN: &str = "the window is minimised; it is seen as soon as it is back";
