//! What ten thousand known conferences cost while nothing changes. `cargo bench --bench catalogue`
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::{InterfaceChoice, Moment, Station, StationOptions};
use conf_tests::cost::{cpu_seconds, resident_bytes};
use directory::cache::Cache;
use directory::sap::{Announcer, Restored};

const CONFERENCES: u32 = 10_000;
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 255);
const PORT: u16 = 9875;
/// Each repeats itself every 8·ads·size/4000 s (RFC 2974 section 3.1), which is all of them at 4000 bit/s.
const REPEATS_PER_SECOND: u32 = 2;
const SECONDS: u32 = 60;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let heard = (0..CONFERENCES).map(restored);
    let cache = Cache::open(&folder.path().join("heard.jsonl")).unwrap();
    cache.write(heard).unwrap();
    drop(cache);
    let before = resident_bytes();
    let began = Instant::now();
    let station = start(folder.path());
    assert_eq!(station.catalogue().len(), CONFERENCES as usize);
    let (took, grown) = (began.elapsed(), resident_bytes() - before);
    println!(
        "{CONFERENCES} announcements known: listed {} ms after the start, {} bytes each",
        took.as_millis(),
        grown / u64::from(CONFERENCES),
    );
    let silent = percent(|_| {});
    let sender = sender();
    let repeating = percent(|second| {
        for n in 0..REPEATS_PER_SECOND {
            let index = second * REPEATS_PER_SECOND + n;
            sender.send_to(&packet(index), (GROUP, PORT)).unwrap();
        }
    });
    println!("nothing heard: {silent:.2} % of a core; each repeated as it is: {repeating:.2} %");
    println!("must: at most 1 % of a core when nothing changes");
    station.shutdown();
}

fn start(folder: &std::path::Path) -> Station {
    let options = StationOptions {
        interface: InterfaceChoice::Named("lo".to_owned()),
        data_dir: Some(folder.to_owned()),
        is_host: false,
        wake: Arc::new(|| {}),
        seed: 1,
        directories: Vec::new(),
        madcap: None,
    };
    let moment = Moment {
        now: Instant::now(),
        wall: SystemTime::now(),
    };
    Station::start(options, moment).unwrap()
}

/// CPU of this process in per cent of a core, while something is done each second.
fn percent(mut each_second: impl FnMut(u32)) -> f64 {
    let (began, before) = (Instant::now(), cpu_seconds());
    for second in 0..SECONDS {
        each_second(second);
        let next = began + Duration::from_secs(u64::from(second) + 1);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    100.0 * (cpu_seconds() - before) / f64::from(SECONDS)
}

fn description(index: u32) -> String {
    let [_, _, high, low] = index.to_be_bytes();
    format!(
        "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=Conference {index}\r\ni=One of very many\r\n\
         c=IN IP4 239.255.{high}.{low}/15\r\nt=0 0\r\nm=audio 5004 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n",
        4_000_000_000u64 + u64::from(index),
    )
}

/// Those that are repeated come from here; of one sender no more than 500 are known.
fn announcer(index: u32) -> Ipv4Addr {
    let [_, _, high, low] = index.to_be_bytes();
    if index < REPEATS_PER_SECOND * SECONDS {
        Ipv4Addr::LOCALHOST
    } else {
        Ipv4Addr::new(10, 0, high, low)
    }
}

fn hash(index: u32) -> u16 {
    index as u16 + 1
}

fn restored(index: u32) -> Restored {
    let host = IpAddr::V4(announcer(index));
    Restored {
        announcer: Announcer {
            group: GROUP.into(),
            origin: host,
            from: host,
        },
        text: description(index).into_bytes().into(),
        hash: hash(index),
        first_heard: SystemTime::now(),
        last_heard: SystemTime::now(),
        times_heard: 2,
    }
}

/// An announcement (RFC 2974 section 6).
fn packet(index: u32) -> Vec<u8> {
    let [high, low] = hash(index).to_be_bytes();
    let mut packet = vec![0x20, 0, high, low, 127, 0, 0, 1];
    packet.extend_from_slice(b"application/sdp\0");
    packet.extend_from_slice(description(index).as_bytes());
    packet
}

fn sender() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_multicast_loop_v4(true).unwrap();
    socket
}
