//! Many people at the real window, painted by OpenGL without a graphics card, beside GStreamer's `compositor`.
//! `cargo bench --bench window`, after the program was built with the same profile.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conf_tests::cost::cpu_seconds_of;
use conf_tests::desktop::Desktop;
use conf_tests::netns::{Segment, enter, rendezvous};
use conf_tests::replay::{CodedFilm, Coding, Player, play, socket};
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
    println!(
        "640x360 at 30 in a window of 1180x760, software OpenGL; median of {ROUNDS} alternating runs"
    );
    let coding = Coding {
        size: Size::new(640, 360),
        rate: 30,
        bit_rate: 800_000,
    };
    let film = CodedFilm::new(coding, 10);
    for streams in [4, 9, 16] {
        let bench = Bench::new(streams, &film);
        let pairs = (0..ROUNDS).map(|_| (bench.ours(), bench.gstreamer()));
        let (ours, theirs): (Vec<_>, Vec<_>) = pairs.unzip();
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "{streams:>3} people at the window: ours {ours:.0} ms of CPU per second, GStreamer {theirs:.0}, ratio {:.2} (must: 0.8)",
            ours / theirs
        );
    }
}

/// A room of people who send the same film.
struct Bench<'a> {
    streams: u16,
    film: &'a CodedFilm,
    lan: Segment,
}

impl<'a> Bench<'a> {
    fn new(streams: u16, film: &'a CodedFilm) -> Self {
        Self {
            streams,
            film,
            lan: Segment::new(2),
        }
    }

    fn ours(&self) -> f64 {
        let desktop = Desktop::silent(&self.lan.hosts[0]);
        let file = self.lan.hosts[0].file("room.sdp");
        std::fs::write(&file, description()).unwrap();
        self.settings();
        let mut window = desktop.command(rendezvous());
        let silent = ["--name", "Ana", "--microphone", "none", "--speaker", "none"];
        window.arg("join").arg(&file).args(silent);
        let begin = || {
            let window = Running::start(&mut window);
            desktop.focus("Rendezvous");
            desktop.press("g f");
            window
        };
        self.cost(begin, |_| PORT)
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
        self.cost(|| Running::start(&mut command), |stream| PORT + 2 * stream)
    }

    /// The same people in a grid of the same size.
    fn pipeline(&self) -> String {
        let caps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=97";
        let columns = (1..).find(|side| side * side >= self.streams).unwrap();
        let (width, height) = (1180 / columns, 1180 * 9 / 16 / columns);
        let pad = |n| {
            let (x, y) = (n % columns * width, n / columns * height);
            format!(
                "sink_{n}::xpos={x} sink_{n}::ypos={y} sink_{n}::width={width} sink_{n}::height={height} "
            )
        };
        let pads: String = (0..self.streams).map(pad).collect();
        let branch = |n| {
            let port = PORT + 2 * n;
            format!(
                "udpsrc address={GROUP} port={port} multicast-iface=eth0 caps={caps} ! rtph264depay ! h264parse ! openh264dec ! queue ! mix.sink_{n} "
            )
        };
        let branches: String = (0..self.streams).map(branch).collect();
        format!(
            "compositor name=mix background=black {pads} ! video/x-raw,width=1180,height=760,framerate=30/1 ! videoconvert ! ximagesink sync=false {branches}"
        )
    }

    /// Milliseconds of CPU per second of a program that is sent everybody's pictures.
    fn cost(&self, begin: impl FnOnce() -> Running, port: impl Fn(u16) -> u16) -> f64 {
        let socket = socket(&self.lan.hosts[1]);
        let is_over = AtomicBool::new(false);
        let players: Vec<_> = (0..self.streams).map(|n| self.player(n, port(n))).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| play(&socket, &players, &is_over));
            let program = begin();
            std::thread::sleep(WARM_UP);
            let (before, start) = (cpu_seconds_of(program.id()), Instant::now());
            std::thread::sleep(SPAN);
            let cost = cpu_seconds_of(program.id()) - before;
            is_over.store(true, Ordering::Relaxed);
            1e3 * cost / start.elapsed().as_secs_f64()
        })
    }

    fn player(&self, number: u16, port: u16) -> Player<'_> {
        Player {
            ssrc: 1_000 + u32::from(number),
            name: format!("Person {number}"),
            film: self.film,
            to: SocketAddrV4::new(GROUP, port),
            reports_to: SocketAddrV4::new(GROUP, port + 1),
        }
    }
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
