//! A computer that others keep busy: who gives way, in what order, and whether it is said. Somebody looks at a large
//! picture and 24 small ones on one core, which ever more programs want as well. `cargo bench --bench overload`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conf_core::{Conference, ConferenceCommand, ConferenceEvent, Layer, Problem, View};
use conf_tests::beside::argument;
use conf_tests::cost::cpu_seconds;
use conf_tests::full_room::{films, senders, write};
use conf_tests::netns::{Segment, enter};
use conf_tests::onlooker::{Onlooker, players, tiles};
use conf_tests::replay::{play, socket};

const PEOPLE: usize = 25;
/// Programs that want the core as well, one after the other.
const RIVALS: [usize; 6] = [0, 2, 6, 14, 30, 0];
const WARM_UP: Duration = Duration::from_secs(4);
const SPAN: Duration = Duration::from_secs(8);

fn main() {
    if let Some(file) = argument("--look") {
        return look(Path::new(&file));
    }
    if argument("--burn").is_some() {
        return burn();
    }
    if let Err(reason) = enter() {
        return println!("nothing is measured: {reason}");
    }
    let films = films();
    let lan = Segment::new(2);
    let file = write(&lan.hosts[0], true);
    let socket = socket(&lan.hosts[1]);
    let players = senders(&films, PEOPLE);
    let is_over = AtomicBool::new(false);
    println!("one at 1280x720 and 30, 24 at 320x180 and 15, on a core that others want as well");
    std::thread::scope(|scope| {
        scope.spawn(|| play(&socket, &players, &is_over));
        let me = std::env::current_exe().unwrap();
        let mut looking = lan.hosts[0].command("taskset");
        looking.args(["-c", "0"]).arg(me).arg("--look").arg(&file);
        let status = looking.status();
        is_over.store(true, Ordering::Relaxed);
        assert!(status.unwrap().success());
    });
}

/// Wants all of the core until it is killed.
fn burn() {
    loop {
        std::hint::spin_loop();
    }
}

/// Looks at everybody, the first one large, while ever more want the core.
fn look(file: &Path) {
    let Onlooker { conference, .. } = &Onlooker::join(file, View::Small);
    let mut rivals = Vec::new();
    watch(conference, WARM_UP);
    for count in RIVALS {
        let me = std::env::current_exe().unwrap();
        rivals.resize_with(count, || Rival::new(&me));
        watch(conference, Duration::from_secs(1));
        let (before, cpu, start) = (figures(conference), cpu_seconds(), Instant::now());
        let told = watch(conference, SPAN);
        let seconds = start.elapsed().as_secs_f64();
        let cpu = 1e3 * (cpu_seconds() - cpu) / seconds;
        let now = figures(conference);
        let rate = |at: usize| (now[at] - before[at]) as f64 / seconds;
        let small = (PEOPLE - 1) as f64;
        println!(
            "{count:>2} rivals, {cpu:>4.0} ms of CPU a second for us: large {:.1} pictures a second ({:.1} left out), small {:.1} ({:.1} left out){}",
            rate(0),
            rate(1),
            rate(2) / small,
            rate(3) / small,
            if told { ", and it is said" } else { "" }
        );
    }
}

struct Rival(Child);

impl Rival {
    fn new(me: &Path) -> Self {
        let mut command = Command::new(me);
        Self(command.args(["--burn", "it"]).spawn().unwrap())
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Shows everybody for so long; whether it is a problem at the end that the computer is too slow.
fn watch(conference: &Conference, span: Duration) -> bool {
    let end = Instant::now() + span;
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
        while let Some(event) = conference.poll_event() {
            if let ConferenceEvent::ProblemStarted(problem) = event {
                println!("   problem: {problem:?}");
            }
        }
        let snapshot = conference.snapshot();
        let mut people = players(&snapshot.people);
        people.truncate(PEOPLE);
        conference.command(ConferenceCommand::Show(tiles(&people)));
    }
    conference.snapshot().problems.contains(&Problem::TooSlow)
}

/// Pictures decoded and left out: of the large one, then of all small ones.
fn figures(conference: &Conference) -> [u64; 4] {
    let snapshot = conference.snapshot();
    let mut sums = [0; 4];
    for video in players(&snapshot.people)
        .iter()
        .filter_map(|person| person.video)
    {
        let at = if video.id.layer == Layer::Full { 0 } else { 2 };
        let figures = video.statistics;
        sums[at] += figures.decoded;
        sums[at + 1] += figures.shed + figures.skipped;
    }
    sums
}
