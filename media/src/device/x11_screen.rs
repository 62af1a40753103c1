//! Pictures of an X11 screen or window, through memory shared with the X server (MIT-SHM) where it offers that.
#![expect(unsafe_code, reason = "memory is shared with the X server")]
use std::fs::File;
use std::time::Duration;

use memmap2::Mmap;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use super::keeper::{Fault, Signal};
use super::video_source::{Beat, Grabber};
use crate::video::convert::{PixelFormat, convert};
use crate::video::{MAX_SIDE, Picture, PicturePool, Size};

/// A screen or window that is being watched.
pub(super) struct X11Screen {
    connection: RustConnection,
    target: u32,
    is_window: bool,
    memory: Option<SharedMemory>,
    has_shm: bool,
    beat: Beat,
    pool: PicturePool,
}

/// A segment that the X server writes and we read.
struct SharedMemory {
    segment: shm::Seg,
    bytes: Mmap,
}

impl X11Screen {
    /// The whole screen of a display, or a window of it; without a name, the display of the session.
    pub(super) fn open(display: Option<&str>, window: Option<u32>) -> Result<Self, Fault> {
        let (connection, screen) = x11rb::connect(display).map_err(|error| {
            Fault::Missing(format!(
                "the screen can be shared under X11 only, and there is no X server: {error}"
            ))
        })?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .map(|screen| screen.root);
        let target = window.or(root);
        let has_shm = has_shm(&connection);
        Ok(Self {
            target: target.ok_or_else(|| Fault::Missing("the X server has no screen".into()))?,
            is_window: window.is_some(),
            connection,
            memory: None,
            has_shm,
            beat: Beat::new(PERIOD),
            pool: PicturePool::default(),
        })
    }

    fn size(&self) -> Result<Size, Fault> {
        let gone = || {
            let what = if self.is_window { "window" } else { "screen" };
            Fault::Missing(format!("there is no {what} {:#x}", self.target))
        };
        let request = self.connection.get_geometry(self.target);
        let geometry = request
            .ok()
            .and_then(|cookie| cookie.reply().ok())
            .ok_or_else(gone)?;
        if !matches!(geometry.depth, 24 | 32) {
            return Err(Fault::Failed(format!(
                "pictures of {} bits cannot be shared",
                geometry.depth
            )));
        }
        let even = |side: u16| u32::from(side) & !1;
        let size = Size::new(even(geometry.width), even(geometry.height));
        if size.area() == 0 || size.width > MAX_SIDE || size.height > MAX_SIDE {
            return Err(Fault::Failed(format!("{size} cannot be shared")));
        }
        Ok(size)
    }

    fn fill(&mut self, size: Size, fill: impl FnOnce(&[u8]) -> Option<()>) -> Result<(), Fault> {
        let (width, height) = (size.width as u16, size.height as u16);
        let length = size.area() as usize * BYTES;
        let failed = |why: &dyn std::fmt::Display| {
            Fault::Failed(format!("the X server gives no picture: {why}"))
        };
        if self.has_shm {
            self.share(length)?;
        }
        let format = ImageFormat::Z_PIXMAP;
        let filled = if let Some(memory) = &self.memory {
            let request = self.connection.shm_get_image(
                self.target,
                0,
                0,
                width,
                height,
                !0,
                format.into(),
                memory.segment,
                0,
            );
            let reply = request.map_err(|error| failed(&error))?.reply();
            reply.map_err(|error| failed(&error))?;
            fill(&memory.bytes)
        } else {
            let request = self
                .connection
                .get_image(format, self.target, 0, 0, width, height, !0);
            let reply = request.map_err(|error| failed(&error))?.reply();
            fill(&reply.map_err(|error| failed(&error))?.data)
        };
        filled.ok_or_else(|| failed(&"it is too short"))
    }

    /// Memory of at least so many bytes, asked of the X server.
    fn share(&mut self, length: usize) -> Result<(), Fault> {
        if self
            .memory
            .as_ref()
            .is_some_and(|memory| memory.bytes.len() >= length)
        {
            return Ok(());
        }
        self.let_go();
        let failed = |error: &dyn std::fmt::Display| {
            Fault::Failed(format!(
                "no memory can be shared with the X server: {error}"
            ))
        };
        let segment = self
            .connection
            .generate_id()
            .map_err(|error| failed(&error))?;
        let size = u32::try_from(length).map_err(|error| failed(&error))?;
        let request = self.connection.shm_create_segment(segment, size, false);
        let reply = request.map_err(|error| failed(&error))?.reply();
        let file = File::from(reply.map_err(|error| failed(&error))?.shm_fd);
        // SAFETY: the segment is this program's and the X server's alone, has `size` bytes, and is not made smaller. The
        // server writes to it only while we wait for the answer to `shm_get_image`.
        let bytes = unsafe { Mmap::map(&file) }.map_err(|error| failed(&error))?;
        if bytes.len() < length {
            return Err(failed(&"it is too small"));
        }
        self.memory = Some(SharedMemory { segment, bytes });
        Ok(())
    }

    fn let_go(&mut self) {
        if let Some(memory) = self.memory.take() {
            // If the connection is gone, so is the segment.
            self.connection.shm_detach(memory.segment).ok();
        }
    }
}

impl Grabber for X11Screen {
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
        let Some((time, _)) = self.beat.wait(signal) else {
            return Ok(None);
        };
        let size = self.size()?;
        let mut buffer = self.pool.take(size, time);
        let stride = size.width as usize * BYTES;
        self.fill(size, |pixels| {
            convert(pixels, stride, PixelFormat::Bgrx, &mut buffer)
        })?;
        Ok(Some(buffer.finish()))
    }
}

/// Version 1.2 hands over memory as a file, which works in containers as well.
fn has_shm(connection: &RustConnection) -> bool {
    let version = || {
        connection
            .extension_information(shm::X11_EXTENSION_NAME)
            .ok()??;
        connection.shm_query_version().ok()?.reply().ok()
    };
    version().is_some_and(|version| (version.major_version, version.minor_version) >= (1, 2))
}

/// Enough for text that is scrolled; films are shared as files.
const PERIOD: Duration = Duration::from_nanos(66_666_667);
/// Of a pixel of 24 or 32 bits.
const BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_x_server_it_is_said() {
        let fault = X11Screen::open(Some(":4711"), None).err().unwrap();
        assert!(matches!(fault, Fault::Missing(reason) if reason.contains("no X server")));
    }
}
