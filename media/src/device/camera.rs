//! Cameras: the one that is named, or the first.
#[cfg(feature = "camera")]
pub(super) use web::open;

use super::keeper::Fault;
#[cfg(not(feature = "camera"))]
use super::video_source::Grabber;

/// Opens a camera by name, or the first; this build has none.
#[cfg(not(feature = "camera"))]
pub(super) fn open(_name: Option<&str>) -> Result<Box<dyn Grabber>, Fault> {
    let reason = "this program was built without cameras (feature `camera`)";
    Err(Fault::Missing(reason.to_owned()))
}

/// The cameras that there are, by the names that open them; none where this program was built without cameras.
#[must_use]
pub fn list_cameras() -> Vec<String> {
    #[cfg(feature = "camera")]
    return web::list().unwrap_or_default();
    #[cfg(not(feature = "camera"))]
    Vec::new()
}

#[cfg(feature = "camera")]
mod web {
    use nokhwa::utils::{
        ApiBackend, CameraFormat, CameraInfo, FrameFormat, RequestedFormat, RequestedFormatType,
        Resolution,
    };
    use nokhwa::{Buffer, Camera, NokhwaError};
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;

    use super::Fault;
    use crate::device::keeper::Signal;
    use crate::device::video_source::{Grabber, now};
    use crate::video::convert::{PixelFormat, convert};
    use crate::video::{MAX_SIDE, Picture, PictureBuffer, PicturePool, Size};

    /// An open camera.
    struct WebCamera {
        camera: Camera,
        pool: PicturePool,
    }

    /// Opens a camera by name, or the first.
    pub(in crate::device) fn open(name: Option<&str>) -> Result<Box<dyn Grabber>, Fault> {
        let info = find(name)?;
        let failed = |error: NokhwaError| Fault::Failed(format!("{}: {error}", info.human_name()));
        // Of what a camera offers, the nearest to what the full layer can carry.
        let wanted = CameraFormat::new(Resolution::new(1_280, 720), FrameFormat::MJPEG, 30);
        let request = RequestedFormat::with_formats(RequestedFormatType::Closest(wanted), FORMATS);
        let mut camera = Camera::new(info.index().clone(), request).map_err(failed)?;
        camera.open_stream().map_err(failed)?;
        tracing::info!(camera = %info.human_name(), format = %camera.camera_format(), "camera is open");
        let pool = PicturePool::default();
        Ok(Box::new(WebCamera { camera, pool }))
    }

    /// The cameras that there are, by the names that open them.
    pub(in crate::device) fn list() -> Result<Vec<String>, Fault> {
        let cameras = cameras()?;
        Ok(cameras.iter().map(CameraInfo::human_name).collect())
    }

    impl Grabber for WebCamera {
        fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
            if signal.is_closing() {
                return Ok(None);
            }
            // Whoever pulls the plug ends up here; it is looked for again until it is back.
            let gone = |error| Fault::Missing(format!("the camera has gone: {error}"));
            let frame = self.camera.frame().map_err(gone)?;
            self.picture(&frame).map(Some)
        }
    }

    impl WebCamera {
        fn picture(&self, frame: &Buffer) -> Result<Picture, Fault> {
            let broken = || Fault::Failed("the camera gives broken pictures".to_owned());
            if frame.source_frame_format() == FrameFormat::MJPEG {
                return self.jpeg(frame.buffer()).ok_or_else(broken);
            }
            let resolution = frame.resolution();
            let (width, height) = (resolution.width(), resolution.height());
            let mut buffer = self.take(width, height).ok_or_else(broken)?;
            let (stride, format) = match frame.source_frame_format() {
                FrameFormat::NV12 => (width, PixelFormat::Nv12),
                FrameFormat::RAWRGB => (3 * width, PixelFormat::Rgb),
                _ => (2 * width, PixelFormat::Yuyv),
            };
            convert(frame.buffer(), stride as usize, format, &mut buffer).ok_or_else(broken)?;
            Ok(buffer.finish())
        }

        fn jpeg(&self, bytes: &[u8]) -> Option<Picture> {
            let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
            let pixels = decoder.decode().ok()?;
            let (width, height) = decoder.dimensions()?;
            let mut buffer = self.take(width.try_into().ok()?, height.try_into().ok()?)?;
            convert(&pixels, 3 * width, PixelFormat::Rgb, &mut buffer)?;
            Some(buffer.finish())
        }

        /// Sides are even, as I420 needs them.
        fn take(&self, width: u32, height: u32) -> Option<PictureBuffer> {
            let size = Size::new(width & !1, height & !1);
            let is_sane = size.area() > 0 && size.width.max(size.height) <= MAX_SIDE;
            is_sane.then(|| self.pool.take(size, now()))
        }
    }

    fn cameras() -> Result<Vec<CameraInfo>, Fault> {
        let unlisted = |error| Fault::Missing(format!("cameras cannot be listed: {error}"));
        nokhwa::query(ApiBackend::Auto).map_err(unlisted)
    }

    fn find(name: Option<&str>) -> Result<CameraInfo, Fault> {
        let is_it = |camera: &CameraInfo| name.is_none_or(|name| camera.human_name() == name);
        let found = cameras()?.into_iter().find(is_it);
        found.ok_or_else(|| {
            Fault::Missing(match name {
                Some(name) => format!("there is no camera `{name}`"),
                None => "there is no camera".to_owned(),
            })
        })
    }

    /// What pictures are made of here; nearly every camera has the first two.
    const FORMATS: &[FrameFormat] = &[
        FrameFormat::MJPEG,
        FrameFormat::YUYV,
        FrameFormat::NV12,
        FrameFormat::RAWRGB,
    ];

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_camera_that_is_not_there_is_missing_and_says_so() {
            let missing = open(Some("no such camera")).err();
            assert!(matches!(missing, Some(Fault::Missing(reason)) if reason.contains("camera")));
        }
    }
}
