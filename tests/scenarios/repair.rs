//! Pictures survive loss, with the real coder: lost packets are sent again among few, and repaired from others among many.

use std::time::{Duration, SystemTime};

use conf_core::{Description, Draft, DraftVideo, Size, View};
use conf_tests::cinema::Cinema;
use conf_tests::lan::{Lan, Weather};
use conf_tests::meeting::Attendee;
use conf_tests::sound::Sound;

fn description(has_repair: bool) -> Description {
    let mut draft = Draft::new("Lossy", "10.0.0.1".parse().unwrap());
    draft.group = "239.255.3.1:5004".parse().ok();
    let mut video = DraftVideo::plain("239.255.3.2:5006".parse().unwrap());
    video.has_repair = has_repair;
    draft.video = Some(video);
    let mut rng = fastrand::Rng::with_seed(1);
    draft.describe(SystemTime::UNIX_EPOCH, &mut rng).unwrap()
}

struct Room {
    lan: Lan,
    camera: Cinema,
    audience: Cinema,
    people: Vec<Attendee>,
}

impl Room {
    /// Ana is seen by Bo, among so many who only sit there.
    fn new(has_repair: bool, others: usize) -> Self {
        let mut lan = Lan::new(Weather::FAIR);
        let now = lan.now();
        let camera = Cinema::camera(now, Size::new(640, 360), Duration::from_millis(5));
        let audience = Cinema::audience(now);
        if has_repair {
            audience.set_patience(Duration::from_millis(120));
        }
        let description = description(has_repair);
        let mut people = Vec::new();
        let mut admit = |name: &str, cinema: &Cinema| {
            let eyes = Some((View::Large, Box::new(cinema.clone()) as _));
            let silence = Sound::default();
            people.push(Attendee::join_with(
                &mut lan,
                &description,
                name,
                silence,
                eyes,
            ));
        };
        admit("Ana", &camera);
        admit("Bo", &audience);
        for number in 0..others {
            admit(&format!("R{number}"), &Cinema::blind(now));
        }
        lan.run_for(Duration::from_secs(12));
        Self {
            lan,
            camera,
            audience,
            people,
        }
    }

    /// Pictures that Bo has decoded.
    fn decoded(&self) -> u64 {
        let snapshot = self.people[1].control.snapshot();
        let mut seen = snapshot.people.iter().filter_map(|person| person.video);
        seen.next().unwrap().statistics.decoded
    }

    /// At this loss: the share of pictures that come to Bo without a fault, the share that is also shown before a newer one
    /// is due, and what is sent besides their bytes.
    fn seen_through(&mut self, loss_percent: u8) -> [f64; 3] {
        self.lan.change_weather(Weather {
            loss_percent,
            ..Weather::FAIR
        });
        let (encoded, bytes) = self.camera.encoded();
        let (seen, sent) = (self.audience.shown().len(), self.lan.sent_bytes);
        let decoded = self.decoded();
        self.lan.run_for(Duration::from_secs(40));
        let shown = self.audience.shown();
        assert!(shown.iter().all(|picture| picture.stamp.is_some()));
        let after = self.camera.encoded();
        let media = (after.1 - bytes) as f64;
        let spent = (self.lan.sent_bytes - sent) as f64 / media - 1.0;
        let encoded = (after.0 - encoded) as f64;
        let intact = (self.decoded() - decoded) as f64 / encoded;
        [intact, (shown.len() - seen) as f64 / encoded, spent]
    }
}

fn assert_survives(what: &str, room: &mut Room) {
    for (loss, least) in [(1, 0.98), (3, 0.95)] {
        let [intact, shown, spent] = room.seen_through(loss);
        eprintln!(
            "{what}, {loss} % lost: {intact:.4} of pictures intact, {shown:.4} shown in time, {spent:.3} more bytes"
        );
        assert!(intact >= least, "{what}, {loss} % lost: {intact}");
        assert!(shown >= least - 0.03, "{what}, {loss} % lost: {shown}");
        assert!(spent <= 0.5, "{what}, {loss} % lost: {spent}");
    }
}

#[test]
fn among_few_what_is_lost_is_sent_again() {
    assert_survives("two people", &mut Room::new(false, 0));
}

#[test]
fn among_many_what_is_lost_is_repaired_from_the_rest() {
    assert_survives("fourteen people", &mut Room::new(true, 12));
}

#[test]
fn a_lost_keyframe_is_replaced_within_half_a_second() {
    for has_repair in [false, true] {
        let mut room = Room::new(has_repair, 12);
        let ana = room.people[0].host;
        // Whatever was sent for so long is lost, too much to be repaired.
        room.lan.unplug(ana);
        room.lan.run_for(Duration::from_millis(600));
        room.lan.replug(ana);
        let start = room.lan.now();
        let seen = room.audience.shown().len();
        while room.audience.shown().len() == seen {
            room.lan.run_for(Duration::from_millis(10));
            assert!(room.lan.now() < start + Duration::from_secs(5));
        }
        let recovered = room.lan.now() - start;
        eprintln!("seen again after {recovered:?}");
        assert!(recovered <= Duration::from_millis(500), "{recovered:?}");
    }
}
