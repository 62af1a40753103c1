//! Pictures of the screen under Wayland: the desktop asks the person which, PipeWire carries them.
mod desktop;
mod frame;
mod library;
mod pod;
mod stream;

use std::time::{Duration, Instant};

use desktop::{Grant, Session};
use stream::PictureStream;

use super::keeper::{Fault, Signal};
use super::video_source::{Beat, Grabber, now};
use crate::video::{Picture, PicturePool, Plane};

/// A screen or window that the person has chosen.
pub(super) struct PortalScreen {
    session: Session,
    stream: PictureStream,
    beat: Beat,
    pool: PicturePool,
    opened: Instant,
    /// Shown again while nothing changes: then the compositor gives none.
    last: Option<Picture>,
}

/// Whether there is a portal, and PipeWire.
pub(super) fn is_there() -> Result<(), Fault> {
    library::Library::get()?;
    desktop::is_there()
}

impl PortalScreen {
    /// Has the person choose.
    pub(super) fn open(signal: &Signal) -> Result<Self, Fault> {
        library::Library::get()?;
        let grant = Grant::ask(signal)?;
        Ok(Self {
            session: grant.session,
            stream: PictureStream::open(grant.remote, grant.node).map_err(for_good)?,
            beat: Beat::new(PERIOD),
            pool: PicturePool::default(),
            opened: now(),
            last: None,
        })
    }

    /// The same once more.
    fn repeated(&self, time: Instant) -> Option<Picture> {
        let last = self.last.as_ref()?;
        let mut again = self.pool.take(last.size(), time);
        for plane in Plane::ALL {
            again.plane_mut(plane).copy_from_slice(last.plane(plane));
        }
        Some(again.finish())
    }
}

impl Grabber for PortalScreen {
    fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
        while let Some((time, _)) = self.beat.wait(signal) {
            if self.session.is_over() {
                return Err(Fault::Over("sharing was ended by the system".to_owned()));
            }
            let fresh = self.stream.take(&self.pool, time).map_err(for_good)?;
            let picture = fresh.or_else(|| self.repeated(time));
            if picture.is_some() {
                self.last.clone_from(&picture);
                return Ok(picture);
            }
            if time > self.opened + PATIENCE {
                return Err(Fault::Over("PipeWire gives no pictures".to_owned()));
            }
        }
        Ok(None)
    }
}

/// Nobody is to be asked a second time because of a fault.
fn for_good(fault: Fault) -> Fault {
    Fault::Over(fault.to_string())
}

/// The first picture comes at once, where something brings both sides together.
const PATIENCE: Duration = Duration::from_secs(10);
/// As often as an X11 screen.
const PERIOD: Duration = Duration::from_nanos(66_666_667);
