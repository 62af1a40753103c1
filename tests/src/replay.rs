//! Films coded once and sent again and again, as any number of people: senders that take next to no processor.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use media::codec::video::{Content, EncodedPicture, H264Encoder, VideoEncoderOptions};
use media::device::TestPattern;
use media::payload::h264::{PacketizationMode, Packetizer};
use media::video::{Picture, Size};

use crate::netns::Host;

/// How a film is coded.
#[derive(Clone, Copy, Debug)]
pub struct Coding {
    /// Of its pictures.
    pub size: Size,
    /// Pictures in a second; each second begins with a keyframe.
    pub rate: u32,
    /// Bits in a second.
    pub bit_rate: u32,
}

/// A film of the test pattern.
pub struct CodedFilm {
    /// One after the other; after the last comes the first.
    pub pictures: Vec<CodedPicture>,
    /// Pictures in a second.
    pub rate: u32,
}

/// One coded picture: as a byte stream, and in payloads.
pub struct CodedPicture {
    /// With start codes.
    pub stream: Vec<u8>,
    /// As RFC 6184 has them.
    pub payloads: Vec<Vec<u8>>,
}

/// Somebody who sends a film.
pub struct Player<'a> {
    /// Theirs alone.
    pub ssrc: u32,
    /// What they are called.
    pub name: String,
    /// What they send.
    pub film: &'a CodedFilm,
    /// Where it goes.
    pub to: SocketAddrV4,
    /// Where its reports go, a sender report with a name each second.
    pub reports_to: SocketAddrV4,
}

impl CodedFilm {
    /// Codes ten seconds of the pattern, with so many pictures and bits in each.
    pub fn of(size: Size, rate: u32, bit_rate: u32) -> Self {
        let coding = Coding {
            size,
            rate,
            bit_rate,
        };
        Self::new(coding, 10)
    }

    /// Codes so many seconds of the pattern.
    pub fn new(coding: Coding, seconds: u32) -> Self {
        let mut encoder = H264Encoder::new(VideoEncoderOptions {
            bit_rate: coding.bit_rate,
            frame_rate: coding.rate as f32,
            content: Content::Camera,
        });
        let packetizer = Packetizer::new(PacketizationMode::NonInterleaved, 1_200);
        let mut encoded = EncodedPicture::default();
        let painted = painted(coding.size, coding.rate, seconds * coding.rate);
        let mut code = |(number, picture): (u32, Picture)| {
            let is_keyframe = number.is_multiple_of(coding.rate);
            encoder.encode(&picture, is_keyframe, &mut encoded).unwrap();
            let units = encoded.units().map(|unit| [&[0, 0, 1], unit].concat());
            let stream = units.collect::<Vec<_>>().concat();
            let mut payloads = Vec::new();
            packetizer.packetize(encoded.units(), &mut payloads);
            CodedPicture { stream, payloads }
        };
        let pictures = (0..).zip(painted).map(&mut code).collect();
        Self {
            pictures,
            rate: coding.rate,
        }
    }
}

/// Pictures of the pattern.
pub fn painted(size: Size, rate: u32, count: u32) -> impl Iterator<Item = Picture> {
    let mut pattern = TestPattern::new(size);
    let start = Instant::now();
    (0..count).map(move |frame| {
        let time = Duration::from_secs(1) * frame / rate;
        pattern.paint(start + time, time)
    })
}

/// A socket of this host that sends to groups.
pub fn socket(host: &Host) -> UdpSocket {
    host.inside(|| {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        socket.set_multicast_ttl_v4(4).unwrap();
        socket
    })
}

/// Plays in real time until it is over; what nobody receives is lost, as on any network.
///
/// Nobody's pictures come when another's do: people are spread over the time of a picture.
pub fn play(socket: &UdpSocket, players: &[Player<'_>], is_over: &AtomicBool) {
    let start = Instant::now();
    let count = u32::try_from(players.len()).unwrap();
    let mut acts: Vec<Act<'_>> = (0..)
        .zip(players)
        .map(|(number, player)| {
            let period = Duration::from_secs(1) / player.film.rate;
            Act {
                player,
                start: start + period * number / count,
                picture: 0,
                seq: 0,
                sent: [0; 2],
            }
        })
        .collect();
    while !is_over.load(Ordering::Relaxed) {
        let next = acts.iter_mut().min_by_key(|act| act.due()).unwrap();
        std::thread::sleep(next.due().saturating_duration_since(Instant::now()));
        next.step(socket);
    }
}

/// A player at work.
struct Act<'a> {
    player: &'a Player<'a>,
    start: Instant,
    picture: u32,
    seq: u16,
    /// Packets, bytes.
    sent: [u32; 2],
}

impl Act<'_> {
    fn due(&self) -> Instant {
        self.start + Duration::from_secs(1) * self.picture / self.player.film.rate
    }

    fn step(&mut self, socket: &UdpSocket) {
        let film = self.player.film;
        if self.picture.is_multiple_of(film.rate) {
            let report = self.report();
            socket.send_to(&report, self.player.reports_to).ok();
        }
        let coded = &film.pictures[self.picture as usize % film.pictures.len()];
        for (at, payload) in coded.payloads.iter().enumerate() {
            let packet = self.packet(at + 1 == coded.payloads.len(), payload);
            socket.send_to(&packet, self.player.to).ok();
        }
        self.picture += 1;
    }

    fn packet(&mut self, marker: bool, payload: &[u8]) -> Vec<u8> {
        self.seq = self.seq.wrapping_add(1);
        self.sent = [self.sent[0] + 1, self.sent[1] + payload.len() as u32];
        let mut packet = vec![0x80, PAYLOAD_TYPE | if marker { 0x80 } else { 0 }];
        packet.extend(self.seq.to_be_bytes());
        packet.extend(self.time().to_be_bytes());
        packet.extend(self.player.ssrc.to_be_bytes());
        packet.extend(payload);
        packet
    }

    /// Media time, in ticks of 1/90000 s.
    fn time(&self) -> u32 {
        self.picture * (90_000 / self.player.film.rate)
    }

    /// RFC 3550 sections 6.4.1 and 6.5: a sender report, CNAME and NAME.
    fn report(&self) -> Vec<u8> {
        let ssrc = self.player.ssrc.to_be_bytes();
        let mut packet = vec![0x80, 200, 0, 6];
        packet.extend(ssrc);
        // One clock for all of a player's streams, which begin at the same time.
        let seconds = EPOCH + self.picture / self.player.film.rate;
        packet.extend([seconds, 0, self.time()].map(u32::to_be_bytes).concat());
        packet.extend(self.sent.map(u32::to_be_bytes).concat());
        let mut chunk = ssrc.to_vec();
        let name = &self.player.name;
        for (item, text) in [(1, format!("{name}@peers.test")), (2, name.clone())] {
            chunk.extend([item, u8::try_from(text.len()).unwrap()]);
            chunk.extend(text.bytes());
        }
        // At least one null octet ends the list.
        chunk.resize((chunk.len() / 4 + 1) * 4, 0);
        let words = u16::try_from(chunk.len() / 4).unwrap();
        packet.extend([0x81, 202]);
        packet.extend(words.to_be_bytes());
        packet.extend(chunk);
        packet
    }
}

/// What the sessions of the benchmarks call H.264.
pub const PAYLOAD_TYPE: u8 = 97;
/// Some day in 2026, in seconds of NTP.
const EPOCH: u32 = 3_990_000_000;
