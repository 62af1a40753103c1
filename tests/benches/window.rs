//! Many people at the real window, painted by OpenGL without a graphics card, beside GStreamer's `compositor`.
//! `cargo bench --bench window`, after the program was built with the same profile; `-- --people 9` for these alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conf_tests::beside::argument;
use conf_tests::cost::cpu_seconds_of;
use conf_tests::desktop::Desktop;
use conf_tests::netns::{Segment, enter, rendezvous};
use conf_tests::replay::{CodedFilm, Player, play, socket};
use conf_tests::running::Running;
use conf_tests::trials::is_there;
use media::video::Size;

const ROUNDS: usize = 3;
const SPAN: Duration = Duration::from_secs(6);
/// Long enough to start, to hear of everybody and to show them all.
const WARM_UP: Duration = Duration::from_secs(4);
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 77, 1);
const PORT: u16 = 5_200;

fn main() {
    if let Err(reason) = enter() {
        return println!("nothing is measured: {reason}");
    }
    let needed = [
        "Xvfb",
        "xdotool",
        "gst:compositor",
        "gst:ximagesink",
        "gst:openh264dec",
    ];
    if let Some(missing) = needed.into_iter().find(|need| !is_there(need)) {
        return println!("nothing is measured: {missing} is not installed");
    }
    println!("in a window of 1180x760, software OpenGL; median of {ROUNDS} runs");
    let film = CodedFilm::of(Size::new(640, 360), 30, 800_000);
    let crowds =
        argument("--people").map_or_else(|| vec![4, 9, 16], |number| vec![number.parse().unwrap()]);
    for people in &crowds {
        let people = *people;
        let bench = Bench::new(vec![&film; people], "g f");
        let pairs = (0..ROUNDS).map(|_| (bench.ours(), bench.gstreamer()));
        let (ours, theirs): (Vec<_>, Vec<_>) = pairs.unzip();
        let frames = median(ours.iter().map(|run| run.frames).collect());
        let pictures = median(ours.iter().map(|run| run.pictures).collect());
        let (ours, theirs) = (
            median(ours.iter().map(|run| run.cost).collect()),
            median(theirs),
        );
        println!(
            "{people:>3} people, 640x360 at 30: ours {ours:.0} ms of CPU per second, GStreamer {theirs:.0}, ratio {:.2} (must: 0.8); {pictures:.1} pictures a second of each shown, the window painted {frames:.0} times",
            ours / theirs
        );
    }
    if crowds.len() == 1 {
        return;
    }
    let large = CodedFilm::of(Size::new(1280, 720), 30, 2_000_000);
    let small = CodedFilm::of(Size::new(320, 180), 15, 150_000);
    println!("one in 1280x720 at 30, the others in 320x180 at 15:");
    let cost_of = |people: usize, layout, keys| {
        let others = std::iter::repeat_n(&small, people - 1);
        let bench = Bench::new(std::iter::once(&large).chain(others).collect(), keys);
        let runs: Vec<Run> = (0..ROUNDS).map(|_| bench.ours()).collect();
        let missed = runs.iter().map(|run| run.missed).max().unwrap();
        let cost = median(runs.into_iter().map(|run| run.cost).collect());
        println!("{people:>3} people, {layout}: {cost:.0} ms of CPU per second");
        println!(
            "    at most {missed} frames of whoever is large were missed in {SPAN:?} (must: 0)"
        );
        cost
    };
    cost_of(25, "all in a grid", "g f");
    let ratio = cost_of(25, "one large", "f") / cost_of(100, "one large", "f");
    println!("100 people cost {:.2} of what 25 do (must: 1)", 1.0 / ratio);
}

/// A room of people who each send a film, and how they are looked at.
struct Bench<'a> {
    films: Vec<&'a CodedFilm>,
    /// What is pressed at the window.
    keys: &'static str,
    lan: Segment,
}

/// What our window did.
struct Run {
    /// In milliseconds of CPU per second.
    cost: f64,
    /// Pictures of whoever is looked at that were never painted.
    missed: u32,
    /// How often the window was painted each second.
    frames: f64,
    /// How many pictures of each person were put on the screen each second.
    pictures: f64,
}

impl<'a> Bench<'a> {
    fn new(films: Vec<&'a CodedFilm>, keys: &'static str) -> Self {
        Self {
            films,
            keys,
            lan: Segment::new(2),
        }
    }

    fn people(&self) -> u16 {
        self.films.len().try_into().unwrap()
    }

    fn ours(&self) -> Run {
        let desktop = Desktop::silent(&self.lan.hosts[0]);
        let file = self.lan.hosts[0].file("room.sdp");
        std::fs::write(&file, description()).unwrap();
        self.settings();
        let mut window = desktop.command(rendezvous());
        let silent = ["--name", "Ana", "--microphone", "none", "--speaker", "none"];
        window.arg("join").arg(&file).args(silent);
        window.env("RENDEZVOUS_LOG", "rendezvous::ui::pictures=debug");
        window.env("NO_COLOR", "1");
        let begin = || {
            let window = Running::start(&mut window);
            desktop.focus("Rendezvous");
            desktop.press(self.keys);
            window
        };
        let (cost, window, since) = self.watch(begin, |_| PORT);
        let lines: Vec<_> = window.lines();
        let lines = lines.iter().filter(|line| line.at > since);
        let told = |name| -> Vec<u32> {
            lines
                .clone()
                .filter_map(|line| told(&line.text, name))
                .collect()
        };
        // What is told first began while the window opened.
        let later = |name| told(name).iter().skip(1).sum::<u32>();
        let per_second = |name| 1e3 * f64::from(later(name)) / f64::from(later("span_ms="));
        desktop.picture(&format!("bench-{}", self.people()));
        Run {
            cost,
            missed: told("large=").iter().sum(),
            frames: per_second("frames="),
            pictures: per_second("pictures=") / f64::from(self.people()),
        }
    }

    /// Nobody looks at themselves, and a small film stays as large as it is.
    fn settings(&self) {
        let folder = self.lan.hosts[0].file("data").join("rendezvous");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = "name = \"Ana\"\nis_self_hidden = true\nhas_directory = false\n";
        std::fs::write(folder.join("settings.toml"), settings).unwrap();
    }

    fn gstreamer(&self) -> f64 {
        let desktop = Desktop::silent(&self.lan.hosts[0]);
        let mut command = desktop.command("gst-launch-1.0");
        command.arg("-q").args(self.pipeline().split_whitespace());
        let begin = || Running::start(&mut command);
        self.watch(begin, |stream| PORT + 2 * stream).0
    }

    /// The same people in a grid of the same size.
    fn pipeline(&self) -> String {
        let caps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=97";
        let columns = (1..).find(|side| side * side >= self.people()).unwrap();
        let (width, height) = (1180 / columns, 1180 * 9 / 16 / columns);
        let pad = |n| {
            let (x, y) = (n % columns * width, n / columns * height);
            format!(
                "sink_{n}::xpos={x} sink_{n}::ypos={y} sink_{n}::width={width} sink_{n}::height={height} "
            )
        };
        let pads: String = (0..self.people()).map(pad).collect();
        let branch = |n| {
            let port = PORT + 2 * n;
            format!(
                "udpsrc address={GROUP} port={port} multicast-iface=eth0 caps={caps} ! rtph264depay ! h264parse ! openh264dec ! queue ! mix.sink_{n} "
            )
        };
        let branches: String = (0..self.people()).map(branch).collect();
        format!(
            "compositor name=mix background=black {pads} ! video/x-raw,width=1180,height=760,framerate=30/1 ! videoconvert ! ximagesink sync=false {branches}"
        )
    }

    /// Milliseconds of CPU per second of a program that is sent everybody's pictures, and since when they were counted.
    fn watch(
        &self,
        begin: impl FnOnce() -> Running,
        port: impl Fn(u16) -> u16,
    ) -> (f64, Running, Instant) {
        let socket = socket(&self.lan.hosts[1]);
        let is_over = AtomicBool::new(false);
        let players: Vec<_> = (0..self.people())
            .map(|n| self.player(n, port(n)))
            .collect();
        std::thread::scope(|scope| {
            // Who comes first is looked at.
            let (first, others) = players.split_at(1);
            scope.spawn(|| play(&socket, first, &is_over));
            let program = begin();
            scope.spawn(|| play(&socket, others, &is_over));
            std::thread::sleep(WARM_UP);
            let (before, start) = (cpu_seconds_of(program.id()), Instant::now());
            std::thread::sleep(SPAN);
            let cost = cpu_seconds_of(program.id()) - before;
            is_over.store(true, Ordering::Relaxed);
            let cost = 1e3 * cost / start.elapsed().as_secs_f64();
            (cost, program, start)
        })
    }

    fn player(&self, number: u16, port: u16) -> Player<'_> {
        Player {
            ssrc: 1_000 + u32::from(number),
            name: format!("Person {number}"),
            film: self.films[usize::from(number)],
            to: SocketAddrV4::new(GROUP, port),
            reports_to: SocketAddrV4::new(GROUP, port + 1),
        }
    }
}

/// What the window says in its log.
fn told(line: &str, name: &str) -> Option<u32> {
    let mut words = line.split_whitespace();
    words.find_map(|word| word.strip_prefix(name))?.parse().ok()
}

fn description() -> String {
    let lines = [
        "v=0",
        "o=- 7 1 IN IP4 10.77.0.2",
        "s=Room",
        &format!("c=IN IP4 {GROUP}/4"),
        "t=0 0",
        "m=audio 5100 RTP/AVP 0",
        &format!("m=video {PORT} RTP/AVP 97"),
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 profile-level-id=42e01f;packetization-mode=1",
        "",
    ];
    lines.join("\r\n")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
