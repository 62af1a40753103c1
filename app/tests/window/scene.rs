//! Conferences, people and troubles to show; the demonstration uses them too.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rendezvous::model::{
    Activity, Camera, Clock, Contactable, Device, Devices, Directory, DirectoryState, Draft, Entry,
    EntryId, Event, GroupOrigin, Lock, Me, MediaLine, Model, Network, NetworkInterface, Occasion,
    Person, PersonId, Presence, Rate, Reach, Room, Scope, Seen, Settings, Shareables, Source,
    Stage,
};

/// Thursday, 12 March 2026, 08:10 in a zone one hour east of UTC; the same on every run.
pub fn clock() -> Clock {
    Clock {
        wall: "2026-03-12T07:10:00Z".parse().unwrap(),
        steady: Instant::now(),
        zone: TimeZone::fixed(jiff::tz::offset(1)),
    }
}

/// Somebody who has started before.
pub fn settings() -> Settings {
    Settings {
        name: "Ana Lima".to_owned(),
        ..Settings::default()
    }
}

/// A list with everything that a list can have.
pub fn home() -> Model {
    let mut model = Model::new(clock(), settings());
    let now = model.clock.wall;
    model.apply(Event::Network(network()));
    model.apply(Event::Devices(devices()));
    model.apply(Event::Catalogue(shared(catalogue(now))));
    model
}

/// The same with a directory of the organisation, in which the first one heard is ours.
pub fn with_directories() -> Model {
    let mut model = home();
    let now = model.clock.wall;
    let mut entries = catalogue(now);
    for (entry, is_mine) in entries.iter_mut().zip([true, false]) {
        let url = DIRECTORY.to_owned();
        let source = Source::Directory { url, is_mine };
        entry.originator = Some("Bo Nilsson".to_owned());
        entry.seen.push(Seen {
            source,
            at: None,
            differs: None,
        });
    }
    let directory = |url: &str, name: &str, is_ours| Directory {
        url: url.to_owned(),
        name: name.to_owned(),
        state: DirectoryState::Connected,
        conferences: 132,
        waiting: 0,
        is_ours,
    };
    model.apply(Event::Directories(vec![
        directory("ldap://127.0.0.1:13890/o=rendezvous", "127.0.0.1", true),
        directory(DIRECTORY, "directory.example", false),
    ]));
    model.apply(Event::Catalogue(shared(entries)));
    model.apply(Event::People(people()));
    model
}

/// Those in the directory.
fn people() -> Vec<Contactable> {
    let person = |name: &str, facts: &[&str], is_in_call| Contactable {
        name: name.to_owned(),
        facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
        is_in_call,
        directory: DIRECTORY.to_owned(),
    };
    vec![
        person("Bo Nilsson", &["bo@site.example", "192.0.2.31"], true),
        person("Chen Wei", &["Crane 4"], false),
        person("Dia Fofana", &[], false),
    ]
}

/// The directory of the organisation.
pub const DIRECTORY: &str = "ldap://directory.example";

/// As the window gets them.
pub fn shared(entries: Vec<Entry>) -> Vec<Arc<Entry>> {
    entries.into_iter().map(Arc::new).collect()
}

/// A list with nothing in it.
pub fn empty() -> Model {
    let mut model = home();
    model.apply(Event::Catalogue(Vec::new()));
    model
}

/// In a conference with these many others.
pub fn in_room(others: usize) -> Model {
    let mut model = home();
    let since = model.clock.steady;
    model.clock.steady += Duration::from_secs(761);
    model.apply(Event::Room(Box::new(room(others, since))));
    model
}

/// In a conference with pictures of these many others, one of whom has no camera.
pub fn in_video_room(others: usize) -> Model {
    let mut model = in_room(others);
    let room = model.room.as_mut().unwrap();
    room.has_video = true;
    room.me.camera = Some(Camera {
        is_on: true,
        fault: None,
        share: None,
        is_replaced: false,
    });
    for (index, person) in room.people.iter_mut().enumerate() {
        person.is_talking = index == 0;
        person.presence = Presence::Here;
        person.video = match index {
            4 => None,
            3 => Some(Reach::Stopped),
            _ => Some(Reach::Good),
        };
    }
    model
}

/// On a network.
pub fn network() -> Network {
    let interface = |name: &str, address: &str| NetworkInterface {
        name: name.to_owned(),
        address: address.to_owned(),
    };
    Network {
        interface: Some(interface("eth0", "192.0.2.7")),
        is_chosen: false,
        choices: vec![
            interface("eth0", "192.0.2.7"),
            interface("wlan0", "198.51.100.23"),
        ],
        problem: None,
    }
}

/// Two of each.
pub fn devices() -> Devices {
    let device = |id: &str, name: &str| Device {
        id: format!("device:{id}"),
        name: name.to_owned(),
    };
    Devices {
        microphones: vec![
            device("usb", "USB headset"),
            device("pci", "Built-in microphone"),
        ],
        speakers: vec![
            device("usb", "USB headset"),
            device("pci", "Built-in speakers"),
        ],
        cameras: vec![Device {
            id: "test".to_owned(),
            name: "A test picture".to_owned(),
        }],
    }
}

/// A screen and two windows.
pub fn shareables() -> Shareables {
    let device = |id: &str, name: &str| Device {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    Shareables {
        list: vec![
            device("screen", "The whole screen"),
            device("window:0x1a00007", "Crane 4: plan of the yard"),
            device(
                "window:0x2200003",
                "Shift book – March – table of all who are on duty at night and on Sundays",
            ),
        ],
        obstacle: None,
    }
}

/// The conferences, as seen at `now`.
pub fn catalogue(now: Timestamp) -> Vec<Entry> {
    let at = |minutes: i64| now + SignedDuration::from_mins(minutes);
    let on = |minutes| Activity::Now {
        until: Some(at(minutes)),
    };
    let later = |from, to| Activity::Upcoming {
        start: at(from),
        end: Some(at(to)),
    };
    let mut handover = heard("Shift handover", on(50), now);
    handover.description =
        "Night to day, all stations.\nPlease join five minutes early and mute yourself.".to_owned();
    handover.contacts = vec![
        "Bo Nilsson <bo@site.example>".to_owned(),
        "+46 8 5550 123".to_owned(),
    ];
    let mut talkback = heard("Crane 4 – talkback", Activity::Now { until: None }, now);
    talkback.scope = Scope::Room;
    talkback.description = "Open channel".to_owned();
    let mut board = heard("Board meeting", on(80), now);
    board.lock = Some(Lock::Crypto);
    board.scope = Scope::Organisation;
    let mut safety = heard("Weekly safety", later(5, 35), now);
    safety.repeats = Some("every week".to_owned());
    let week = |week: i64| at(5 + week * 7 * 1_440);
    safety.next = [week(1), week(2)]
        .map(|start| Occasion {
            start,
            end: Some(start + SignedDuration::from_mins(30)),
        })
        .to_vec();
    let mut training = heard("Training, day 2", later(1490, 1670), now);
    training.scope = Scope::Organisation;
    training.description = "Radio procedures".to_owned();
    vec![
        handover,
        talkback,
        board,
        safety,
        training,
        own(now),
        from_file(),
    ]
}

/// A conference that somebody announces.
pub fn heard(name: &str, when: Activity, now: Timestamp) -> Entry {
    Entry {
        id: EntryId(name.to_lowercase().replace(' ', "-")),
        name: name.to_owned(),
        description: String::new(),
        when,
        repeats: None,
        next: Vec::new(),
        originator: None,
        rate: Rate {
            kbit_per_s: 80,
            is_estimate: false,
        },
        scope: Scope::Site,
        media: vec![MediaLine {
            kind: "Audio".to_owned(),
            format: "Opus, 48 kHz, stereo".to_owned(),
            address: "239.255.12.7 port 40000".to_owned(),
            origin: None,
        }],
        contacts: Vec::new(),
        seen: vec![Seen {
            source: Source::Network {
                announcer: "192.0.2.31".to_owned(),
                interface: Some("eth0".to_owned()),
            },
            at: Some(now - SignedDuration::from_mins(3)),
            differs: None,
        }],
        lock: None,
        refusal: None,
        draft: None,
        sdp: format!(
            "v=0\r\no=bo 3982 1 IN IP4 192.0.2.31\r\ns={name}\r\nc=IN IP4 239.255.12.7/15\r\nt=0 0\r\nm=audio 40000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
        ),
    }
}

fn own(now: Timestamp) -> Entry {
    let end = now + SignedDuration::from_mins(60);
    let draft = Draft {
        name: "Ana’s stand-up".to_owned(),
        description: "What is new, what is in the way.".to_owned(),
        start: now,
        end,
        scope: Scope::Site,
        has_video: false,
        has_repair: false,
    };
    let mut entry = heard(&draft.name, Activity::Now { until: Some(end) }, now);
    entry.id = EntryId("own".to_owned());
    entry.description.clone_from(&draft.description);
    entry.seen = vec![Seen {
        source: Source::Own,
        at: None,
        differs: None,
    }];
    entry.draft = Some(draft);
    for line in &mut entry.media {
        line.origin = Some(GroupOrigin::Leased {
            server: "192.0.2.1".to_owned(),
            until: end,
        });
    }
    entry
}

fn from_file() -> Entry {
    let mut entry = heard(
        "Harbour radio",
        Activity::Now { until: None },
        Timestamp::UNIX_EPOCH,
    );
    entry.id = EntryId("file".to_owned());
    entry.seen = vec![Seen {
        source: Source::File(PathBuf::from("/home/ana/harbour.sdp")),
        at: None,
        differs: None,
    }];
    entry
}

/// A conference with these many others, every fifth of them talking.
pub fn room(others: usize, since: Instant) -> Room {
    Room {
        conference: EntryId("shift-handover".to_owned()),
        name: "Shift handover".to_owned(),
        stage: Stage::Joined,
        since,
        ends: None,
        has_video: false,
        me: Me {
            name: "Ana Lima".to_owned(),
            may_send: true,
            is_muted: false,
            level_dbfs: -34.0,
            is_talking: false,
            camera: None,
        },
        people: (0..others).map(person).collect(),
        problems: Vec::new(),
        details: vec![
            ("Group".to_owned(), "239.255.12.7 port 40000".to_owned()),
            ("Codec".to_owned(), "Opus, 48 kHz, 20 ms".to_owned()),
        ],
    }
}

fn person(index: usize) -> Person {
    let name = NAMES
        .get(index)
        .map_or_else(|| format!("Station {index}"), |name| (*name).to_owned());
    let is_talking = index.is_multiple_of(5);
    Person {
        id: PersonId(u64::try_from(index).unwrap()),
        name,
        presence: if index == 3 {
            Presence::Lost
        } else {
            Presence::Here
        },
        is_talking,
        level_dbfs: if is_talking { -18.0 } else { -100.0 },
        is_muted: index == 2,
        video: None,
        has_screen: false,
        gain_db: if index == 1 { -12.0 } else { 0.0 },
        details: vec![
            ("Loss".to_owned(), "0.2 %".to_owned()),
            ("Delay".to_owned(), "42 ms".to_owned()),
            ("Codec".to_owned(), "Opus".to_owned()),
        ],
        last_talked: None,
    }
}

const NAMES: [&str; 8] = [
    "Bo Nilsson",
    "Chen Wei",
    "Dia Fofana",
    "Emil Strandqvist-Wallenstein the Younger",
    "Farah",
    "Goran Ilić",
    "Hana Sato",
    "Crane 4",
];
