//! Pictures of an X11 screen, one of its monitors, or a window.
mod cursor;
mod display;
mod memory;
mod panes;
mod subject;

use std::time::Duration;

use display::Display;
pub(super) use display::{is_wayland, list};
use memory::Memory;
pub use panes::{PaneWaker, Panes};
use subject::Subject;

use super::keeper::{Fault, Signal};
use super::screen::check_size;
use super::video_source::{Beat, Grabber};
use super::video_terminal::WindowName;
use crate::video::convert::{PixelFormat, convert};
use crate::video::{Picture, PicturePool, Size};

/// A screen or window that is being watched.
pub(super) struct X11Screen {
    display: Display,
    subject: Subject,
    memory: Memory,
    beat: Beat,
    pool: PicturePool,
}

impl X11Screen {
    /// The whole screen of a display, or one monitor; without a name, the display of the session.
    pub(super) fn of_screen(display: Option<&str>, monitor: Option<&str>) -> Result<Self, Fault> {
        let display = Display::open(display)?;
        let subject = match monitor {
            Some(name) => Subject::Monitor(name.to_owned()),
            None => Subject::Root,
        };
        Ok(Self::new(display, subject))
    }

    /// One window.
    pub(super) fn of_window(display: Option<&str>, name: &WindowName) -> Result<Self, Fault> {
        let display = Display::open(display)?;
        let subject = Subject::window(&display, name)?;
        Ok(Self::new(display, subject))
    }

    fn new(display: Display, subject: Subject) -> Self {
        Self {
            memory: Memory::new(&display),
            display,
            subject,
            beat: Beat::new(PERIOD),
            pool: PicturePool::default(),
        }
    }
}

impl Grabber for X11Screen {
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
        let Some((time, _)) = self.beat.wait(signal) else {
            return Ok(None);
        };
        let area = self.subject.area(&self.display)?;
        let size = area.size;
        check_size(size)?;
        let pixels = self.memory.take(&self.display, &area)?;
        self.display.draw_cursor(&area, pixels);
        let mut buffer = self.pool.take(size, time);
        let stride = size.width as usize * BYTES;
        convert(pixels, stride, PixelFormat::Bgrx, &mut buffer)
            .ok_or_else(|| Fault::Failed("the X server's pictures are too short".to_owned()))?;
        Ok(Some(buffer.finish()))
    }
}

/// A part of something that the X server draws to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    drawable: u32,
    /// Where it begins in the drawable.
    offset: (i16, i16),
    /// Where it begins on the screen.
    origin: (i32, i32),
    /// Even, as 4:2:0 needs it.
    size: Size,
}

impl Area {
    /// Bytes of its pixels, line by line.
    const fn length(&self) -> usize {
        self.size.area() as usize * BYTES
    }
}

const fn even(width: u16, height: u16) -> Size {
    Size::new((width & !1) as u32, (height & !1) as u32)
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
        let fault = X11Screen::of_screen(Some(":4711"), None).err().unwrap();
        assert!(matches!(fault, Fault::Missing(reason) if reason.contains("no X server")));
    }
}
