//! Servers and those who look for them, on one link in virtual time.
#![expect(clippy::disallowed_methods, reason = "a test needs one epoch")]

use std::time::{Duration, Instant};

use fastrand::Rng;

use super::*;

struct Link {
    now: Instant,
    responders: Vec<Responder>,
    browser: Browser,
    events: Vec<(Duration, BrowserEvent)>,
    began: Instant,
    is_up: Vec<bool>,
    sent: usize,
}

impl Link {
    fn new(names: &[&str]) -> Self {
        let now = Instant::now();
        let service = |name: &str, port| Service {
            instance: name.to_owned(),
            port,
            text: vec![("base".to_owned(), "o=rendezvous".to_owned())],
        };
        let responders = names.iter().zip(1..);
        let responders = responders.map(|(name, number)| {
            let rng = Rng::with_seed(number);
            Responder::new(service(name, 13_889 + u16::try_from(number).unwrap()), rng)
        });
        Self {
            now,
            began: now,
            responders: responders.collect(),
            browser: Browser::new(now, 7),
            events: Vec::new(),
            is_up: vec![true; names.len()],
            sent: 0,
        }
    }

    fn start(&mut self, number: u8) {
        let address = IpAddr::from([10, 0, 0, number + 1]);
        self.responders[usize::from(number)].set_addresses(self.now, &[address]);
        self.carry();
    }

    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            self.carry();
            let responders = self.responders.iter().zip(&self.is_up);
            let responders = responders.filter(|(_, up)| **up);
            let dues = responders.filter_map(|(responder, _)| responder.next_timeout());
            let Some(next) = dues
                .chain(self.browser.next_timeout())
                .min()
                .filter(|at| *at <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            for (responder, _) in self
                .responders
                .iter_mut()
                .zip(&self.is_up)
                .filter(|(_, up)| **up)
            {
                responder.handle_timeout(self.now);
            }
            self.browser.handle_timeout(self.now);
        }
        self.now = end;
    }

    /// Everybody hears everybody, themselves too.
    fn carry(&mut self) {
        loop {
            let mut messages: Vec<(u8, Message)> = Vec::new();
            for (number, responder) in self.responders.iter_mut().enumerate() {
                while let Some(message) = responder.poll_message() {
                    messages.push((u8::try_from(number).unwrap() + 1, message));
                }
            }
            while let Some(message) = self.browser.poll_message() {
                messages.push((99, message));
            }
            if messages.is_empty() {
                break;
            }
            self.sent += messages.len();
            for (host, message) in messages {
                let bytes = message.to_bytes();
                let message = Message::parse(&bytes).unwrap();
                for (responder, _) in self
                    .responders
                    .iter_mut()
                    .zip(&self.is_up)
                    .filter(|(_, up)| **up)
                {
                    responder.handle_message(self.now, &message);
                }
                let from = SocketAddr::from(([10, 0, 0, host], PORT));
                let datagram = Datagram {
                    from,
                    interface: 2,
                    bytes: &bytes,
                };
                self.browser.handle_message(self.now, &datagram, &message);
            }
        }
        while let Some(event) = self.browser.poll_event() {
            self.events.push((self.now - self.began, event));
        }
    }

    fn found(&self) -> Vec<(String, Vec<String>)> {
        let found = self.browser.found();
        let found = found.map(|f| {
            (
                f.name.clone(),
                f.addresses.iter().map(ToString::to_string).collect(),
            )
        });
        found.collect()
    }
}

#[test]
fn a_server_is_found_within_two_seconds_and_its_goodbye_heard() {
    let mut link = Link::new(&["Team"]);
    link.run(Duration::from_secs(600));
    assert!(link.events.is_empty());
    let started = link.now - link.began;
    link.start(0);
    link.run(Duration::from_secs(2));
    let (at, event) = link.events[0].clone();
    assert!(at - started < Duration::from_secs(2));
    let expected = Found {
        name: "Team".to_owned(),
        addresses: vec!["10.0.0.1:13890".parse().unwrap()],
        text: vec![
            ("txtvers".to_owned(), "1".to_owned()),
            ("base".to_owned(), "o=rendezvous".to_owned()),
        ],
    };
    assert_eq!(event, BrowserEvent::Found(expected));
    link.responders[0].say_goodbye();
    link.run(Duration::from_secs(2));
    assert_eq!(
        link.events.last().unwrap().1,
        BrowserEvent::Gone("Team".to_owned())
    );
    assert_eq!(link.events.len(), 2);
}

#[test]
fn a_newcomer_finds_what_was_there_before() {
    let mut link = Link::new(&["Team"]);
    link.start(0);
    link.run(Duration::from_secs(600));
    link.browser = Browser::new(link.now, 3);
    let began = link.now;
    link.run(Duration::from_secs(2));
    assert_eq!(
        link.found(),
        [("Team".to_owned(), vec!["10.0.0.1:13890".to_owned()])]
    );
    let (at, _) = link.events.last().unwrap();
    assert!(*at - (began - link.began) < Duration::from_secs(2));
}

#[test]
fn a_server_that_stays_is_found_once_and_with_few_messages() {
    let mut link = Link::new(&["Team"]);
    link.start(0);
    link.run(Duration::from_secs(10));
    let sent = link.sent;
    link.run(Duration::from_secs(3600));
    assert_eq!(link.events.len(), 1);
    assert!(
        link.sent - sent < 100,
        "{} messages in an hour",
        link.sent - sent
    );
}

#[test]
fn a_server_that_dies_is_gone_after_two_minutes() {
    let mut link = Link::new(&["Team"]);
    link.start(0);
    link.run(Duration::from_secs(10));
    link.is_up[0] = false;
    link.run(Duration::from_secs(120));
    assert_eq!(
        link.events.last().unwrap().1,
        BrowserEvent::Gone("Team".to_owned())
    );
}

#[test]
fn two_of_one_name_get_two_names() {
    for later in [0, 100, 5000] {
        let mut link = Link::new(&["Team", "Team"]);
        link.start(0);
        link.run(Duration::from_millis(later));
        link.start(1);
        link.run(Duration::from_secs(20));
        let mut names: Vec<String> = link.found().into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["Team", "Team (2)"], "{later} ms later");
    }
}

#[test]
fn a_server_that_moves_is_found_at_its_new_address() {
    let mut link = Link::new(&["Team"]);
    link.start(0);
    link.run(Duration::from_secs(5));
    link.responders[0].set_addresses(
        link.now,
        &["10.0.9.9".parse().unwrap(), "fe80::1".parse().unwrap()],
    );
    link.run(Duration::from_secs(200));
    let expected = vec!["10.0.9.9:13890".to_owned(), "[fe80::1%2]:13890".to_owned()];
    assert_eq!(link.found(), [("Team".to_owned(), expected)]);
}

#[test]
fn floods_of_servers_are_bounded() {
    let mut link = Link::new(&[]);
    for number in 0..1000 {
        let service = Service {
            instance: format!("S{number}"),
            port: 1,
            text: Vec::new(),
        };
        let addresses: Vec<IpAddr> = (0..50).map(|last| IpAddr::from([10, 0, 1, last])).collect();
        let records = records::Records::new(&service, &service.instance, "h", &addresses).unwrap();
        let message = Message {
            is_response: true,
            answers: records.shared,
            additionals: records.unique,
            ..Message::default()
        };
        let datagram = Datagram {
            from: SocketAddr::from(([10, 0, 0, 66], PORT)),
            interface: 1,
            bytes: &[],
        };
        link.browser.handle_message(link.now, &datagram, &message);
    }
    assert_eq!(link.browser.found().count(), 256);
    assert!(
        link.browser
            .found()
            .all(|found| found.addresses.len() <= 16)
    );
    link.run(Duration::from_secs(130));
    assert_eq!(link.browser.found().count(), 0);
}
