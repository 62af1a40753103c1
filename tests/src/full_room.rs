//! A room full of people who send pictures that were coded before, for the benchmarks: everybody small, the first also large.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::SystemTime;

use conf_core::{Draft, DraftVideo, Size};
use media::video::layers::group_index;

use crate::netns::Host;
use crate::replay::{CodedFilm, Player};

/// Where everybody's small pictures go.
pub const SMALL: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(239, 255, 78, 2), 5_302);
const SOUND: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(239, 255, 78, 1), 5_300);
const LARGE_PORT: u16 = 5_304;
/// Groups of large pictures.
const RANGE: u8 = 16;

/// A large film and a small one.
pub fn films() -> [CodedFilm; 2] {
    [
        CodedFilm::of(Size::new(1_280, 720), 30, 1_600_000),
        CodedFilm::of(Size::new(320, 180), 15, 190_000),
    ]
}

/// So many people who send the small film, the first of them the large one as well.
pub fn senders(films: &[CodedFilm; 2], people: usize) -> Vec<Player<'_>> {
    let player = |number: usize, film, to: SocketAddrV4| Player {
        ssrc: 1_000 + number as u32,
        name: format!("Person {number:03}"),
        film,
        to,
        // Those of large pictures go to the group of the small ones, as our descriptions say.
        reports_to: SocketAddrV4::new(*SMALL.ip(), to.port() + 1),
    };
    let [large, small] = films;
    let group = group_index("Person 000@peers.test", RANGE.into()) as u8;
    let group = SocketAddrV4::new(large_group(group), LARGE_PORT);
    let everybody = (0..people).map(|number| player(number, small, SMALL));
    everybody.chain([player(0, large, group)]).collect()
}

/// Writes the description for somebody on this host, with groups of large pictures or without.
pub fn write(host: &Host, is_layered: bool) -> PathBuf {
    let mut draft = Draft::new("Full", host.v4.into());
    draft.group = Some(SOUND.into());
    draft.ttl = Some(4);
    let mut video = DraftVideo::plain(SMALL.into());
    if is_layered {
        video.full = (0..RANGE).map(|n| large_group(n).into()).collect();
        video.full_port = LARGE_PORT;
    }
    draft.video = Some(video);
    let mut rng = fastrand::Rng::with_seed(1);
    let description = draft.describe(SystemTime::now(), &mut rng).unwrap();
    let file = host.file("full.sdp");
    std::fs::write(&file, description.to_string()).unwrap();
    file
}

const fn large_group(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(239, 255, 79, number)
}
