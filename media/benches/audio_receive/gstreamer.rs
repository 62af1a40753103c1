//! The same streams through GStreamer, in a process of its own.
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const FIRST_PORT: usize = 46_000;
/// Long enough for all jitter buffers to be filled and playing.
const WARM_UP: usize = 150;

/// CPU time of `udpsrc ! rtpjitterbuffer ! rtpopusdepay ! opusdec ! audiomixer`, in ms per stream and second.
pub(crate) fn cost(streams: usize, packets: &[Vec<u8>]) -> Result<f64, String> {
    let mut player = Command::new("gst-launch-1.0")
        .args(pipeline(streams))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("gst-launch-1.0: {error}"))?;
    let measured = measure(&mut player, streams, packets);
    player.kill().map_err(|error| error.to_string())?;
    player.wait().map_err(|error| error.to_string())?;
    measured
}

fn pipeline(streams: usize) -> Vec<String> {
    let mut words = "-q audiomixer name=mix ! audio/x-raw,format=F32LE,rate=48000,channels=2 ! fakesink sync=true".to_owned();
    for stream in 0..streams {
        let port = FIRST_PORT + stream;
        words += &format!(
            " udpsrc address=127.0.0.1 port={port} caps=application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=96 \
             ! rtpjitterbuffer latency=60 ! rtpopusdepay ! opusdec ! audioconvert ! mix."
        );
    }
    words.split(' ').map(str::to_owned).collect()
}

fn measure(player: &mut Child, streams: usize, packets: &[Vec<u8>]) -> Result<f64, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    std::thread::sleep(Duration::from_secs(2));
    let start = Instant::now();
    let mut ticks_before = 0;
    let rounds = packets.len();
    for round in 0..rounds {
        if round == WARM_UP {
            ticks_before = cpu_ticks(player)?;
        }
        for stream in 0..streams {
            let datagram = datagram(stream, round, &packets[(round + stream * 37) % rounds]);
            // A port that is not open yet refuses; what was sent then does not matter.
            drop(socket.send_to(
                &datagram,
                ("127.0.0.1", u16::try_from(FIRST_PORT + stream).unwrap()),
            ));
        }
        let due = start + Duration::from_millis(20) * u32::try_from(round + 1).unwrap();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    if player
        .try_wait()
        .map_err(|error| error.to_string())?
        .is_some()
    {
        return Err("it ended early".to_owned());
    }
    let ticks = cpu_ticks(player)? - ticks_before;
    let seconds = (rounds - WARM_UP) as f64 * 0.02;
    Ok(ticks as f64 * 10.0 / (streams as f64 * seconds))
}

fn datagram(stream: usize, round: usize, payload: &[u8]) -> Vec<u8> {
    let seq = u16::try_from(round).unwrap();
    let time = u32::try_from(round * 960).unwrap();
    let ssrc = u32::try_from(stream + 1).unwrap();
    let mut datagram = vec![0x80, 96];
    datagram.extend(seq.to_be_bytes());
    datagram.extend(time.to_be_bytes());
    datagram.extend(ssrc.to_be_bytes());
    datagram.extend(payload);
    datagram
}

/// User and system time of a process in ticks of 10 ms (proc(5), fields 14 and 15).
fn cpu_ticks(player: &Child) -> Result<u64, String> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", player.id()))
        .map_err(|error| error.to_string())?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let field = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
    field(11)
        .zip(field(12))
        .map(|(user, system)| user + system)
        .ok_or_else(|| "no CPU time".to_owned())
}
