//! Cameras: the one that is named, or the first.
#[cfg(feature = "camera")]
pub(super) use web::open;

#[cfg(not(feature = "camera"))]
use super::camera_form::CameraForm;
use super::keeper::Fault;
#[cfg(not(feature = "camera"))]
use super::video_source::Grabber;

/// Opens a camera by name, or the first; this build has none.
#[cfg(not(feature = "camera"))]
pub(super) fn open(_name: Option<&str>, _form: CameraForm) -> Result<Box<dyn Grabber>, Fault> {
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
    use std::time::{Duration, Instant};

    use nokhwa::utils::{
        ApiBackend, CameraFormat, CameraInfo, FrameFormat, RequestedFormat, RequestedFormatType,
    };
    use nokhwa::{Buffer, Camera, NokhwaError};
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;

    use super::Fault;
    use crate::device::camera_form::{CameraForm, Offer};
    use crate::device::keeper::Signal;
    use crate::device::video_source::{Grabber, now};
    use crate::video::convert::{PixelFormat, convert};
    use crate::video::{MAX_SIDE, Picture, PictureBuffer, PicturePool, Scaler, Size};

    /// An open camera.
    struct WebCamera {
        camera: Camera,
        form: CameraForm,
        lab: Lab,
        /// When a picture is next due.
        next: Option<Instant>,
    }

    /// Makes pictures of what cameras give.
    #[derive(Default)]
    struct Lab {
        pool: PicturePool,
        scaler: Scaler,
    }

    /// Opens a camera by name, or the first, in the form that comes nearest to what is wanted.
    pub(in crate::device) fn open(
        name: Option<&str>,
        form: CameraForm,
    ) -> Result<Box<dyn Grabber>, Fault> {
        let info = find(name)?;
        let failed = |error: NokhwaError| Fault::Failed(format!("{}: {error}", info.human_name()));
        let any = RequestedFormat::with_formats(RequestedFormatType::None, FORMATS);
        let mut camera = Camera::new(info.index().clone(), any).map_err(failed)?;
        // The library's own choice insists on one kind of pixels and one size.
        let mut offers = camera.compatible_camera_formats().map_err(failed)?;
        offers.retain(|offer| FORMATS.contains(&offer.format()));
        let described: Vec<Offer> = offers.iter().map(describe).collect();
        if let Some(best) = form.choose(&described).and_then(|index| offers.get(index)) {
            let exactly = RequestedFormatType::Exact(*best);
            let request = RequestedFormat::with_formats(exactly, FORMATS);
            camera.set_camera_requset(request).map_err(failed)?;
        }
        camera.open_stream().map_err(failed)?;
        tracing::info!(camera = %info.human_name(), format = %camera.camera_format(), "camera is open");
        Ok(Box::new(WebCamera {
            camera,
            form,
            lab: Lab::default(),
            next: None,
        }))
    }

    fn describe(offer: &CameraFormat) -> Offer {
        let resolution = offer.resolution();
        Offer {
            size: Size::new(resolution.width(), resolution.height()),
            frame_rate: offer.frame_rate(),
            is_compressed: offer.format() == FrameFormat::MJPEG,
        }
    }

    /// The cameras that there are, by the names that open them.
    pub(in crate::device) fn list() -> Result<Vec<String>, Fault> {
        let cameras = cameras()?;
        Ok(cameras.iter().map(CameraInfo::human_name).collect())
    }

    impl Grabber for WebCamera {
        fn grab(&mut self, signal: &Signal) -> Result<Option<Picture>, Fault> {
            while !signal.is_closing() {
                // Whoever pulls the plug ends up here; it is looked for again until it is back.
                let gone = |error| Fault::Missing(format!("the camera has gone: {error}"));
                let frame = self.camera.frame().map_err(gone)?;
                if self.is_due() {
                    let picture = self.lab.picture(&frame)?;
                    let bounds = self.form.bounds();
                    return Ok(Some(self.lab.scaler.scale(&picture, bounds)));
                }
            }
            Ok(None)
        }
    }

    impl WebCamera {
        /// Whether this picture is one of those that are wanted, where the camera gives more.
        fn is_due(&mut self) -> bool {
            let period = Duration::from_secs(1) / self.form.most_per_second().max(1);
            let now = now();
            let due = self.next.unwrap_or(now);
            // Cameras are not punctual.
            let is_due = now + period / 4 >= due;
            if is_due {
                self.next = Some(due.max(now - period / 2) + period);
            }
            is_due
        }
    }

    impl Lab {
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
            let (start, rest) = bytes.split_at_checked(2)?;
            let marked = [start, AVI1, rest].concat();
            let mut decoder = JpegDecoder::new(ZCursor::new(&marked));
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

    /// Marks a picture of a film, which may leave out the Huffman tables of ITU-T T.81 section K.3, as many webcams do.
    const AVI1: &[u8] = &[0xFF, 0xE0, 0, 7, b'A', b'V', b'I', b'1', 0];

    /// What pictures are made of here; nearly every camera has the first two.
    const FORMATS: &[FrameFormat] = &[
        FrameFormat::MJPEG,
        FrameFormat::YUYV,
        FrameFormat::NV12,
        FrameFormat::RAWRGB,
    ];

    #[cfg(test)]
    mod tests {
        use nokhwa::utils::Resolution;

        use super::*;
        use crate::video::Plane;

        #[test]
        fn a_camera_that_is_not_there_is_missing_and_says_so() {
            let missing = open(Some("no such camera"), CameraForm::default()).err();
            assert!(matches!(missing, Some(Fault::Missing(reason)) if reason.contains("camera")));
        }

        fn developed(bytes: &[u8], format: FrameFormat, size: u32) -> Picture {
            let frame = Buffer::new(Resolution::new(size, size), bytes, format);
            Lab::default().picture(&frame).unwrap()
        }

        #[test]
        fn red_is_red_in_whatever_form_a_camera_gives_it() {
            let (red, bare) = (
                include_bytes!("../../../tests/vectors/camera/red.jpg"),
                include_bytes!("../../../tests/vectors/camera/red_without_tables.jpg"),
            );
            let yuyv = [82, 90, 82, 240].repeat(2);
            let nv12 = [82, 82, 82, 82, 90, 240];
            let pictures = [
                developed(red, FrameFormat::MJPEG, 16),
                // As most webcams send it.
                developed(bare, FrameFormat::MJPEG, 16),
                developed(&yuyv, FrameFormat::YUYV, 2),
                developed(&nv12, FrameFormat::NV12, 2),
                developed(&[255, 0, 0].repeat(4), FrameFormat::RAWRGB, 2),
            ];
            for (index, picture) in pictures.iter().enumerate() {
                let planes = Plane::ALL.map(|plane| picture.plane(plane));
                for (plane, value) in planes.into_iter().zip([82_u8, 90, 240]) {
                    let is_near = |found: &u8| found.abs_diff(value) <= 2;
                    assert!(plane.iter().all(is_near), "{index}: {plane:?}");
                }
            }
        }

        #[test]
        fn broken_pictures_are_a_fault_and_no_panic() {
            for format in FORMATS {
                let frame = Buffer::new(Resolution::new(64, 64), &[0xFF, 0xD8, 3], *format);
                assert!(matches!(
                    Lab::default().picture(&frame),
                    Err(Fault::Failed(_))
                ));
            }
        }
    }
}
