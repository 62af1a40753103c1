//! Which microphones and speakers there are.
use cpal::traits::{DeviceTrait as _, HostTrait as _};
use cpal::{Device, ErrorKind, Host, SupportedStreamConfig, SupportedStreamConfigRange};

use super::keeper::Fault;
use super::system::{fault, quiet};

/// Which way sound flows through a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A microphone.
    Capture,
    /// A speaker.
    Playback,
}

/// A device that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What to write after `device:`; no other device of the same direction has it.
    pub name: String,
    /// What to show to a person.
    pub description: String,
    /// Which way it works; a device that does both is listed twice.
    pub direction: Direction,
    /// Whether `default` means this one now.
    pub is_default: bool,
    /// The format in which it would be opened, such as `48000 Hz, 2 channels, i16`.
    pub format: String,
}

/// Why devices cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The sound system does not answer.
    #[error("the sound system does not answer: {0}")]
    NoHost(String),
}

/// Every device that can be used, the default ones first. It asks each one, which can take seconds.
///
/// Left out are the pseudo-devices that cannot be opened, and of ALSA's the one that throws all sound away and the way
/// to JACK, which complains on standard error where no JACK runs; both can still be named.
pub fn list_devices() -> Result<Vec<DeviceInfo>, ListError> {
    let _quiet = quiet();
    let host = cpal::default_host();
    let devices = host
        .devices()
        .map_err(|error| ListError::NoHost(error.to_string()))?;
    let mut list = Vec::new();
    for device in devices.filter(|device| !is_pseudo(device)) {
        for direction in [Direction::Capture, Direction::Playback] {
            list.extend(describe(&host, &device, direction));
        }
    }
    list.sort_by_key(|info| !info.is_default);
    Ok(list)
}

/// The device of this name, or the default one, and the format to open it in.
pub(super) fn find(
    direction: Direction,
    name: Option<&str>,
) -> Result<(Device, SupportedStreamConfig), Fault> {
    let host = cpal::default_host();
    let device = match name {
        None => default_device(&host, direction).ok_or_else(|| none_here(direction))?,
        Some(name) => named(&host, direction, name)?,
    };
    let config = best_config(&device, direction).map_err(|error| match error.kind() {
        // ALSA always has a device `default`, even where there is none.
        ErrorKind::DeviceNotAvailable if name.is_none() => none_here(direction),
        _ => fault(&error),
    })?;
    Ok((device, config))
}

fn none_here(direction: Direction) -> Fault {
    Fault::Missing(match direction {
        Direction::Capture => "this computer has no microphone".into(),
        Direction::Playback => "this computer has no speaker".into(),
    })
}

fn named(host: &Host, direction: Direction, name: &str) -> Result<Device, Fault> {
    let devices = host.devices().map_err(|error| fault(&error))?;
    let mut devices: Vec<Device> = devices.filter(|device| flows(device, direction)).collect();
    let is_name = |device: &Device| unique_name(device).as_deref() == Some(name);
    let is_description = |device: &Device| description(device).eq_ignore_ascii_case(name);
    let index = devices
        .iter()
        .position(is_name)
        .or_else(|| devices.iter().position(is_description))
        .ok_or_else(|| Fault::Missing(format!("no device is called `{name}`")))?;
    Ok(devices.swap_remove(index))
}

fn describe(host: &Host, device: &Device, direction: Direction) -> Option<DeviceInfo> {
    if !flows(device, direction) {
        return None;
    }
    let config = best_config(device, direction).ok()?;
    let default = default_device(host, direction).and_then(|default| default.id().ok());
    Some(DeviceInfo {
        name: unique_name(device)?,
        description: description(device),
        direction,
        is_default: device.id().ok() == default,
        format: format!(
            "{} Hz, {} channels, {}",
            config.sample_rate(),
            config.channels(),
            config.sample_format()
        ),
    })
}

/// What the device calls its best format, but at 48 kHz if it can, for then nothing needs converting.
fn best_config(
    device: &Device,
    direction: Direction,
) -> Result<SupportedStreamConfig, cpal::Error> {
    let default = match direction {
        Direction::Capture => device.default_input_config()?,
        Direction::Playback => device.default_output_config()?,
    };
    let fits = |range: &SupportedStreamConfigRange| {
        range.channels() == default.channels() && range.sample_format() == default.sample_format()
    };
    let ranges: Vec<SupportedStreamConfigRange> = match direction {
        Direction::Capture => device.supported_input_configs()?.filter(fits).collect(),
        Direction::Playback => device.supported_output_configs()?.filter(fits).collect(),
    };
    let at_48 = ranges
        .into_iter()
        .find_map(|range| range.try_with_sample_rate(48_000));
    Ok(at_48.unwrap_or(default))
}

fn default_device(host: &Host, direction: Direction) -> Option<Device> {
    match direction {
        Direction::Capture => host.default_input_device(),
        Direction::Playback => host.default_output_device(),
    }
}

fn flows(device: &Device, direction: Direction) -> bool {
    match direction {
        Direction::Capture => device.supports_input(),
        Direction::Playback => device.supports_output(),
    }
}

fn unique_name(device: &Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

fn description(device: &Device) -> String {
    let described = device.description().map(|text| text.name().to_owned());
    described.unwrap_or_else(|_| unique_name(device).unwrap_or_default())
}

fn is_pseudo(device: &Device) -> bool {
    cfg!(target_os = "linux")
        && unique_name(device).is_some_and(|name| matches!(name.as_str(), "null" | "jack"))
}
