//! A full room on a real network: twenty-five people on the screen, a hundred in the room, and how soon the first
//! picture is there. `cargo bench --bench room`, after the program was built with the same profile.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conf_core::{ConferenceCommand, ConferenceEvent, Layer, Person, Size, View};
use conf_tests::beside::{argument, median};
use conf_tests::cost::{cpu_seconds, threads};
use conf_tests::full_room::{SMALL, films, senders, write};
use conf_tests::netns::{Host, Segment, enter, rendezvous};
use conf_tests::onlooker::{Onlooker, players, tiles};
use conf_tests::replay::{CodedFilm, Player, play, socket};
use conf_tests::running::Running;
use openh264::decoder::Decoder;

const ROUNDS: usize = 3;
const JOINS: usize = 15;
const VISIBLE: usize = 25;
const WARM_UP: Duration = Duration::from_secs(4);
const SPAN: Duration = Duration::from_secs(8);

fn main() {
    if let Some(file) = argument("--look") {
        return look(Path::new(&file));
    }
    if let Some(file) = argument("--arrive") {
        return arrive(Path::new(&file));
    }
    if let Err(reason) = enter() {
        return println!("nothing is measured: {reason}");
    }
    // By name, one of them alone.
    let is_wanted = |name| std::env::args().skip(1).all(|word| word != name);
    if is_wanted("first") {
        crowd();
    }
    if is_wanted("crowd") {
        first_picture();
    }
}

/// 24 thumbnails and a large picture, of 25 people and of 100.
fn crowd() {
    let films = films();
    println!(
        "24 people at 320x180 and 15, one at 1280x720 and 30; median of {ROUNDS} alternating runs"
    );
    let floor = |is_paced| median((0..ROUNDS).map(|_| alone(&films, is_paced)).collect());
    let (paced, floor) = (floor(true), floor(false));
    let runs = (0..ROUNDS).map(|_| (seen_among(VISIBLE, &films), seen_among(100, &films)));
    let (few, many): (Vec<_>, Vec<_>) = runs.unzip();
    let cost = |seen: &[Seen]| median(seen.iter().map(|seen| seen.cost).collect());
    let (of_few, of_many) = (cost(&few), cost(&many));
    println!(
        " 25 people: {of_few:.0} ms of CPU per second, openh264 alone {floor:.0}, ratio {:.2}; at the same pace {paced:.0}, ratio {:.2}",
        of_few / floor,
        of_few / paced
    );
    println!(
        "100 people, 25 of them seen: {of_many:.0}, ratio to 25 people {:.3} (must: 1.0)",
        of_many / of_few
    );
    for seen in few.iter().chain(&many) {
        println!(
            "     large picture: {} (must: none lost)",
            seen.large.trim()
        );
    }
}

struct Seen {
    /// Milliseconds of CPU per second.
    cost: f64,
    large: String,
}

/// What it costs somebody to see 25 of so many people.
fn seen_among(people: usize, films: &[CodedFilm; 2]) -> Seen {
    let lan = Segment::new(2);
    let file = write(&lan.hosts[0], true);
    let socket = socket(&lan.hosts[1]);
    let players = senders(films, people);
    let is_over = AtomicBool::new(false);
    let answer = std::thread::scope(|scope| {
        scope.spawn(|| play(&socket, &players, &is_over));
        let answer = ask(&lan.hosts[0], "--look", &file);
        is_over.store(true, Ordering::Relaxed);
        answer
    });
    let (cost, large) = answer.split_once(' ').unwrap();
    Seen {
        cost: cost.parse().unwrap(),
        large: large.to_owned(),
    }
}

/// Milliseconds of CPU per second of decoding alone, by one decoder for each of the 25, in the order in which their pictures
/// come: what a decoder remembers has left the nearest caches by the time that the others have had their turn.
///
/// At the pace of their coming it is dearer than at one go: whoever sleeps between two pictures finds everything cold.
fn alone(films: &[CodedFilm; 2], is_paced: bool) -> f64 {
    let mut all: Vec<Alone<'_>> = (0..VISIBLE as u32)
        .map(|number| Alone::new(&films[usize::from(number > 0)], number))
        .collect();
    let (start, before) = (Instant::now(), cpu_seconds());
    loop {
        let next = all.iter_mut().min_by_key(|one| one.due).unwrap();
        if next.due > SPAN {
            return 1e3 * (cpu_seconds() - before) / SPAN.as_secs_f64();
        }
        if is_paced {
            std::thread::sleep(next.due.saturating_sub(start.elapsed()));
        }
        next.decode();
    }
}

struct Alone<'a> {
    decoder: Decoder,
    film: &'a CodedFilm,
    picture: usize,
    due: Duration,
}

impl<'a> Alone<'a> {
    fn new(film: &'a CodedFilm, number: u32) -> Self {
        Self {
            decoder: Decoder::new().unwrap(),
            film,
            picture: 0,
            // Spread as those who play films are.
            due: Duration::from_secs(1) / film.rate * number / VISIBLE as u32,
        }
    }

    fn decode(&mut self) {
        let coded = &self.film.pictures[self.picture % self.film.pictures.len()];
        std::hint::black_box(self.decoder.decode(&coded.stream).unwrap().is_some());
        self.picture += 1;
        self.due += Duration::from_secs(1) / self.film.rate;
    }
}

/// Somebody who looks at 25 people, the first of them large: tells what that cost, and how the large one was seen.
fn look(file: &Path) {
    let Onlooker { conference, .. } = &Onlooker::join(file, View::Small);
    let start = Instant::now();
    let mut began = None;
    let mut told = Vec::new();
    while start.elapsed() < WARM_UP + SPAN {
        std::thread::sleep(Duration::from_millis(100));
        let snapshot = conference.snapshot();
        let mut people = players(&snapshot.people);
        people.truncate(VISIBLE);
        // Told when it is something new, as the window does.
        let tiles = tiles(&people);
        if tiles != told {
            told.clone_from(&tiles);
            conference.command(ConferenceCommand::Show(tiles));
        }
        if began.is_none() && start.elapsed() >= WARM_UP {
            began = Some((Instant::now(), cpu_seconds(), threads(), figures(&people)));
        }
    }
    let (since, before, threads_before, figures_before) = began.unwrap();
    let seconds = since.elapsed().as_secs_f64();
    let cost = 1e3 * (cpu_seconds() - before) / seconds;
    let threads = by_thread(&threads_before, seconds);
    let snapshot = conference.snapshot();
    let now = figures(&players(&snapshot.people));
    let [decoded, lost, small] = [0, 1, 2].map(|at| now[at] - figures_before[at]);
    let due = since.elapsed().as_secs() * 30;
    println!(
        "{cost:.1} {decoded} decoded of {due} and more, {lost} left out or overtaken; {small} small ones left out; {threads}"
    );
}

/// What each thread cost since then, and how often it was woken, in a second.
fn by_thread(before: &BTreeMap<String, (f64, u64)>, seconds: f64) -> String {
    let since = |(name, now): (String, (f64, u64))| {
        let before = before.get(&name).copied().unwrap_or_default();
        let (cost, woken) = (now.0 - before.0, (now.1 - before.1) as f64);
        format!("{name} {:.1} ms/{:.0}", cost / seconds, woken / seconds)
    };
    let threads: Vec<String> = threads().into_iter().map(since).collect();
    threads.join(", ")
}

/// Of the large picture: decoded, lost; of all small ones: lost.
fn figures(people: &[&Person]) -> [u64; 3] {
    let shown = people
        .iter()
        .take(VISIBLE)
        .filter_map(|person| person.video);
    let mut sums = [0; 3];
    for video in shown {
        let figures = video.statistics;
        let lost = figures.shed + figures.skipped + figures.overtaken;
        if video.id.layer == Layer::Full {
            sums = [figures.decoded, lost, sums[2]];
        } else {
            sums[2] += lost;
        }
    }
    sums
}

/// From joining to the first picture.
fn first_picture() {
    println!("from joining to the first picture of 640x360 at 30, median of {JOINS}");
    let film = CodedFilm::of(Size::new(640, 360), 30, 800_000);
    let lan = Segment::new(2);
    let file = write(&lan.hosts[0], false);
    let socket = socket(&lan.hosts[1]);
    let players = [Player {
        ssrc: 1_000,
        name: "Person 0".to_owned(),
        film: &film,
        to: SMALL,
        reports_to: SocketAddrV4::new(*SMALL.ip(), SMALL.port() + 1),
    }];
    let is_over = AtomicBool::new(false);
    let without = std::thread::scope(|scope| {
        scope.spawn(|| play(&socket, &players, &is_over));
        let waits = arrivals(&lan.hosts[0], &file);
        is_over.store(true, Ordering::Relaxed);
        waits
    });
    println!(
        "a keyframe each second, nobody asked: {without:.0} ms (must: 700; GStreamer, with one each two seconds: 1019)"
    );
    let mut sender = lan.hosts[1].command(rendezvous());
    sender.arg("join").arg(write(&lan.hosts[1], false));
    let silent = [
        "--headless",
        "--name",
        "Bo",
        "--microphone",
        "none",
        "--speaker",
        "none",
    ];
    let _sender = Running::start(sender.args(silent).args(["--camera", "test:640x360@30"]));
    std::thread::sleep(WARM_UP);
    let with = arrivals(&lan.hosts[0], &file);
    println!("our program, which is asked for one: {with:.0} ms (must: 350)");
}

/// The median wait of many who come at any time.
fn arrivals(host: &Host, file: &Path) -> f64 {
    let mut rng = fastrand::Rng::with_seed(7);
    let waits = (0..JOINS).map(|_| {
        std::thread::sleep(Duration::from_millis(rng.u64(0..1_000)));
        ask(host, "--arrive", file).trim().parse().unwrap()
    });
    median(waits.collect())
}

/// Somebody who comes: tells how many milliseconds it took until there was a picture.
fn arrive(file: &Path) {
    let begun = Instant::now();
    let Onlooker {
        conference, woken, ..
    } = &Onlooker::join(file, View::Large);
    while begun.elapsed() < Duration::from_secs(10) {
        woken
            .recv_timeout(Duration::from_millis(100))
            .unwrap_or_default();
        while let Some(event) = conference.poll_event() {
            if matches!(event, ConferenceEvent::FirstPicture { .. }) {
                return println!("{}", begun.elapsed().as_millis());
            }
        }
    }
    panic!("there was no picture");
}

/// This benchmark, run again on a host.
fn ask(host: &Host, what: &str, file: &Path) -> String {
    let mut command: Command = host.command(std::env::current_exe().unwrap());
    let output = command.arg(what).arg(file).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
