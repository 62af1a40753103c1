//! How good a stream of our pictures may be and is: caps and readings, their ranges, and who decides (T-92, T-95).
use std::time::Duration;

use media::video::layers::{LEAST_BIT_RATE, Layer, MOST_BIT_RATE};
use media::video::{LayerStatus, Size, VideoCommand};

/// The caps that a person sets; what is left open follows from the description and the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoLimits {
    /// Bits per second.
    pub bit_rate: Option<u32>,
    /// Pictures per second.
    pub frame_rate: Option<u32>,
    /// Pictures are made to fit, and keep their shape.
    pub size: Option<Size>,
}

/// Who decides on a property (TAPIControlFlags).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The program does.
    Automatic,
    /// A person has.
    Manual,
    /// Nobody: it is a reading.
    None,
}

/// One property of a stream, as ITStreamQualityControl gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<T> {
    /// What holds now; `None` where a reading has nothing to read.
    pub value: Option<T>,
    /// The least that it may be.
    pub least: T,
    /// The most.
    pub most: T,
    /// Who decides.
    pub control: Control,
}

/// The properties of one stream that we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamQuality {
    /// Which.
    pub layer: Layer,
    /// Most bits per second; while that is automatic, what the pictures are worth.
    pub max_bit_rate: Property<u32>,
    /// Bits per second, over the last second or two.
    pub curr_bit_rate: Property<u32>,
    /// Pictures do not follow each other sooner.
    pub min_frame_interval: Property<Duration>,
    /// Time from picture to picture, over the last second or two.
    pub avg_frame_interval: Property<Duration>,
    /// What pictures are made to fit.
    pub max_size: Property<Size>,
    /// How large they are.
    pub curr_size: Property<Size>,
}

/// The caps of one stream, as they are in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Caps {
    pub(super) bit_rate: u32,
    pub(super) frame_rate: f32,
    pub(super) bounds: Size,
}

impl VideoLimits {
    /// What they make of a stream to which the description grants so many bits per second.
    pub(super) fn caps(&self, layer: Layer, granted: u32) -> Caps {
        let (most, largest) = (layer.frame_rate(), layer.bounds());
        let fitted = |size: Size| {
            Size::new(
                size.width.clamp(SMALLEST.width, largest.width),
                size.height.clamp(SMALLEST.height, largest.height),
            )
        };
        let bits = |bits: u32| bits.max(LEAST_BIT_RATE).min(granted);
        Caps {
            bit_rate: self.bit_rate.map_or(granted, bits),
            frame_rate: self
                .frame_rate
                .map_or(most, |rate| (rate.max(1) as f32).min(most)),
            bounds: self.size.map_or(largest, fitted),
        }
    }
}

impl Caps {
    /// What tells the encoder of a layer.
    pub(super) const fn commands(self, layer: Layer) -> [VideoCommand; 3] {
        [
            VideoCommand::SetBounds(layer, self.bounds),
            VideoCommand::SetFrameRate(layer, self.frame_rate),
            VideoCommand::SetBitRate(layer, self.bit_rate),
        ]
    }
}

/// The properties of the stream that is doing so, granted so many bits per second.
pub(super) fn quality(limits: &VideoLimits, granted: u32, status: &LayerStatus) -> StreamQuality {
    let layer = status.layer;
    let (caps, open) = (
        limits.caps(layer, granted),
        VideoLimits::default().caps(layer, granted),
    );
    let most_bits = granted.min(MOST_BIT_RATE);
    let has_pictures = status.size.area() > 0;
    let shortest = interval(open.frame_rate);
    let most_told = match limits.bit_rate {
        Some(_) => caps.bit_rate,
        // What pictures are worth.
        None => status.max_bit_rate.min(most_bits),
    };
    StreamQuality {
        layer,
        max_bit_rate: Property {
            value: Some(most_told),
            least: LEAST_BIT_RATE.min(most_bits),
            most: most_bits,
            control: control(limits.bit_rate.is_some()),
        },
        curr_bit_rate: reading(Some(status.bit_rate), 0, most_bits),
        min_frame_interval: Property {
            value: Some(interval(caps.frame_rate)),
            least: shortest,
            most: LONGEST_INTERVAL,
            control: control(limits.frame_rate.is_some()),
        },
        avg_frame_interval: reading(
            (status.frame_rate > 0.0).then(|| interval(status.frame_rate)),
            shortest,
            LONGEST_INTERVAL,
        ),
        max_size: Property {
            value: Some(caps.bounds),
            least: SMALLEST,
            most: layer.bounds(),
            control: control(limits.size.is_some()),
        },
        curr_size: reading(
            has_pictures.then_some(status.size),
            SMALLEST,
            layer.bounds(),
        ),
    }
}

const fn control(is_manual: bool) -> Control {
    if is_manual {
        Control::Manual
    } else {
        Control::Automatic
    }
}

const fn reading<T>(value: Option<T>, least: T, most: T) -> Property<T> {
    Property {
        value,
        least,
        most,
        control: Control::None,
    }
}

fn interval(frame_rate: f32) -> Duration {
    Duration::from_secs_f64(1.0 / f64::from(frame_rate))
}

/// One picture a second.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);
/// Smaller, nothing can be recognised.
const SMALLEST: Size = Size::new(64, 36);

#[cfg(test)]
mod tests {
    use super::*;

    const GRANTED: u32 = 900_000;

    fn status() -> LayerStatus {
        LayerStatus {
            layer: Layer::Full,
            size: Size::new(640, 360),
            bit_rate: 410_000,
            max_bit_rate: 660_000,
            frame_rate: 25.0,
            ..LayerStatus::default()
        }
    }

    #[test]
    fn what_is_left_open_is_automatic_and_follows_the_pictures() {
        let found = quality(&VideoLimits::default(), GRANTED, &status());
        let bits = found.max_bit_rate;
        assert_eq!(
            (bits.value, bits.control),
            (Some(660_000), Control::Automatic)
        );
        assert_eq!((bits.least, bits.most), (60_000, GRANTED));
        assert_eq!(found.curr_bit_rate.value, Some(410_000));
        assert_eq!(found.curr_bit_rate.control, Control::None);
        assert_eq!(found.min_frame_interval.value.unwrap().as_millis(), 33);
        assert_eq!(found.avg_frame_interval.value.unwrap().as_millis(), 40);
        assert_eq!(found.max_size.value, Some(Size::new(1_280, 720)));
        assert_eq!(found.curr_size.value, Some(Size::new(640, 360)));
    }

    #[test]
    fn what_a_person_sets_is_manual_and_kept_within_its_range() {
        let limits = VideoLimits {
            bit_rate: Some(5),
            frame_rate: Some(500),
            size: Some(Size::new(320, 9_000)),
        };
        let found = quality(&limits, GRANTED, &status());
        assert_eq!(found.max_bit_rate.value, Some(60_000));
        assert_eq!(found.min_frame_interval.value, Some(interval(30.0)));
        assert_eq!(found.max_size.value, Some(Size::new(320, 720)));
        let controls = [
            found.max_bit_rate.control,
            found.min_frame_interval.control,
            found.max_size.control,
        ];
        assert_eq!(controls, [Control::Manual; 3]);
    }

    #[test]
    fn a_limit_is_never_above_what_the_description_grants() {
        let limits = VideoLimits {
            bit_rate: Some(2_000_000),
            ..VideoLimits::default()
        };
        assert_eq!(limits.caps(Layer::Full, GRANTED).bit_rate, GRANTED);
        assert_eq!(limits.caps(Layer::Full, 40_000).bit_rate, 40_000);
    }

    #[test]
    fn where_nothing_is_sent_there_is_nothing_to_read() {
        let silent = LayerStatus::default();
        let found = quality(&VideoLimits::default(), u32::MAX, &silent);
        assert_eq!(found.avg_frame_interval.value, None);
        assert_eq!(found.curr_size.value, None);
        assert_eq!(found.max_bit_rate.most, MOST_BIT_RATE);
    }
}
