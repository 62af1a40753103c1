//! `rendezvous join --headless`: takes part without a window, until stopped.
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_core::{
    Conference, ConferenceCommand, ConferenceEvent, Description, Information, JoinError,
    JoinOptions, SdesItem, Station, Terminal, VideoOptions, View,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::{JoinArguments, Lasting};
use super::failure::{Failure, FailureKind};
use super::lookup;
use super::stop::{Awakened, Waiter};
use super::watch::Watch;
use super::{json, text};
use crate::model::Problem;
use crate::notice::{self, Notice};
use crate::{host, paths, profile, settings_file};

/// How long a goodbye may take: in a large conference it waits for its turn (RFC 3550 section 6.3.7).
const GOODBYE: Duration = Duration::from_secs(2);

pub(super) fn run(arguments: &JoinArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let reference = lookup::reference(&arguments.conference);
    let local = lookup::read_local(&reference)?;
    let station = start(arguments, &waiter)?;
    let description = match local {
        Some(description) => description,
        None => {
            let entry = lookup::find(&station, &waiter, reference.wanted())?;
            Arc::clone(&entry.description)
        }
    };
    let options = options(arguments);
    let name = options.information.name.clone().unwrap_or_default();
    let conference = station
        .join(
            Arc::clone(&description),
            options,
            host::moment(),
            waiter.waker(),
        )
        .map_err(|error| refused(&description, &error))?;
    tell_joining(arguments, &station, &description, &name)?;
    take_part(arguments, &waiter, &conference)?;
    // Before the station: the endpoint that says goodbye lives on its thread.
    drop(conference);
    station.shutdown();
    Ok(())
}

fn start(arguments: &JoinArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.network.interface.clone();
    host::start_station(interface, directories, false, waiter.waker())
}

/// Prints what happens until the user or the time ends it; then says goodbye.
fn take_part(
    arguments: &JoinArguments,
    waiter: &Waiter,
    conference: &Conference,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut deadline = match arguments.lasting {
        Some(Lasting::For(length)) => began.checked_add(length),
        Some(Lasting::Permanently) | None => None,
    };
    let mut report = Report::new(arguments.statistics, began);
    let mut watch = arguments.max_videos.map(|most| Watch::new(most.into()));
    look_at(conference, watch.as_ref());
    let mut is_leaving = false;
    loop {
        let awakened = waiter.wait(deadline.into_iter().chain(report.due).min());
        while let Some(event) = conference.poll_event() {
            tell(arguments, conference, &event)?;
            if watch.as_mut().is_some_and(|watch| watch.follow(&event)) {
                look_at(conference, watch.as_ref());
            }
            if event == ConferenceEvent::Left {
                return Ok(());
            }
        }
        report.tell(conference)?;
        // Whoever is woken all the time sees the time pass as well.
        let is_due = deadline.is_some_and(|deadline| deadline <= Instant::now());
        if awakened != Awakened::Stopped && !is_due {
            continue;
        }
        if is_leaving && is_due {
            return Ok(());
        }
        if !is_leaving {
            conference.leave();
            is_leaving = true;
            deadline = Some(Instant::now() + GOODBYE);
        }
        waiter.resume();
    }
}

/// Has only those decoded who are looked at, where that is bounded.
fn look_at(conference: &Conference, watch: Option<&Watch>) {
    if let Some(watch) = watch {
        conference.command(ConferenceCommand::Show(watch.tiles()));
    }
}

/// Figures that are told from time to time.
struct Report {
    period: Option<Duration>,
    due: Option<Instant>,
}

impl Report {
    fn new(period: Option<Duration>, now: Instant) -> Self {
        let due = period.and_then(|period| now.checked_add(period));
        Self { period, due }
    }

    fn tell(&mut self, conference: &Conference) -> Result<(), Failure> {
        let now = Instant::now();
        if self.due.is_none_or(|due| now < due) {
            return Ok(());
        }
        *self = Self::new(self.period, now);
        json::print(&json::figures(&conference.snapshot()))
    }
}

fn options(arguments: &JoinArguments) -> JoinOptions {
    let speakers = if arguments.speaker.is_empty() {
        vec![Terminal::Default]
    } else {
        arguments.speaker.clone()
    };
    JoinOptions {
        information: information(arguments),
        microphone: arguments.microphone.clone(),
        speakers,
        video: VideoOptions {
            camera: arguments.camera.clone(),
            share: arguments.share.clone(),
            camera_limits: arguments.limits.into(),
            output: arguments.video_out.clone().unwrap_or_default(),
            // Without a window nobody looks, unless it was asked for.
            view: match arguments.video_out {
                Some(_) => View::Large,
                None => View::Hidden,
            },
            ..VideoOptions::default()
        },
        loopback: arguments.loopback.into(),
        is_muted: false,
        seed: host::seed(),
    }
}

/// What is given here, or else what the window keeps; a name there always is.
fn information(arguments: &JoinArguments) -> Information {
    let kept = paths::data_dir().map(|dir| settings_file::load(&dir));
    let mut information = profile::information(&kept.unwrap_or_default());
    let given = [
        (SdesItem::Name, &arguments.name),
        (SdesItem::Email, &arguments.email),
        (SdesItem::Phone, &arguments.phone),
        (SdesItem::Location, &arguments.location),
        (SdesItem::Note, &arguments.note),
    ];
    for (item, text) in given {
        if let Some(text) = text {
            information.set(item, text);
        }
    }
    information.name.get_or_insert_with(host::login_name);
    information
}

fn refused(description: &Description, error: &JoinError) -> Failure {
    let words = words(&Problem::from(error));
    let message = format!(
        "“{}” cannot be joined. {}",
        description.name,
        text::sentences(&words)
    );
    let kind = match error {
        JoinError::Stopped | JoinError::Audio(_) | JoinError::Video(_) => FailureKind::Other,
        _ => FailureKind::Refused,
    };
    let detail = words
        .detail
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    Failure::new(kind, message + &detail)
}

fn tell_joining(
    arguments: &JoinArguments,
    station: &Station,
    description: &Description,
    name: &str,
) -> Result<(), Failure> {
    let network = station.network();
    let interface = network
        .interfaces
        .first()
        .map(|interface| interface.name.as_str());
    if arguments.json {
        return json::print(&json::joining(description, interface, name));
    }
    let through = interface
        .map(|name| format!(" through {name}"))
        .unwrap_or_default();
    print_line(&format!(
        "Joining “{}” as {name}{through}. Ctrl-C leaves.",
        description.name
    ))
}

fn tell(
    arguments: &JoinArguments,
    conference: &Conference,
    event: &ConferenceEvent,
) -> Result<(), Failure> {
    let snapshot = conference.snapshot();
    if arguments.json {
        return json::print(&json::event(event, &snapshot, words));
    }
    match text::event(event, &snapshot, words) {
        Some(line) => print_line(&line),
        None => Ok(()),
    }
}

fn words(problem: &Problem) -> Notice {
    notice::notice(problem, Timestamp::now(), &TimeZone::system())
}

fn print_line(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(Failure::other)
}
