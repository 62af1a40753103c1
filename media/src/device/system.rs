//! Microphones and speakers of this computer, through cpal: the only file that opens them.
use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait as _, HostTrait as _, StreamTrait as _};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig,
};

use super::keeper::{Fault, Hold, Signal};
use super::list::{Direction, find};
use super::port::{Condition, Flow};
use crate::engine::callback::{CallbackStatus, CaptureCallback, PlaybackCallback};
use crate::engine::ring::{CaptureRing, PlaybackRing};

/// Opens a microphone; `None` is the system's default. To be called on a thread of its own.
pub(super) fn open_microphone(name: Option<&str>) -> Result<(CaptureRing, Hold), Fault> {
    let _quiet = quiet();
    let (device, config) = find(Direction::Capture, name)?;
    let rate = config.sample_rate();
    let attempt = |buffer: BufferSize| {
        let (ring, callback) = CaptureRing::new(rate, config.channels());
        let stream = build_input(&device, &config, buffer, callback, ring.status())?;
        Ok((ring, stream))
    };
    let (ring, stream) = attempt(short_buffer(&config)).or_else(|_: cpal::Error| {
        // Some drivers refuse any size but their own.
        attempt(BufferSize::Default).map_err(|error| fault(&error))
    })?;
    begin(&stream, ring.status())?;
    let status = Arc::clone(ring.status());
    Ok((ring, hold(stream, Direction::Capture, name, status)))
}

/// Opens a speaker; `None` is the system's default. To be called on a thread of its own.
pub(super) fn open_speaker(name: Option<&str>) -> Result<(PlaybackRing, Hold), Fault> {
    let _quiet = quiet();
    let (device, config) = find(Direction::Playback, name)?;
    let rate = config.sample_rate();
    let attempt = |buffer: BufferSize| {
        let (ring, callback) = PlaybackRing::new(rate, config.channels());
        let stream = build_output(&device, &config, buffer, callback, ring.status())?;
        Ok((ring, stream))
    };
    let (ring, stream) = attempt(short_buffer(&config)).or_else(|_: cpal::Error| {
        // Some drivers refuse any size but their own.
        attempt(BufferSize::Default).map_err(|error| fault(&error))
    })?;
    begin(&stream, ring.status())?;
    let status = Arc::clone(ring.status());
    Ok((ring, hold(stream, Direction::Playback, name, status)))
}

impl Flow for CaptureRing {
    fn condition(&self) -> Condition {
        condition(self.status())
    }
}

impl Flow for PlaybackRing {
    fn condition(&self) -> Condition {
        condition(self.status())
    }
}

fn condition(status: &CallbackStatus) -> Condition {
    match status.take_fault() {
        NO_FAULT => Condition::Beating(status.calls()),
        UNPLUGGED => Condition::Broken(Fault::Missing(GONE.into())),
        CHANGED => Condition::Broken(Fault::Failed("the device has changed".into())),
        // PulseAudio's ALSA plugin reports EIO now and then and goes on.
        _ => Condition::Ailing(
            status.calls(),
            Fault::Failed("the device has stopped working".into()),
        ),
    }
}

fn begin(stream: &cpal::Stream, status: &CallbackStatus) -> Result<(), Fault> {
    if let Ok(frames) = stream.buffer_size() {
        status.expect_frames(frames);
    }
    stream.play().map_err(|error| fault(&error))
}

/// Keeps the stream until the end, and tells when another device has become the default meanwhile.
fn hold(
    stream: cpal::Stream,
    direction: Direction,
    name: Option<&str>,
    status: Arc<CallbackStatus>,
) -> Hold {
    let is_default = name.is_none();
    Box::new(move |signal: &Signal| {
        let _quiet = quiet();
        let before = default_id(direction);
        while !signal.is_closing() {
            std::thread::park_timeout(DEFAULT_POLL);
            if is_default && before != default_id(direction) {
                status.set_fault(CHANGED);
            }
        }
        drop(stream);
    })
}

fn default_id(direction: Direction) -> Option<cpal::DeviceId> {
    let host = cpal::default_host();
    let device = match direction {
        Direction::Capture => host.default_input_device(),
        Direction::Playback => host.default_output_device(),
    };
    device.and_then(|device| device.id().ok())
}

/// 15 ms, if the device can: ALSA has two of them, and with 10 ms a busy desktop was heard to stutter.
fn short_buffer(config: &SupportedStreamConfig) -> BufferSize {
    let wish = config.sample_rate() * 3 / 200;
    match config.buffer_size() {
        SupportedBufferSize::Range { min, max } => BufferSize::Fixed(wish.clamp(*min, *max)),
        SupportedBufferSize::Unknown => BufferSize::Default,
    }
}

fn build_input(
    device: &Device,
    config: &SupportedStreamConfig,
    buffer: BufferSize,
    callback: CaptureCallback,
    status: &Arc<CallbackStatus>,
) -> Result<cpal::Stream, cpal::Error> {
    fn build<S: SizedSample>(
        device: &Device,
        config: StreamConfig,
        mut callback: CaptureCallback,
        status: Arc<CallbackStatus>,
    ) -> Result<cpal::Stream, cpal::Error>
    where
        f32: FromSample<S>,
    {
        let take = move |input: &[S], _: &cpal::InputCallbackInfo| callback.take(input);
        let report = move |error: cpal::Error| note(&status, error.kind());
        device.build_input_stream(config, take, report, None)
    }
    let stream_config = with_buffer(config, buffer);
    let status = Arc::clone(status);
    match config.sample_format() {
        SampleFormat::F32 => build::<f32>(device, stream_config, callback, status),
        SampleFormat::F64 => build::<f64>(device, stream_config, callback, status),
        SampleFormat::I8 => build::<i8>(device, stream_config, callback, status),
        SampleFormat::I16 => build::<i16>(device, stream_config, callback, status),
        SampleFormat::I24 => build::<cpal::I24>(device, stream_config, callback, status),
        SampleFormat::I32 => build::<i32>(device, stream_config, callback, status),
        SampleFormat::U8 => build::<u8>(device, stream_config, callback, status),
        SampleFormat::U16 => build::<u16>(device, stream_config, callback, status),
        SampleFormat::U32 => build::<u32>(device, stream_config, callback, status),
        _ => Err(ErrorKind::UnsupportedConfig.into()),
    }
}

fn build_output(
    device: &Device,
    config: &SupportedStreamConfig,
    buffer: BufferSize,
    callback: PlaybackCallback,
    status: &Arc<CallbackStatus>,
) -> Result<cpal::Stream, cpal::Error> {
    fn build<S: SizedSample + FromSample<f32>>(
        device: &Device,
        config: StreamConfig,
        mut callback: PlaybackCallback,
        status: Arc<CallbackStatus>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let told = Arc::clone(&status);
        let fill = move |out: &mut [S], info: &cpal::OutputCallbackInfo| {
            let times = info.timestamp();
            told.note_latency(times.playback.duration_since(times.callback));
            callback.fill(out);
        };
        let report = move |error: cpal::Error| note(&status, error.kind());
        device.build_output_stream(config, fill, report, None)
    }
    let stream_config = with_buffer(config, buffer);
    let status = Arc::clone(status);
    match config.sample_format() {
        SampleFormat::F32 => build::<f32>(device, stream_config, callback, status),
        SampleFormat::F64 => build::<f64>(device, stream_config, callback, status),
        SampleFormat::I8 => build::<i8>(device, stream_config, callback, status),
        SampleFormat::I16 => build::<i16>(device, stream_config, callback, status),
        SampleFormat::I24 => build::<cpal::I24>(device, stream_config, callback, status),
        SampleFormat::I32 => build::<i32>(device, stream_config, callback, status),
        SampleFormat::U8 => build::<u8>(device, stream_config, callback, status),
        SampleFormat::U16 => build::<u16>(device, stream_config, callback, status),
        SampleFormat::U32 => build::<u32>(device, stream_config, callback, status),
        _ => Err(ErrorKind::UnsupportedConfig.into()),
    }
}

fn with_buffer(config: &SupportedStreamConfig, buffer_size: BufferSize) -> StreamConfig {
    StreamConfig {
        buffer_size,
        ..config.config()
    }
}

/// What the device says while it runs; on its own thread, so it is only noted.
fn note(status: &CallbackStatus, kind: ErrorKind) {
    match kind {
        // The stream goes on; a shortage is seen in the ring.
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => status.set_fault(UNPLUGGED),
        ErrorKind::StreamInvalidated => status.set_fault(CHANGED),
        _ => status.set_fault(BROKEN),
    }
}

/// Why a device cannot be used, for the person in front of it.
pub(super) fn fault(error: &cpal::Error) -> Fault {
    match error.kind() {
        ErrorKind::DeviceNotAvailable => Fault::Missing(GONE.into()),
        ErrorKind::HostUnavailable => {
            Fault::Missing("no sound system runs on this computer".into())
        }
        ErrorKind::DeviceBusy => Fault::Failed("another program is using the device".into()),
        ErrorKind::PermissionDenied => {
            Fault::Failed("the system does not let this program use the device".into())
        }
        ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation => {
            Fault::Failed("the device offers no sound format that can be used".into())
        }
        _ => Fault::Failed(format!("the device does not open: {error}")),
    }
}

/// Keeps alsa-lib from writing to standard error on this thread, as long as what it gives lives.
#[cfg(target_os = "linux")]
pub(super) fn quiet() -> impl Sized {
    alsa::Output::local_error_handler()
}

/// Elsewhere the sound libraries keep quiet by themselves.
#[cfg(not(target_os = "linux"))]
pub(super) fn quiet() -> impl Sized {}

const GONE: &str = "the device is not connected";
const NO_FAULT: u8 = 0;
const UNPLUGGED: u8 = 1;
const CHANGED: u8 = 2;
const BROKEN: u8 = 3;
/// How soon a new default device is noticed (RustAudio/cpal#373).
const DEFAULT_POLL: Duration = Duration::from_secs(2);
