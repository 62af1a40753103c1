//! `rendezvous create`: describes a new conference, and announces it if asked to.
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use conf_core::calendar::Clash;
use conf_core::directories::{ConferenceEntry, DirectoryClient};
use conf_core::{Description, Draft, DraftAudio, DraftVideo, FULL_GROUPS, Station, StationEvent};
use jiff::Zoned;

use super::args::{AudioArgument, CreateArguments, Lasting, RepairArgument};
use super::failure::{Failure, FailureKind};
use super::stop::{Awakened, Waiter};
use super::{change, choice, clash, groups, hearing, json, publish};
use crate::groups::{Chosen, Purpose};
use crate::{host, protection};

pub(super) fn run(arguments: &CreateArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let station = start(arguments, &waiter)?;
    // Then a group is picked that nobody announces, and it is known what else is planned.
    if hearing::listen(&station, &waiter, |_| true) == Awakened::Stopped {
        return Ok(());
    }
    let (description, stop) = describe(arguments, &station, &waiter)?;
    publish(arguments, &description)?;
    if arguments.announce {
        if arguments.choice.directory.is_empty() {
            eprintln!("Protection: {}", protection::sentence(false));
        }
        announce(&station, &waiter, description, stop)?;
    }
    station.shutdown();
    Ok(())
}

fn start(arguments: &CreateArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.network.interface.clone();
    let madcap = groups::madcap(arguments)?;
    host::start_leasing_station(interface, directories, madcap, false, waiter.waker())
}

/// Chooses the groups, describes the conference, and writes it.
fn describe(
    arguments: &CreateArguments,
    station: &Station,
    waiter: &Waiter,
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
    let purpose = Purpose {
        scope: draft.scope,
        version: groups::version(arguments),
        mediums: match (arguments.video, arguments.address) {
            (false, _) => 1,
            // In one group there is nothing to choose by joining: one size for everybody.
            (true, Some(_)) => 2,
            (true, None) => 3,
        },
        range: if arguments.video && arguments.address.is_none() {
            FULL_GROUPS
        } else {
            0
        },
        start: draft.start,
        stop: draft.stop,
    };
    let chosen = groups::find(arguments, station, waiter, &purpose, &mut rng)?;
    let mut groups = chosen.groups.iter().copied();
    draft.group = groups.next();
    draft.video = DraftVideo::of_groups(&groups.collect::<Vec<_>>());
    if let Some(video) = &mut draft.video {
        video.has_repair = arguments.video_repair == RepairArgument::Fec;
    }
    if let Some(address) = arguments.address {
        draft.ttl = address.ttl;
    }
    let usage = |error: conf_core::DraftError| Failure::new(FailureKind::Usage, error.to_string());
    let described = draft.describe(SystemTime::now(), &mut rng);
    let described = described.inspect_err(|_| chosen.give_back(station));
    let description = described.map_err(usage)?;
    chosen.assign(station, description.id());
    let clashes = clash::warn(&description, station);
    write(arguments, &description, &chosen, &clashes)?;
    Ok((description, draft.stop))
}

fn coding(argument: AudioArgument) -> DraftAudio {
    match argument {
        AudioArgument::Opus => DraftAudio::Opus,
        AudioArgument::Pcmu => DraftAudio::Pcmu,
        AudioArgument::L16 => DraftAudio::L16,
    }
}

fn write(
    arguments: &CreateArguments,
    description: &Description,
    chosen: &Chosen,
    clashes: &[Clash],
) -> Result<(), Failure> {
    let text = description.to_string();
    if arguments.json {
        let created = json::created(description, &groups::json(chosen), &clash::json(clashes));
        json::print(&created)?;
    } else if let Some(sentence) = groups::sentence(chosen) {
        eprintln!("{sentence}");
    }
    match &arguments.output {
        None if arguments.json => Ok(()),
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
