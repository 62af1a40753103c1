//! `rendezvous devices`: microphones, loudspeakers, cameras, screens and windows.
use conf_core::{
    DeviceInfo, Direction, VideoTerminal, list_cameras, list_devices, list_shareables,
};
use serde_json::json;

use super::args::DevicesArguments;
use super::failure::Failure;
use super::json;

pub(super) fn run(arguments: &DevicesArguments) -> Result<(), Failure> {
    let devices = list_devices().map_err(Failure::other)?;
    if devices.is_empty() && !arguments.json {
        println!("This computer has no microphone and no loudspeaker.");
    }
    for device in &devices {
        let terminal = format!("device:{}", device.name);
        if arguments.json {
            json::print(&json!({
                "direction": direction(device),
                "terminal": terminal,
                "name": device.description,
                "is_default": device.is_default,
            }))?;
        } else {
            let mark = if device.is_default { "  (default)" } else { "" };
            println!(
                "{:<12} {terminal}  {}{mark}",
                kind(device),
                device.description
            );
        }
    }
    cameras(arguments)?;
    shareables(arguments)
}

fn cameras(arguments: &DevicesArguments) -> Result<(), Failure> {
    for (number, name) in list_cameras().into_iter().enumerate() {
        let terminal = format!("camera:{name}");
        let is_default = number == 0;
        if arguments.json {
            json::print(&json!({
                "direction": "camera",
                "terminal": terminal,
                "name": name,
                "is_default": is_default,
            }))?;
        } else {
            let mark = if is_default { "  (default)" } else { "" };
            println!("{:<12} {terminal}{mark}", "camera");
        }
    }
    Ok(())
}

fn shareables(arguments: &DevicesArguments) -> Result<(), Failure> {
    let found = list_shareables();
    for one in &found.list {
        let direction = match one.terminal {
            VideoTerminal::Window(_) => "window",
            _ => "screen",
        };
        let (terminal, name) = (one.terminal.to_string(), &one.title);
        if arguments.json {
            json::print(&json!({ "direction": direction, "terminal": terminal, "name": name }))?;
        } else {
            println!("{direction:<12} {terminal}  {name}");
        }
    }
    match found.obstacle {
        Some(why) if arguments.json => {
            json::print(&json!({ "direction": "screen", "obstacle": why }))
        }
        Some(why) => {
            println!("{:<12} {why}", "screen");
            Ok(())
        }
        None => Ok(()),
    }
}

fn direction(device: &DeviceInfo) -> &'static str {
    match device.direction {
        Direction::Capture => "capture",
        Direction::Playback => "playback",
    }
}

fn kind(device: &DeviceInfo) -> &'static str {
    match device.direction {
        Direction::Capture => "microphone",
        Direction::Playback => "loudspeaker",
    }
}
