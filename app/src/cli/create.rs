//! `rendezvous create`: describes a new conference, and announces it if asked to.
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::directories::{ConferenceEntry, DirectoryClient};
use conf_core::{
    Description, Draft, DraftAudio, IpVersion, Scope, Station, StationEvent, claim_port,
};
use jiff::Zoned;

use super::args::{AudioArgument, CreateArguments, Lasting};
use super::failure::{Failure, FailureKind};
use super::stop::{Awakened, Waiter};
use super::{change, choice, publish};
use crate::host::{self, Groups};

/// Announcements in use are heard for so long before a group is picked that nobody announces.
const LISTEN: Duration = Duration::from_millis(1_000);

pub(super) fn run(arguments: &CreateArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let station = start(arguments, &waiter)?;
    if arguments.address.is_none() && listen(&waiter, Instant::now() + LISTEN) == Awakened::Stopped
    {
        return Ok(());
    }
    let (description, stop) = describe(arguments, &station)?;
    write(arguments, &description)?;
    publish(arguments, &description)?;
    if arguments.announce {
        announce(&station, &waiter, description, stop)?;
    }
    station.shutdown();
    Ok(())
}

fn start(arguments: &CreateArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.interface.clone();
    host::start_station(interface, directories, false, waiter.waker())
}

fn listen(waiter: &Waiter, deadline: Instant) -> Awakened {
    loop {
        match waiter.wait(Some(deadline)) {
            Awakened::Woken => {}
            ended => return ended,
        }
    }
}

fn describe(
    arguments: &CreateArguments,
    station: &Station,
) -> Result<(Description, Option<SystemTime>), Failure> {
    let start = arguments
        .start
        .resolve(&Zoned::now())
        .map_err(Failure::other)?;
    let mut draft = Draft::new(&arguments.name, host::address(station));
    draft.description.clone_from(&arguments.description);
    (draft.start, draft.stop) = match arguments.duration {
        Lasting::For(length) => (Some(start), Some(start + length)),
        Lasting::Permanently => (None, None),
    };
    draft.scope = arguments.scope.into();
    draft.audio = Some(coding(arguments.audio));
    let mut rng = fastrand::Rng::with_seed(host::seed());
    let sound = group(arguments, station, draft.scope, &mut rng)?;
    draft.group = Some(sound);
    if arguments.video {
        draft.video = Some(video_group(
            arguments,
            station,
            draft.scope,
            sound,
            &mut rng,
        )?);
    }
    if let Some(address) = arguments.address {
        draft.ttl = address.ttl;
    }
    let usage = |error: conf_core::DraftError| Failure::new(FailureKind::Usage, error.to_string());
    let description = draft.describe(SystemTime::now(), &mut rng).map_err(usage)?;
    Ok((description, draft.stop))
}

fn group(
    arguments: &CreateArguments,
    station: &Station,
    scope: Scope,
    rng: &mut fastrand::Rng,
) -> Result<SocketAddr, Failure> {
    if let Some(address) = arguments.address {
        return Ok(SocketAddr::new(address.group, claim_port(rng)));
    }
    Groups::in_use(&station.catalogue())
        .claim(scope, IpVersion::V4, rng)
        .map_err(Failure::other)
}

/// A group of its own; where the user chose the group, the next port of it.
fn video_group(
    arguments: &CreateArguments,
    station: &Station,
    scope: Scope,
    sound: SocketAddr,
    rng: &mut fastrand::Rng,
) -> Result<SocketAddr, Failure> {
    if arguments.address.is_some() {
        // Its RTCP has the port after it, as that of the sound has.
        let port = if sound.port() > u16::MAX - 4 {
            sound.port() - 2
        } else {
            sound.port() + 2
        };
        return Ok(SocketAddr::new(sound.ip(), port));
    }
    loop {
        let group = group(arguments, station, scope, rng)?;
        if group.ip() != sound.ip() {
            return Ok(group);
        }
    }
}

fn coding(argument: AudioArgument) -> DraftAudio {
    match argument {
        AudioArgument::Opus => DraftAudio::Opus,
        AudioArgument::Pcmu => DraftAudio::Pcmu,
        AudioArgument::L16 => DraftAudio::L16,
    }
}

fn write(arguments: &CreateArguments, description: &Description) -> Result<(), Failure> {
    let text = description.to_string();
    match &arguments.output {
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure::other(format!("{}: {error}", path.display()))),
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes())
                .and_then(|()| out.flush())
                .map_err(Failure::other)
        }
    }
}

/// Publishes it in each directory that was named.
fn publish(arguments: &CreateArguments, description: &Description) -> Result<(), Failure> {
    if arguments.choice.directory.is_empty() {
        return Ok(());
    }
    for config in arguments.choice.configs()? {
        let entry = ConferenceEntry::new(Arc::new(description.clone()));
        let mut client = DirectoryClient::new(config.clone()).map_err(Failure::other)?;
        let published = publish::put(&mut client, &config, entry)?;
        let stays = change::lifetime(&published, description);
        eprintln!("It is published in {}. {stays}", choice::name(&config));
    }
    Ok(())
}

/// Announces until stopped, or until the conference ends.
fn announce(
    station: &Station,
    waiter: &Waiter,
    description: Description,
    stop: Option<SystemTime>,
) -> Result<(), Failure> {
    let id = station.announce(description);
    let left = stop.map(|stop| stop.duration_since(SystemTime::now()).unwrap_or_default());
    let deadline = left.map(|left| Instant::now() + left);
    let through = host::interface_names(station);
    eprintln!("Announcing it as {id} on {through} until stopped (Ctrl-C).");
    let mut problem = None;
    loop {
        let awakened = waiter.wait(deadline);
        while let Some(event) = station.poll_event() {
            if let StationEvent::NotAnnounced(_, reason) = event {
                return Err(Failure::new(FailureKind::Usage, reason.to_string()));
            }
        }
        host::tell_network(station, &mut problem);
        if awakened != Awakened::Woken {
            station.withdraw(id);
            return Ok(());
        }
    }
}
