//! Panes of X11: windows within a window, whose pixels come through memory shared with the X server.
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::Event;
use x11rb::protocol::shape::{self, ConnectionExt as _};
use x11rb::protocol::shm::ConnectionExt as _;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ClipOrdering, ConnectionExt as _, CreateGCAux, CreateWindowAux,
    EventMask, Gcontext, ImageFormat, ImageOrder, Visibility, Window, WindowClass,
};

use super::display::Display;
use super::memory::{Shared, Writer};
use crate::device::pane::{PaneError, PaneId, PanePlace};

/// The panes of one window, on a connection of their own.
pub struct Panes {
    display: Display,
    window: Window,
    depth: u8,
    graphics: Gcontext,
    panes: BTreeMap<PaneId, Pane>,
    waker: PaneWaker,
    is_mapped: bool,
}

/// Ends a wait, from any thread.
#[derive(Clone, Debug)]
pub struct PaneWaker(Arc<OwnedFd>);

struct Pane {
    place: PanePlace,
    memory: Shared,
    /// Nothing of it can be seen.
    is_covered: bool,
    /// Its pixels have to be shown again.
    is_damaged: bool,
}

impl PaneWaker {
    /// Ends the wait that is going on, or the next one.
    pub fn wake(&self) {
        // A counter that is full wakes as well.
        let _is_counted = rustix::io::write(&*self.0, &1_u64.to_ne_bytes()).is_ok();
    }

    fn forget(&self) {
        let mut count = [0; 8];
        let _is_read = rustix::io::read(&*self.0, &mut count).is_ok();
    }
}

impl Panes {
    /// Prepares panes in a window of this program's.
    ///
    /// # Errors
    /// Where memory cannot be shared with the X server, or pixels are of another form than blue, green, red.
    pub fn open(window: u32) -> Result<Self, PaneError> {
        let display = Display::open(None).map_err(|fault| PaneError(fault.to_string()))?;
        if !display.has_shm || !display.is_like_ours() {
            return Err(PaneError("the X server shares no memory like ours".into()));
        }
        let connection = &display.connection;
        let depth = checked(connection.get_geometry(window))?.reply();
        let depth = depth.map_err(|error| PaneError(error.to_string()))?.depth;
        display.check_form(window, depth)?;
        let graphics = connection.generate_id().map_err(failed)?;
        checked(connection.create_gc(graphics, window, &CreateGCAux::new()))?;
        let events = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        checked(connection.change_window_attributes(window, &events))?;
        let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).map_err(failed)?;
        Ok(Self {
            display,
            window,
            depth,
            graphics,
            panes: BTreeMap::new(),
            waker: PaneWaker(Arc::new(fd)),
            is_mapped: true,
        })
    }

    /// What ends [`Self::wait`].
    #[must_use]
    pub fn waker(&self) -> PaneWaker {
        self.waker.clone()
    }

    /// Waits until it is woken or the X server has something to say.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn wait(&mut self) -> Result<(), PaneError> {
        checked(self.display.connection.flush())?;
        if self.take_events()? {
            return Ok(());
        }
        let mut ends = [
            PollFd::new(self.display.connection.stream(), PollFlags::IN),
            PollFd::new(&*self.waker.0, PollFlags::IN),
        ];
        // An interrupted wait is a wait that has ended.
        let _is_done = poll(&mut ends, None).is_ok();
        self.waker.forget();
        self.take_events().map(drop)
    }

    /// Lets time pass, so that what comes together is shown together.
    pub fn rest(&mut self, time: std::time::Duration) {
        std::thread::sleep(time);
    }

    /// Whether something of a pane can be seen; else its picture need not be made.
    #[must_use]
    pub fn is_seen(&self, id: PaneId) -> bool {
        self.is_mapped && self.panes.get(&id).is_some_and(|pane| !pane.is_covered)
    }

    /// Opens a pane. It shows what is there already until it is given pixels.
    ///
    /// # Errors
    /// When there is no memory, or the connection has ended.
    pub fn add(&mut self, place: PanePlace) -> Result<PaneId, PaneError> {
        let connection = &self.display.connection;
        let memory = Shared::new(connection, place.length(), Writer::Ourselves).map_err(failed)?;
        let id = connection.generate_id().map_err(failed)?;
        // Without a ground of its own nothing flashes; the form of pixels is the window's.
        let form =
            CreateWindowAux::new().event_mask(EventMask::EXPOSURE | EventMask::VISIBILITY_CHANGE);
        let class = WindowClass::INPUT_OUTPUT;
        checked(connection.create_window(
            self.depth,
            id,
            self.window,
            place.left,
            place.top,
            place.width,
            place.height,
            0,
            class,
            x11rb::COPY_FROM_PARENT,
            &form,
        ))?;
        // No part of it takes what the pointer does: all of that is the window's.
        let (set, input) = (shape::SO::SET, shape::SK::INPUT);
        checked(connection.shape_rectangles(set, input, ClipOrdering::UNSORTED, id, 0, 0, &[]))?;
        checked(connection.map_window(id))?;
        let pane = Pane {
            place,
            memory,
            is_covered: false,
            is_damaged: false,
        };
        self.panes.insert(PaneId(id), pane);
        Ok(PaneId(id))
    }

    /// Closes a pane; what it showed stays until the window is painted.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn remove(&mut self, id: PaneId) -> Result<(), PaneError> {
        let Some(pane) = self.panes.remove(&id) else {
            return Ok(());
        };
        let connection = &self.display.connection;
        checked(connection.destroy_window(id.0))?;
        checked(connection.shm_detach(pane.memory.segment))?;
        checked(connection.flush())
    }

    /// Whether a pane lost its pixels since it was asked before, and they can be seen.
    pub fn was_damaged(&mut self, id: PaneId) -> bool {
        let pane = self.panes.get_mut(&id);
        pane.is_some_and(|pane| !pane.is_covered && std::mem::take(&mut pane.is_damaged))
    }

    /// The pixels of a pane, as many as [`PanePlace::length`] says; none of one that was closed.
    pub fn pixels(&mut self, id: PaneId) -> &mut [u8] {
        let pane = self.panes.get_mut(&id);
        pane.map_or(&mut [], |pane| {
            let length = pane.place.length();
            pane.memory.bytes.get_mut(..length).unwrap_or_default()
        })
    }

    /// Shows the pixels of a pane. They may be changed again after [`Self::finish`].
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn show(&mut self, id: PaneId) -> Result<(), PaneError> {
        let Some(Pane { place, memory, .. }) = self.panes.get(&id) else {
            return Ok(());
        };
        let (width, height) = (place.width, place.height);
        let format = ImageFormat::Z_PIXMAP.into();
        let cookie = self.display.connection.shm_put_image(
            id.0,
            self.graphics,
            width,
            height,
            0,
            0,
            width,
            height,
            0,
            0,
            self.depth,
            format,
            false,
            memory.segment,
            0,
        );
        cookie.map(drop).map_err(failed)
    }

    /// Waits until the X server has done all of it.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn finish(&mut self) -> Result<(), PaneError> {
        let answer = checked(self.display.connection.get_input_focus())?.reply();
        answer.map(drop).map_err(failed)
    }

    /// Takes in what the X server has said; gives whether there was anything.
    fn take_events(&mut self) -> Result<bool, PaneError> {
        let mut has_any = false;
        while let Some(event) = checked(self.display.connection.poll_for_event())? {
            has_any = true;
            self.take_event(&event);
        }
        Ok(has_any)
    }

    fn take_event(&mut self, event: &Event) {
        match event {
            Event::Expose(event) => {
                if let Some(pane) = self.panes.get_mut(&PaneId(event.window)) {
                    pane.is_damaged = true;
                }
            }
            Event::VisibilityNotify(event) => {
                if let Some(pane) = self.panes.get_mut(&PaneId(event.window)) {
                    pane.is_covered = event.state == Visibility::FULLY_OBSCURED;
                }
            }
            Event::UnmapNotify(event) if event.window == self.window => self.is_mapped = false,
            Event::MapNotify(event) if event.window == self.window => self.is_mapped = true,
            // Errors too: they tell of windows that are gone, and with them all panes.
            _ => {}
        }
    }
}

impl Display {
    /// Whether numbers of several bytes begin with the lowest there as well.
    fn is_like_ours(&self) -> bool {
        let order = self.connection.setup().image_byte_order;
        order == ImageOrder::LSB_FIRST && cfg!(target_endian = "little") && self.has_input_shapes()
    }

    /// Version 1.1 of the extension lets the pointer through.
    fn has_input_shapes(&self) -> bool {
        let version = || {
            let name = shape::X11_EXTENSION_NAME;
            self.connection.extension_information(name).ok()??;
            self.connection.shape_query_version().ok()?.reply().ok()
        };
        version().is_some_and(|version| (version.major_version, version.minor_version) >= (1, 1))
    }

    /// Blue, green and red are a byte each, of four.
    fn check_form(&self, window: Window, depth: u8) -> Result<(), PaneError> {
        let setup = self.connection.setup();
        let attributes = checked(self.connection.get_window_attributes(window))?.reply();
        let visual = attributes.map_err(failed)?.visual;
        let depths = setup.roots.iter().flat_map(|root| &root.allowed_depths);
        let mut visuals = depths.flat_map(|depth| &depth.visuals);
        let is_known = visuals.any(|known| {
            let masks = (known.red_mask, known.green_mask, known.blue_mask);
            known.visual_id == visual && masks == (0xff_0000, 0xff00, 0xff)
        });
        let mut formats = setup.pixmap_formats.iter();
        let is_wide = formats.any(|format| format.depth == depth && format.bits_per_pixel == 32);
        if is_known && is_wide {
            Ok(())
        } else {
            Err(PaneError("its pixels are of another form".to_owned()))
        }
    }
}

fn checked<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, PaneError> {
    result.map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> PaneError {
    PaneError(error.to_string())
}
