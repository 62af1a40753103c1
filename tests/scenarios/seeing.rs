//! People see each other: in the size in which they are shown, and in no other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use conf_core::conference::Pictures;
use conf_core::endpoint::{Endpoint, EndpointInput, EndpointOutput, Membership};
use conf_core::rtcp::{Compound, FeedbackMessage, Form, RtcpPacket};
use conf_core::session::{RtcpBandwidth, RtcpPace, SessionEvent, SessionInput};
use conf_core::{
    ConferenceCommand, ConferenceEvent, Description, Draft, DraftVideo, Layer, PersonId, Size,
    Tile, View,
};
use conf_tests::lan::{HostId, Lan, Weather};
use conf_tests::meeting::Attendee;
use conf_tests::screening::Screening;
use conf_tests::seat::{Seat, config, rtcp};
use conf_tests::sound::Sound;
use media::video::layers::group_index;

const RANGE: u8 = 16;
const LAYERS: [Layer; 2] = [Layer::Thumbnail, Layer::Full];

fn description(is_layered: bool) -> Description {
    let mut draft = Draft::new("Seen", "10.0.0.1".parse().unwrap());
    draft.group = "239.255.3.1:5004".parse().ok();
    let first: SocketAddr = "239.255.3.2:5006".parse().unwrap();
    let mut video = DraftVideo::plain(first);
    if is_layered {
        video.full = (0..RANGE).map(|n| [239, 255, 4, n].into()).collect();
        video.full_port = 5_008;
        video.screen = "239.255.3.3:5010".parse().ok();
    }
    draft.video = Some(video);
    let mut rng = fastrand::Rng::with_seed(1);
    draft.describe(SystemTime::UNIX_EPOCH, &mut rng).unwrap()
}

struct Room {
    lan: Lan,
    people: Vec<(Attendee, Screening)>,
}

impl Room {
    fn new(weather: Weather, is_layered: bool, names: &[&str]) -> Self {
        let mut room = Self {
            lan: Lan::new(weather),
            people: Vec::new(),
        };
        for name in names {
            room.admit(
                name,
                is_layered,
                if is_layered { &LAYERS } else { &[Layer::Full] },
            );
        }
        room
    }

    fn admit(&mut self, name: &str, is_layered: bool, layers: &[Layer]) {
        let view = if is_layered { View::Small } else { View::Large };
        let screening = Screening::new(self.lan.now(), view, layers);
        let attendee = Attendee::join_seen(
            &mut self.lan,
            &description(is_layered),
            name,
            Sound::default(),
            Some(&screening),
        );
        self.people.push((attendee, screening));
    }

    fn run(&mut self, span: Duration) {
        self.lan.run_for(span);
    }

    fn events(&self, who: usize) -> Vec<ConferenceEvent> {
        let control = &self.people[who].0.control;
        std::iter::from_fn(|| control.poll_event()).collect()
    }

    /// Whom somebody knows by a name.
    fn id(&self, who: usize, name: &str) -> PersonId {
        let snapshot = self.people[who].0.control.snapshot();
        let mut people = snapshot.people.iter();
        people
            .find(|person| person.display_name() == name)
            .unwrap()
            .id
    }

    /// Where somebody sends large pictures.
    fn group(&self, who: usize, name: &str) -> SocketAddr {
        let snapshot = self.people[who].0.control.snapshot();
        let mut people = snapshot.people.iter();
        let person = people.find(|person| person.display_name() == name).unwrap();
        let cname = person.information.cname.clone().unwrap();
        let index = group_index(&cname, RANGE.into()) as u8;
        SocketAddr::from(([239, 255, 4, index], 5_008))
    }

    fn show(&mut self, who: usize, tiles: &[(PersonId, Size)]) {
        let tiles = tiles.iter().map(|(id, size)| Tile {
            id: *id,
            pictures: Pictures::Camera,
            size: *size,
        });
        let (attendee, _) = &self.people[who];
        attendee
            .control
            .command(ConferenceCommand::Show(tiles.collect()));
        self.lan.wake(attendee.host);
    }

    fn shown_layer(&self, who: usize, name: &str) -> Option<Layer> {
        let snapshot = self.people[who].0.control.snapshot();
        let mut people = snapshot.people.iter();
        let person = people.find(|person| person.display_name() == name).unwrap();
        Some(person.video.filter(|video| video.has_picture)?.id.layer)
    }
}

const SMALL: Size = Size::new(160, 90);
const LARGE: Size = Size::new(1_280, 720);
const FAIR: Weather = Weather::FAIR;
const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

#[test]
fn large_pictures_come_while_somebody_is_shown_large_and_no_longer() {
    let mut room = Room::new(FAIR, true, &["Ana", "Bo", "Cy"]);
    room.run(10 * SECOND);
    let (bo, cy) = (room.id(0, "Bo"), room.id(0, "Cy"));
    let group = room.group(0, "Bo");
    let host = room.people[0].0.host;
    assert!(!room.lan.is_member(host, group));
    // Nobody looks at anybody: nothing large is encoded.
    assert_eq!(room.people[1].1.encoded(Layer::Full), 0);
    assert_eq!(room.shown_layer(0, "Bo"), Some(Layer::Thumbnail));

    room.events(0);
    room.show(0, &[(bo, LARGE), (cy, SMALL)]);
    assert!(room.lan.is_member(host, group));
    let mut waited = Duration::ZERO;
    while room.shown_layer(0, "Bo") != Some(Layer::Full) {
        // The thumbnail bridges the time.
        assert_eq!(room.shown_layer(0, "Bo"), Some(Layer::Thumbnail));
        assert!(waited <= Duration::from_millis(700));
        room.run(TICK);
        waited += TICK;
    }
    assert_eq!(room.shown_layer(0, "Cy"), Some(Layer::Thumbnail));
    assert_eq!(room.people[2].1.encoded(Layer::Full), 0);
    // Nobody is decoded twice.
    let mut small = room.people[0].1.views(Layer::Thumbnail);
    small.sort_unstable();
    assert_eq!(small, [View::Ready, View::Small]);
    let changed = ConferenceEvent::LayerChanged {
        id: bo,
        layer: Layer::Full,
        size: Layer::Full.bounds(),
    };
    assert!(room.events(0).contains(&changed));

    room.show(0, &[(bo, SMALL), (cy, SMALL)]);
    assert!(!room.lan.is_member(host, group));
    room.run(TICK);
    assert_eq!(room.shown_layer(0, "Bo"), Some(Layer::Thumbnail));
    // And Bo stops sending what nobody looks at.
    room.run(5 * SECOND);
    let encoded = room.people[1].1.encoded(Layer::Full);
    room.run(20 * SECOND);
    assert_eq!(room.people[1].1.encoded(Layer::Full), encoded);
}

#[test]
fn one_of_two_who_look_away_stops_nothing() {
    let mut room = Room::new(FAIR, true, &["Ana", "Bo", "Cy"]);
    room.run(10 * SECOND);
    for who in [1, 2] {
        let ana = room.id(who, "Ana");
        room.show(who, &[(ana, LARGE)]);
    }
    room.run(3 * SECOND);
    room.show(1, &[]);
    room.run(20 * SECOND);
    let (encoded, intact) = (
        room.people[0].1.encoded(Layer::Full),
        room.people[2].1.intact(Layer::Full),
    );
    room.run(20 * SECOND);
    let encoded = room.people[0].1.encoded(Layer::Full) - encoded;
    assert!(encoded >= 590, "{encoded} of 600");
    assert!(room.people[2].1.intact(Layer::Full) - intact >= 590);
}

#[test]
fn a_stream_without_layers_is_seen_by_all() {
    let mut room = Room::new(FAIR, false, &["Ana", "Bo"]);
    room.run(5 * SECOND);
    for (who, name) in [(0, "Bo"), (1, "Ana")] {
        assert_eq!(room.shown_layer(who, name), Some(Layer::Full));
        let first = room.events(who).into_iter();
        let first = first.filter(|event| matches!(event, ConferenceEvent::FirstPicture { .. }));
        assert_eq!(first.count(), 1);
    }
}

/// What is told of pictures, a word each.
fn told(events: Vec<ConferenceEvent>) -> Vec<&'static str> {
    let word = |event| match event {
        ConferenceEvent::VideoJoined { .. } => Some("joined"),
        ConferenceEvent::VideoLeft { .. } => Some("left"),
        ConferenceEvent::ScreenShared { .. } => Some("shared"),
        ConferenceEvent::ScreenEnded { .. } => Some("ended"),
        ConferenceEvent::FirstPicture {
            layer: Layer::Screen,
            ..
        } => Some("first of the screen"),
        ConferenceEvent::FirstPicture { .. } => Some("first"),
        ConferenceEvent::LayerChanged { .. } => Some("changed"),
        ConferenceEvent::VideoFrozen { .. } => Some("frozen"),
        ConferenceEvent::VideoResumed { .. } => Some("resumed"),
        _ => None,
    };
    events.into_iter().filter_map(word).collect()
}

#[test]
fn a_shared_screen_is_told_before_its_first_picture() {
    let mut room = Room::new(FAIR, true, &["Ana"]);
    room.admit("Bo", true, &[Layer::Screen]);
    room.run(5 * SECOND);
    let first = ["shared", "first of the screen"];
    assert_eq!(told(room.events(0)), first);
    // Nothing comes for a while, and then again.
    let bo = room.people[1].0.host;
    room.lan.unplug(bo);
    room.run(15 * SECOND);
    assert_eq!(told(room.events(0)), ["ended"]);
    room.lan.replug(bo);
    room.run(5 * SECOND);
    assert_eq!(told(room.events(0)), first);
}

#[test]
fn after_an_outage_the_first_picture_is_told_when_there_is_one() {
    let mut room = Room::new(FAIR, false, &["Ana"]);
    room.admit("Bo", false, &[]);
    room.run(5 * SECOND);
    assert_eq!(told(room.events(1)), ["joined", "first"]);
    let ana = room.people[0].0.host;
    room.lan.unplug(ana);
    room.run(15 * SECOND);
    assert_eq!(told(room.events(1)).last(), Some(&"left"));
    let intact = room.people[1].1.intact(Layer::Full);
    room.lan.replug(ana);
    let mut events = Vec::new();
    while room.people[1].1.intact(Layer::Full) == intact {
        assert!(!events.contains(&"first"), "{events:?}");
        room.run(Duration::from_millis(5));
        events.extend(told(room.events(1)));
    }
    room.run(5 * SECOND);
    events.extend(told(room.events(1)));
    assert_eq!(events, ["joined", "first"]);
}

/// When somebody who comes later first sees the one who is there.
#[test]
fn first_picture_is_there_within_350_ms_of_joining() {
    let mut waits = Vec::new();
    for seed in 0..9_u64 {
        let weather = Weather { seed, ..FAIR };
        let mut room = Room::new(weather, false, &["Ana"]);
        room.run(5 * SECOND + Duration::from_millis(7 * seed));
        let start = room.lan.now();
        room.admit(&format!("Bo{seed}"), false, &[]);
        while room.people[1].1.intact(Layer::Full) == 0 {
            room.run(Duration::from_millis(5));
        }
        waits.push(room.lan.now() - start);
        // The user hears of it without waiting for a name.
        room.run(Duration::from_millis(5));
        let events = room.events(1);
        let is_first =
            |event: &ConferenceEvent| matches!(event, ConferenceEvent::FirstPicture { .. });
        assert!(events.iter().any(is_first), "{events:?}");
    }
    waits.sort_unstable();
    eprintln!(
        "first picture after joining, median {:?}",
        waits[waits.len() / 2]
    );
    assert!(
        waits[waits.len() / 2] <= Duration::from_millis(350),
        "{waits:?}"
    );
}

/// The share of pictures seen without a fault, and what repairing took beside what was sent.
fn seen_through(loss_percent: u8) -> (f64, f64) {
    let mut room = Room::new(FAIR, false, &["Ana"]);
    room.admit("Bo", false, &[]);
    room.run(5 * SECOND);
    room.lan.change_weather(Weather {
        loss_percent,
        ..FAIR
    });
    let (before, encoded) = (
        room.people[1].1.intact(Layer::Full),
        room.people[0].1.encoded(Layer::Full),
    );
    let sent = room.lan.sent_bytes;
    room.run(60 * SECOND);
    let encoded = room.people[0].1.encoded(Layer::Full) - encoded;
    let intact = room.people[1].1.intact(Layer::Full) - before;
    // Four packets to a picture, with the header.
    let media = encoded as f64 * 4.0 * 1_012.0;
    let spent = (room.lan.sent_bytes - sent) as f64 / media - 1.0;
    (intact as f64 / encoded as f64, spent)
}

#[test]
fn nearly_all_pictures_survive_chance_loss() {
    let (one, spent) = seen_through(1);
    assert!(one >= 0.98, "{one}");
    assert!(spent <= 0.5, "{spent}");
    let (three, spent) = seen_through(3);
    assert!(three >= 0.95, "{three}");
    assert!(spent <= 0.5, "{spent}");
    eprintln!("1 % loss: {one:.4} of pictures intact; 3 %: {three:.4}, {spent:.3} more bytes");
}

#[test]
fn a_lost_keyframe_is_replaced_within_half_a_second() {
    let mut room = Room::new(FAIR, false, &["Ana"]);
    for number in 0..RECEIVERS {
        room.admit(&format!("R{number}"), false, &[]);
    }
    room.run(12 * SECOND);
    let (sender, screening) = (room.people[0].0.host, room.people[0].1.clone());
    let keyframes = screening.keyframes(Layer::Full);
    // Everybody misses the same, and too much of it to be sent again.
    room.lan.unplug(sender);
    room.run(Duration::from_millis(600));
    room.lan.replug(sender);
    let start = room.lan.now();
    let intact = |room: &Room| -> Vec<u64> {
        let receivers = room.people.iter().skip(1);
        receivers
            .map(|(_, screening)| screening.intact(Layer::Full))
            .collect()
    };
    let before = intact(&room);
    while intact(&room)
        .iter()
        .zip(&before)
        .any(|(now, before)| now <= before)
    {
        room.run(Duration::from_millis(10));
        assert!(room.lan.now() < start + 5 * SECOND);
    }
    let recovered = room.lan.now() - start;
    let made = screening.keyframes(Layer::Full) - keyframes;
    eprintln!("{RECEIVERS} receivers see again after {recovered:?}, {made} keyframes");
    assert!(made <= 2, "{made}");
    assert!(recovered <= Duration::from_millis(500), "{recovered:?}");
}

const RECEIVERS: usize = 20;

/// Counts the keyframe requests on the wire.
struct Listener(Arc<AtomicUsize>, Option<Membership>);

impl Endpoint for Listener {
    fn handle_input(&mut self, _: Instant, input: EndpointInput<'_>) {
        let EndpointInput::Datagram(datagram) = input else {
            return;
        };
        let compound = Compound::parse(datagram.bytes, Form::ReducedSize).unwrap();
        let is_request = |packet: &RtcpPacket<'_>| matches!(packet, RtcpPacket::Feedback(feedback) if feedback.message == FeedbackMessage::PictureLoss);
        let requests = compound.packets().flatten().filter(is_request).count();
        self.0.fetch_add(requests, Ordering::Relaxed);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let join = self.1.take().map(EndpointOutput::Join);
        join.unwrap_or(EndpointOutput::Timeout(None))
    }
}

#[test]
fn of_five_hundred_who_miss_a_keyframe_few_ask() {
    let mut lan = Lan::new(FAIR);
    let seats: Vec<(Seat, HostId)> = (0..500_u64)
        .map(|number| {
            let mut config = config(&lan, &format!("R{number}"), number);
            config.pace = RtcpPace::Feedback {
                regular_interval: 5 * SECOND,
            };
            config.is_reduced_size_allowed = true;
            config.bandwidth = RtcpBandwidth {
                senders: 16_000,
                receivers: 48_000,
            };
            Seat::plug(&mut lan, config)
        })
        .collect();
    let requests = Arc::new(AtomicUsize::new(0));
    let membership = Membership {
        group: rtcp(),
        source: None,
    };
    lan.plug(Box::new(Listener(Arc::clone(&requests), Some(membership))));
    lan.run_for(40 * SECOND);
    let to = seats[0].0.state().session.ssrc();
    for (seat, host) in &seats[1..] {
        let message = FeedbackMessage::PictureLoss;
        seat.tell(&mut lan, *host, SessionInput::Feedback { to, message });
    }
    lan.run_for(Duration::from_millis(250));
    let requests = requests.load(Ordering::Relaxed);
    let asked = seats[0].0.events();
    let asked = asked
        .iter()
        .filter(|event| matches!(event, SessionEvent::FeedbackReceived { .. }));
    eprintln!(
        "of 499 who miss a keyframe {requests} ask, and the sender hears {}",
        asked.count()
    );
    assert!((1..=20).contains(&requests), "{requests}");
}
