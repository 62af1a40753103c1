//! Benchmarks beside another program: both get the same packets by UDP in real time, and what each cost is told.

use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cost::children_cpu_seconds;

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value that follows this word on the command line: benchmarks run themselves again as a receiver.
pub fn argument(word: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != word);
    arguments.nth(1)
}

/// What GStreamer says it is, where it is installed.
pub fn gstreamer_version() -> Option<String> {
    let mut command = Command::new("gst-launch-1.0");
    let output = command.arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1).map(str::to_owned)
}

/// A pipeline of GStreamer that ends by itself after so many seconds.
pub fn gstreamer(pipeline: &str, seconds: u16) -> Command {
    let mut command = Command::new("timeout");
    let seconds = seconds.to_string();
    command.args(["-s", "INT", &seconds, "gst-launch-1.0", "-q"]);
    command.args(pipeline.split_whitespace());
    command
}

/// What is sent to a receiver.
pub struct Load<P> {
    /// How many streams.
    pub streams: u16,
    /// How long they are measured; the receiver runs for a second more.
    pub seconds: u16,
    /// Time from one sending to the next.
    pub period: Duration,
    /// The packets that a stream sends for the n-th time.
    pub packets: P,
}

impl<P: FnMut(u16, u32) -> Vec<Vec<u8>>> Load<P> {
    /// Milliseconds of CPU per stream and second of a receiver.
    pub fn cost_of(&mut self, receiver: &mut Command, port: impl Fn(u16) -> u16) -> f64 {
        let before = children_cpu_seconds();
        let quiet = receiver
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut receiver = quiet.spawn().unwrap();
        std::thread::sleep(WARM_UP);
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let start = Instant::now();
        let mut tick = 0;
        while receiver.try_wait().unwrap().is_none() {
            for stream in 0..self.streams {
                for packet in (self.packets)(stream, tick) {
                    // Once the receiver has gone, nobody minds.
                    socket.send_to(&packet, ("127.0.0.1", port(stream))).ok();
                }
            }
            tick += 1;
            let due = start + self.period * tick;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let lasted = start.elapsed() + Duration::from_secs(2);
        assert!(lasted.as_secs() > self.seconds.into(), "it ended early");
        let cost = children_cpu_seconds() - before;
        1e3 * cost / f64::from(self.streams) / f64::from(self.seconds)
    }
}

/// An RTP packet of the source `stream + 1` (RFC 3550 section 5.1).
pub fn rtp(
    payload_type: u8,
    marker: bool,
    seq: u16,
    time: u32,
    stream: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type | if marker { 0x80 } else { 0 }];
    packet.extend(seq.to_be_bytes());
    packet.extend(time.to_be_bytes());
    packet.extend(u32::from(stream + 1).to_be_bytes());
    packet.extend(payload);
    packet
}

/// GStreamer takes its time to start.
const WARM_UP: Duration = Duration::from_secs(1);
