//! Pixels from the X server, through memory shared with it (MIT-SHM) where it offers that.
#![expect(unsafe_code, reason = "memory is shared with the X server")]
use std::fs::File;

use memmap2::MmapMut;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use super::Area;
use super::display::Display;
use crate::device::keeper::Fault;

/// Where pixels arrive.
pub(super) struct Memory {
    shared: Option<Shared>,
    is_shared: bool,
    /// Those that came through the connection.
    own: Vec<u8>,
}

/// A segment that the X server knows as well.
pub(super) struct Shared {
    pub(super) segment: shm::Seg,
    pub(super) bytes: MmapMut,
}

impl Memory {
    pub(super) const fn new(display: &Display) -> Self {
        Self {
            shared: None,
            is_shared: display.has_shm,
            own: Vec::new(),
        }
    }

    /// The pixels of an area, four bytes each, line by line.
    pub(super) fn take(&mut self, display: &Display, area: &Area) -> Result<&mut [u8], Fault> {
        if self.is_shared && self.reserve(display, area.length()).is_err() {
            // As of a server on another computer.
            tracing::info!("no memory can be shared with the X server");
            self.is_shared = false;
        }
        let failed = |why| Fault::Failed(format!("the X server gives no picture: {why}"));
        match &mut self.shared {
            Some(shared) => {
                shared.fill(display, area).map_err(failed)?;
                Ok(&mut shared.bytes)
            }
            None => {
                self.own = fetch(display, area).map_err(failed)?;
                Ok(&mut self.own)
            }
        }
    }

    /// Memory of at least so many bytes, asked of the X server.
    fn reserve(&mut self, display: &Display, length: usize) -> Result<(), ReplyOrIdError> {
        let shared = self.shared.as_ref();
        if shared.is_some_and(|shared| shared.bytes.len() >= length) {
            return Ok(());
        }
        if let Some(shared) = self.shared.take() {
            display.connection.shm_detach(shared.segment)?;
        }
        self.shared = Some(Shared::new(&display.connection, length, Writer::Server)?);
        Ok(())
    }
}

/// Who writes to a segment; the other one reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    Server,
    Ourselves,
}

impl Shared {
    /// So many bytes, which the X server provides.
    pub(super) fn new(
        connection: &RustConnection,
        length: usize,
        writer: Writer,
    ) -> Result<Self, ReplyOrIdError> {
        let segment = connection.generate_id()?;
        let size = u32::try_from(length).unwrap_or(u32::MAX);
        let is_read_only = writer == Writer::Ourselves;
        let cookie = connection.shm_create_segment(segment, size, is_read_only)?;
        let file = File::from(cookie.reply()?.shm_fd);
        // SAFETY: the segment is this program's and the X server's alone, has `size` bytes, and is not made smaller. Where
        // the server writes to it, that is only while we wait for the answer to `shm_get_image`.
        let bytes = unsafe { MmapMut::map_mut(&file) };
        let bytes = bytes.map_err(x11rb::errors::ConnectionError::from)?;
        Ok(Self { segment, bytes })
    }

    fn fill(&self, display: &Display, area: &Area) -> Result<(), ReplyOrIdError> {
        let (x, y) = area.offset;
        let (width, height) = (area.size.width as u16, area.size.height as u16);
        let (planes, format) = (!0, ImageFormat::Z_PIXMAP.into());
        let cookie = display.connection.shm_get_image(
            area.drawable,
            x,
            y,
            width,
            height,
            planes,
            format,
            self.segment,
            0,
        )?;
        cookie.reply()?;
        Ok(())
    }
}

fn fetch(display: &Display, area: &Area) -> Result<Vec<u8>, ReplyOrIdError> {
    let (x, y) = area.offset;
    let (width, height) = (area.size.width as u16, area.size.height as u16);
    let format = ImageFormat::Z_PIXMAP;
    let cookie = display
        .connection
        .get_image(format, area.drawable, x, y, width, height, !0)?;
    Ok(cookie.reply()?.data)
}
