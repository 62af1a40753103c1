//! Groups are leased by MADCAP, kept for as long as they are needed, and never anybody else's meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use conf_core::endpoint::{Endpoint, EndpointInput, EndpointOutput};
use conf_core::leases::{LeasesEndpoint, MadcapServerEndpoint};
use conf_core::{IpVersion, Moment, Scope};
use conf_tests::lan::{HostId, Lan, Weather};
use directory::address::madcap::{
    ClientOptions, Lease, LeaseId, Need, PORT, ServerOptions, UnixTime, Want,
};

const WALL: u32 = 1_800_000_000;
const DAY: Duration = Duration::from_secs(86_400);

/// A client on a host, which the scenario can look into.
#[derive(Clone)]
struct Client(Arc<Mutex<LeasesEndpoint>>);

impl Client {
    fn plug(
        lan: &mut Lan,
        servers: Vec<SocketAddr>,
        wants: Vec<Want>,
        seed: u64,
    ) -> (Self, HostId) {
        let options = ClientOptions {
            servers,
            patience: Duration::from_secs(60),
            language: None,
        };
        let endpoint = LeasesEndpoint::new(options, wants, seed, moment(lan));
        let client = Self(Arc::new(Mutex::new(endpoint)));
        let host = lan.plug(Box::new(client.clone()));
        lan.wake(host);
        (client, host)
    }

    fn leases(&self) -> Vec<Lease> {
        self.0.lock().unwrap().leases().collect()
    }
}

impl Endpoint for Client {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        self.0.lock().unwrap().handle_input(now, input);
    }

    fn poll_output(&mut self) -> EndpointOutput {
        self.0.lock().unwrap().poll_output()
    }
}

fn moment(lan: &Lan) -> Moment {
    Moment {
        now: lan.now(),
        wall: SystemTime::UNIX_EPOCH + Duration::from_secs(WALL.into()),
    }
}

fn serve(lan: &mut Lan, options: ServerOptions) -> HostId {
    let endpoint = MadcapServerEndpoint::new(options, PORT, 7, moment(lan));
    lan.plug(Box::new(endpoint))
}

/// Some for an hour, some for good, some tomorrow.
fn wants(host: u16, count: u16, rng: &mut fastrand::Rng) -> Vec<Want> {
    let want = |number: u16| {
        let begins = WALL + rng.u32(0..80_000);
        let until = rng.bool().then(|| UnixTime(begins + rng.u32(600..40_000)));
        let [a, b] = host.to_be_bytes();
        let [c, d] = number.to_be_bytes();
        Want {
            id: LeaseId::new(&[0, a, b, c, d]).unwrap(),
            scope: if rng.bool() {
                Scope::Site
            } else {
                Scope::Organisation
            },
            version: IpVersion::V4,
            count: 1,
            need: Need {
                from: rng.bool().then_some(UnixTime(begins)),
                until,
            },
        }
    };
    (0..count).map(want).collect()
}

/// How many leases there are, after it was made sure that no group is two conferences' at one time.
fn distinct(clients: &[Client]) -> usize {
    let mut windows: BTreeMap<IpAddr, Vec<(UnixTime, UnixTime)>> = BTreeMap::new();
    let leases: Vec<Lease> = clients.iter().flat_map(Client::leases).collect();
    for lease in &leases {
        for group in &lease.grant.groups {
            let window = lease.grant.window;
            windows
                .entry(*group)
                .or_default()
                .push((window.start, window.end));
        }
    }
    for spans in windows.values_mut() {
        spans.sort_unstable();
        assert!(
            spans.windows(2).all(|pair| pair[0].1 <= pair[1].0),
            "{spans:?}"
        );
    }
    leases.len()
}

#[test]
fn ten_thousand_leases_live_through_a_day() {
    let mut lan = Lan::new(Weather::FAIR);
    let options = ServerOptions {
        // So short that those for good are renewed many times over.
        max_lease_secs: 4 * 3600,
        ..ServerOptions::default()
    };
    let server = serve(&mut lan, options);
    let to = SocketAddr::new(lan.address(server), PORT);
    let mut rng = fastrand::Rng::with_seed(3);
    let mut clients = Vec::new();
    for host in 0..100 {
        let wanted = wants(host, 100, &mut rng);
        let (client, _) = Client::plug(&mut lan, vec![to], wanted, host.into());
        clients.push(client);
        lan.run_for(Duration::from_secs(1));
    }
    lan.run_for(Duration::from_secs(60));
    assert_eq!(distinct(&clients), 10_000);
    let for_good = |client: &Client| {
        let leases = client.leases().into_iter();
        let leases = leases.filter(|lease| lease.want.need.until.is_none());
        let groups = leases.map(|lease| (lease.want.id, lease.grant.groups));
        groups.collect::<BTreeSet<_>>()
    };
    let before: Vec<_> = clients.iter().map(for_good).collect();
    for _ in 0..6 {
        lan.run_for(DAY / 6);
        distinct(&clients);
    }
    let after: Vec<_> = clients.iter().map(for_good).collect();
    assert_eq!(
        after, before,
        "what is leased for good is kept, with its groups"
    );
    let now = UnixTime(WALL + 86_400);
    let mut leases = clients.iter().flat_map(Client::leases);
    assert!(leases.all(|lease| lease.grant.window.end > now));
}

#[test]
fn leases_are_had_and_kept_in_a_storm() {
    let mut lan = Lan::new(Weather::STORM);
    let options = ServerOptions {
        max_lease_secs: 7200,
        ..ServerOptions::default()
    };
    serve(&mut lan, options);
    let mut rng = fastrand::Rng::with_seed(5);
    let plug = |host: u16, lan: &mut Lan| {
        let mut wanted = wants(host, 5, &mut rng);
        wanted
            .iter_mut()
            .for_each(|want| want.need = Need::default());
        Client::plug(lan, Vec::new(), wanted, host.into()).0
    };
    let mut plug = plug;
    let clients: Vec<Client> = (0..10).map(|host| plug(host, &mut lan)).collect();
    lan.run_for(Duration::from_secs(180));
    let had = distinct(&clients);
    assert!(had >= 49, "{had} of 50 found a server");
    lan.run_for(DAY);
    assert_eq!(distinct(&clients), had);
}

#[test]
fn a_server_that_is_away_for_a_day_is_found_again_with_the_same_groups() {
    let mut lan = Lan::new(Weather::FAIR);
    let server = serve(&mut lan, ServerOptions::default());
    let mut rng = fastrand::Rng::with_seed(9);
    let mut wanted = wants(1, 20, &mut rng);
    wanted
        .iter_mut()
        .for_each(|want| want.need = Need::default());
    let (client, _) = Client::plug(&mut lan, Vec::new(), wanted, 1);
    lan.run_for(Duration::from_secs(60));
    let groups = |client: &Client| {
        let leases = client.leases().into_iter();
        leases
            .map(|lease| (lease.want.id, lease.grant.groups))
            .collect::<Vec<_>>()
    };
    let before = groups(&client);
    assert_eq!(before.len(), 20);
    lan.unplug(server);
    lan.run_for(DAY * 20);
    lan.replug(server);
    lan.run_for(DAY * 15);
    assert_eq!(groups(&client), before);
}
