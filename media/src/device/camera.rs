//! Cameras.
use super::keeper::Fault;
use super::video_source::Grabber;

/// Opens a camera by name, or the first; this build has none.
pub(super) fn open(_name: Option<&str>) -> Result<Box<dyn Grabber>, Fault> {
    let reason = "this program was built without cameras (feature `camera`)";
    Err(Fault::Missing(reason.to_owned()))
}
