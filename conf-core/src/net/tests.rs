//! Endpoints over real sockets, on the loopback interface: nothing here leaves the computer.
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::*;
use crate::endpoint::{
    Endpoint, EndpointInput, EndpointOutput, JoinFailure, Membership, NetFailure, NetRecovery,
    NetworkChange, Transmit,
};

mod answering;
mod resting;

/// Far longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a probe was told, in words that can be sent to the test.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Timeout,
    Heard {
        group: SocketAddr,
        from: SocketAddr,
        bytes: Vec<u8>,
    },
    Local(Vec<SocketAddr>),
    Network(NetworkChange),
    Failed(NetFailure),
    Recovered(NetRecovery),
    Closing,
    /// Everything that a command asked for has been done.
    Rested,
}

/// An endpoint that does what the test says and tells what it is told.
struct Probe {
    commands: Receiver<EndpointOutput>,
    told: SyncSender<Told>,
    outputs: VecDeque<EndpointOutput>,
    goodbye: Vec<EndpointOutput>,
    is_commanded: bool,
}

impl Probe {
    fn tell(&self, told: Told) {
        // A test that is over does not listen any more.
        self.told.send(told).unwrap_or_default();
    }
}

impl Endpoint for Probe {
    fn handle_input(&mut self, _: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => self.tell(Told::Timeout),
            EndpointInput::Woken => {
                self.outputs.extend(self.commands.try_iter());
                self.is_commanded = true;
            }
            EndpointInput::Closing => {
                self.outputs.append(&mut self.goodbye.drain(..).collect());
                self.tell(Told::Closing);
            }
            EndpointInput::Datagram(datagram) => self.tell(Told::Heard {
                group: datagram.group,
                from: datagram.from,
                bytes: datagram.bytes.to_vec(),
            }),
            EndpointInput::LocalAddresses(addresses) => self.tell(Told::Local(addresses.to_vec())),
            EndpointInput::Network(change) => self.tell(Told::Network(change)),
            // The tests' computer neither sleeps nor is its clock set.
            EndpointInput::WallClock(_) => {}
            EndpointInput::Failed(failure) => self.tell(Told::Failed(failure)),
            EndpointInput::Recovered(recovery) => self.tell(Told::Recovered(recovery)),
        }
    }

    fn poll_output(&mut self) -> EndpointOutput {
        if let Some(output) = self.outputs.pop_front() {
            return output;
        }
        if std::mem::take(&mut self.is_commanded) {
            self.tell(Told::Rested);
        }
        EndpointOutput::Timeout(None)
    }

    fn patience(&self, group: SocketAddr) -> Duration {
        let may_wait = group.ip() == resting::GROUP;
        Duration::from_millis(if may_wait { 20 } else { 0 })
    }
}

/// A registered probe, from the test's side.
struct Remote {
    commands: SyncSender<EndpointOutput>,
    told: Receiver<Told>,
    handle: EndpointHandle,
}

impl Remote {
    fn on(net: &NetThread, interface: &str, goodbye: Vec<EndpointOutput>) -> Self {
        let (commands, receiver) = sync_channel(100);
        let (sender, told) = sync_channel(10_000);
        let probe = Probe {
            commands: receiver,
            told: sender,
            outputs: VecDeque::new(),
            goodbye,
            is_commanded: false,
        };
        let options = RegisterOptions {
            interface: interface.parse().unwrap(),
            loopback: true,
        };
        let handle = net.handle().register(Box::new(probe), options).unwrap();
        Self {
            commands,
            told,
            handle,
        }
    }

    fn new(net: &NetThread) -> Self {
        Self::on(net, &loopback_name(), vec![EndpointOutput::Finished])
    }

    /// Has outputs done, and waits until they are.
    fn run(&self, outputs: impl IntoIterator<Item = EndpointOutput>) {
        for output in outputs {
            self.commands.send(output).unwrap();
        }
        self.handle.wake();
        self.wait(|told| (told == Told::Rested).then_some(()));
    }

    fn joined(self, group: SocketAddr) -> Self {
        self.run([join(group)]);
        self
    }

    /// Waits until the probe is told what is wanted; what comes before is forgotten.
    fn wait<T>(&self, wanted: impl Fn(Told) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if let Some(found) = wanted(self.told.recv_timeout(left).expect("told in time")) {
                return found;
            }
        }
    }

    fn next_heard(&self) -> (SocketAddr, SocketAddr, Vec<u8>) {
        self.wait(|told| match told {
            Told::Heard { group, from, bytes } => Some((group, from, bytes)),
            _ => None,
        })
    }

    fn next_bytes(&self) -> Vec<u8> {
        self.next_heard().2
    }

    /// Drops the handle, waits until the endpoint is dropped, gives all that it was told meanwhile.
    fn close(self) -> Vec<Told> {
        drop(self.handle);
        let mut all = Vec::new();
        loop {
            match self.told.recv_timeout(PATIENCE) {
                Ok(told) => all.push(told),
                Err(RecvTimeoutError::Disconnected) => return all,
                Err(RecvTimeoutError::Timeout) => panic!("the endpoint is still there"),
            }
        }
    }
}

fn loopback_name() -> String {
    let all = interfaces().unwrap();
    all.into_iter().find(|i| i.is_loopback).unwrap().name
}

/// A group on a port that nobody uses.
fn free_group() -> SocketAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    SocketAddr::new([239, 255, 77, 1].into(), port)
}

fn membership(group: SocketAddr) -> Membership {
    Membership {
        group,
        source: None,
    }
}

fn join(group: SocketAddr) -> EndpointOutput {
    EndpointOutput::Join(membership(group))
}

fn leave(group: SocketAddr) -> EndpointOutput {
    EndpointOutput::Leave(membership(group))
}

fn say(to: SocketAddr, words: &str) -> EndpointOutput {
    EndpointOutput::Transmit(Transmit {
        to,
        ttl: 1,
        dscp: 46,
        payload: words.into(),
    })
}

#[test]
fn endpoints_hear_each_other_and_know_their_own_addresses() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let alice = Remote::new(&net);
    alice.run([join(group)]);
    let bob = Remote::new(&net);
    bob.commands.send(say(group, "hello")).unwrap();
    bob.handle.wake();
    let local = bob.wait(|told| match told {
        Told::Local(addresses) => Some(addresses),
        _ => None,
    });
    let (heard_group, from, bytes) = alice.next_heard();
    assert_eq!((heard_group, bytes.as_slice()), (group, &b"hello"[..]));
    assert_eq!(local, [from]);
}

#[test]
fn network_is_told_first() {
    let net = NetThread::start().unwrap();
    let alice = Remote::new(&net);
    let Told::Network(NetworkChange::Using(interfaces)) =
        alice.told.recv_timeout(PATIENCE).unwrap()
    else {
        panic!("something else was told first");
    };
    assert!(interfaces.len() == 1 && interfaces[0].is_loopback);
}

#[test]
fn two_programs_share_a_group_and_a_port() {
    let (one, other) = (NetThread::start().unwrap(), NetThread::start().unwrap());
    let group = free_group();
    let alice = Remote::new(&one).joined(group);
    let bob = Remote::new(&other).joined(group);
    alice.run([say(group, "from alice")]);
    assert_eq!(alice.next_bytes(), b"from alice", "one's own loop");
    assert_eq!(bob.next_bytes(), b"from alice");
    bob.run([say(group, "from bob")]);
    assert_eq!(alice.next_bytes(), b"from bob");
}

#[test]
fn two_groups_on_one_port_stay_apart() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let other = SocketAddr::new([239, 255, 77, 2].into(), group.port());
    let alice = Remote::new(&net).joined(group);
    let bob = Remote::new(&net).joined(other);
    bob.run([
        say(other, "to the other"),
        say(group, "to the one"),
        say(other, "end"),
    ]);
    assert_eq!(alice.next_bytes(), b"to the one");
    assert_eq!(bob.next_bytes(), b"to the other");
    assert_eq!(bob.next_bytes(), b"end");
}

#[test]
fn one_endpoint_with_both_groups_is_told_which() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let other = SocketAddr::new([239, 255, 77, 2].into(), group.port());
    let alice = Remote::new(&net).joined(group).joined(other);
    alice.run([say(group, "a")]);
    let (heard_group, _, bytes) = alice.next_heard();
    assert_eq!((heard_group, bytes), (group, b"a".to_vec()));
    alice.run([say(other, "b")]);
    let (heard_group, _, bytes) = alice.next_heard();
    assert_eq!((heard_group, bytes), (other, b"b".to_vec()));
}

#[test]
fn a_group_that_was_left_is_not_heard() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let other = SocketAddr::new([239, 255, 77, 2].into(), group.port());
    let alice = Remote::new(&net).joined(group).joined(other);
    alice.run([leave(group), say(group, "gone"), say(other, "here")]);
    assert_eq!(alice.next_bytes(), b"here");
}

#[test]
fn a_chosen_source_is_heard() {
    let net = NetThread::start().unwrap();
    let group = SocketAddr::new([232, 1, 77, 1].into(), free_group().port());
    let from = |source: &str| {
        EndpointOutput::Join(Membership {
            group,
            source: source.parse().ok(),
        })
    };
    let alice = Remote::new(&net);
    alice.run([from("127.0.0.1")]);
    let bob = Remote::new(&net);
    bob.run([from("127.0.0.9")]);
    alice.run([say(group, "hello")]);
    assert_eq!(alice.next_bytes(), b"hello");
    let is_heard = |told: &Told| matches!(told, Told::Heard { .. });
    assert!(!bob.close().iter().any(is_heard));
}

#[test]
fn a_unicast_address_is_a_plain_port() {
    let net = NetThread::start().unwrap();
    let local = SocketAddr::new([127, 0, 0, 1].into(), free_group().port());
    let alice = Remote::new(&net).joined(local);
    let bob = Remote::new(&net);
    bob.run([say(local, "hello")]);
    let (group, _, bytes) = alice.next_heard();
    assert_eq!((group, bytes), (local, b"hello".to_vec()));
}

#[test]
fn many_datagrams_arrive_whole_and_in_order() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let alice = Remote::new(&net).joined(group);
    let words: Vec<String> = (0..90).map(|n| "x".repeat(1 + n * 7)).collect();
    alice.run(words.iter().map(|w| say(group, w)));
    for word in &words {
        assert_eq!(alice.next_bytes(), word.as_bytes());
    }
}

#[test]
fn an_endpoint_that_is_unregistered_says_goodbye() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let alice = Remote::new(&net).joined(group);
    let goodbye = vec![say(group, "goodbye"), EndpointOutput::Finished];
    let bob = Remote::on(&net, &loopback_name(), goodbye).joined(group);
    assert_eq!(bob.close().last(), Some(&Told::Closing));
    assert_eq!(alice.next_bytes(), b"goodbye");
    assert!(!alice.handle.is_finished());
}

#[test]
fn an_endpoint_that_will_not_finish_is_dropped() {
    let net = NetThread::start().unwrap();
    let stubborn = Remote::on(&net, &loopback_name(), Vec::new());
    stubborn.run([]);
    assert_eq!(stubborn.close().last(), Some(&Told::Closing));
}

#[test]
fn an_endpoint_that_finishes_by_itself_is_dropped() {
    let net = NetThread::start().unwrap();
    let done = Remote::new(&net);
    done.commands.send(EndpointOutput::Finished).unwrap();
    done.handle.wake();
    while done.told.recv_timeout(PATIENCE).is_ok() {}
    assert!(done.handle.is_finished());
    done.handle.wake();
}

#[test]
fn shutdown_lets_everybody_say_goodbye() {
    let (net, other) = (NetThread::start().unwrap(), NetThread::start().unwrap());
    let group = free_group();
    let alice = Remote::new(&other).joined(group);
    let goodbye = vec![say(group, "goodbye"), EndpointOutput::Finished];
    let bob = Remote::on(&net, &loopback_name(), goodbye).joined(group);
    let handle = net.handle();
    net.shutdown();
    assert_eq!(alice.next_bytes(), b"goodbye");
    assert!(bob.handle.is_finished());
    let options = RegisterOptions {
        interface: InterfaceChoice::All,
        loopback: true,
    };
    let late = handle.register(Box::new(NeverResting), options);
    assert_eq!(late.err(), Some(NetStopped));
}

#[test]
fn a_port_that_is_taken_is_told_and_joined_when_it_is_free() {
    let net = NetThread::start().unwrap();
    let holder = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let group = SocketAddr::new([239, 255, 77, 1].into(), port);
    let alice = Remote::new(&net);
    alice.commands.send(join(group)).unwrap();
    alice.handle.wake();
    let failure = alice.wait(|told| match told {
        Told::Failed(failure) => Some(failure),
        _ => None,
    });
    let (membership, error) = (membership(group), JoinFailure::PortTaken);
    assert_eq!(failure, NetFailure::Join { membership, error });
    drop(holder);
    let recovered = Told::Recovered(NetRecovery::Join(membership));
    alice.wait(|told| (told == recovered).then_some(()));
    alice.run([say(group, "hello")]);
    assert_eq!(alice.next_bytes(), b"hello");
}

#[test]
fn without_an_interface_joining_and_sending_fail_once() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let alice = Remote::on(&net, "no-such-interface", vec![EndpointOutput::Finished]);
    alice.run([join(group), say(group, "one"), say(group, "two")]);
    let told = alice.close();
    let failed = |told: &&Told| matches!(told, Told::Failed(_));
    let failures: Vec<&Told> = told.iter().filter(failed).collect();
    let (membership, error) = (membership(group), JoinFailure::NoInterface);
    let (to, kind) = (group, io::ErrorKind::NetworkUnreachable);
    let expected = [
        Told::Failed(NetFailure::Join { membership, error }),
        Told::Failed(NetFailure::Send { to, kind }),
    ];
    assert_eq!(failures, expected.iter().collect::<Vec<_>>());
}

#[test]
fn time_outs_come_and_not_too_early() {
    let net = NetThread::start().unwrap();
    let alice = Remote::new(&net);
    let at = Instant::now() + Duration::from_millis(30);
    alice
        .commands
        .send(EndpointOutput::Timeout(Some(at)))
        .unwrap();
    alice.handle.wake();
    alice.wait(|told| (told == Told::Timeout).then_some(()));
    assert!(Instant::now() >= at);
}

/// An endpoint that always wants more.
struct NeverResting;

impl Endpoint for NeverResting {
    fn handle_input(&mut self, _: Instant, _: EndpointInput<'_>) {}

    fn poll_output(&mut self) -> EndpointOutput {
        leave("239.255.77.9:9".parse().unwrap())
    }
}

#[test]
fn an_endpoint_that_never_rests_does_not_stop_the_others() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let options = RegisterOptions {
        interface: InterfaceChoice::Default,
        loopback: true,
    };
    let _restless = net
        .handle()
        .register(Box::new(NeverResting), options)
        .unwrap();
    let alice = Remote::new(&net).joined(group);
    alice.run([say(group, "hello")]);
    assert_eq!(alice.next_bytes(), b"hello");
    alice.run([]);
    assert!(net.handle().counters().cut_off > 0);
}

#[test]
fn counters_tell_what_went_through() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let alice = Remote::new(&net).joined(group);
    alice.run([say(group, "hello")]);
    assert_eq!(alice.next_bytes(), b"hello");
    // Counters are published after the turn: two more turns make sure that it is over.
    alice.run([]);
    alice.run([]);
    let counters = net.handle().counters();
    assert_eq!(
        (counters.endpoints, counters.sockets, counters.joins),
        (1, 1, 1)
    );
    assert_eq!((counters.sent, counters.sent_bytes), (1, 5));
    assert_eq!((counters.received, counters.received_bytes), (1, 5));
    assert_eq!(
        (counters.batches, counters.join_errors, counters.send_errors),
        (1, 0, 0)
    );
}
