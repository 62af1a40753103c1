//! Groups leased by MADCAP, and directory servers found by multicast DNS, between computers.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::dns_sd::{Advertisement, BrowserEvent, Found, ServerBrowser, Service};
use conf_core::leases::{
    ClientEvent, Kept, Lease, LeaseId, Leases, LeasesOptions, Madcap, MadcapServer,
    MadcapServerOptions, Need, PORT, ServerOptions, UnixTime, Want,
};
use conf_core::net::NetThread;
use conf_core::signal::{Waited, Waiting, signal};
use conf_core::{ConferenceId, FULL_GROUPS, InterfaceChoice, IpVersion, Moment, Scope};
use conf_tests::netns::{Host, Segment, rendezvous};
use conf_tests::running::Running as Process;
use conf_tests::trials::Planned;
use serde_json::Value;

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "a_lease_outlives_restarts_of_both_sides_and_is_given_back",
        needs: &[],
        run: || restarts(false),
    },
    Planned {
        name: "so_it_does_where_the_server_is_told_by_its_address",
        needs: &[],
        run: || restarts(true),
    },
    Planned {
        name: "with_another_reach_comes_another_lease_and_the_first_is_given_back",
        needs: &[],
        run: replaced,
    },
    Planned {
        name: "create_leases_its_groups_and_says_from_whom",
        needs: &[],
        run: create,
    },
    Planned {
        name: "edit_moves_the_lease_and_withdraw_gives_it_back",
        needs: &[],
        run: moved,
    },
    Planned {
        name: "a_directory_server_is_found_and_its_goodbye_heard",
        needs: &[],
        run: found,
    },
    Planned {
        name: "directory_serve_is_found_and_leases",
        needs: &[],
        run: served,
    },
];

/// Longer than any answer takes with all its repetitions.
const PATIENCE: Duration = Duration::from_secs(40);
const CONFERENCE: &str = "0123456789abcdef";

fn moment() -> Moment {
    Moment {
        now: Instant::now(),
        wall: SystemTime::now(),
    }
}

/// A net thread on a host, and what runs on it.
struct Running<T> {
    it: Option<T>,
    net: Option<NetThread>,
}

impl<T: Send + 'static> Running<T> {
    fn on(host: &Host, start: impl FnOnce(&NetThread) -> T + Send + 'static) -> Self {
        let (net, it) = host.inside(move || {
            let net = NetThread::start().unwrap();
            let it = start(&net);
            (net, it)
        });
        Self {
            it: Some(it),
            net: Some(net),
        }
    }

    fn it(&self) -> &T {
        self.it.as_ref().unwrap()
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        drop(self.it.take());
        self.net.take().unwrap().shutdown();
    }
}

fn serve(host: &Host) -> Running<MadcapServer> {
    let leases = Some(host.file("madcap/leases.jsonl"));
    Running::on(host, move |net| {
        let options = MadcapServerOptions {
            interface: InterfaceChoice::Default,
            port: PORT,
            leases,
            server: ServerOptions::default(),
            seed: 5,
        };
        MadcapServer::start(&net.handle(), options, moment()).unwrap()
    })
}

/// A client, and how to wait for what it tells.
struct Client {
    running: Running<Leases>,
    waiting: Waiting,
}

impl Client {
    fn on(host: &Host, servers: &Madcap, seed: u64) -> Self {
        let (signal, waiting) = signal();
        let folder: Option<PathBuf> = Some(host.file("leases"));
        let servers = servers.clone();
        let running = Running::on(host, move |net| {
            let options = LeasesOptions {
                interface: InterfaceChoice::Default,
                servers,
                patience: Duration::from_secs(30),
                language: None,
                folder,
                kept: Kept::All,
                wake: Arc::new(move || signal.raise()),
                seed,
            };
            Leases::start(&net.handle(), options, moment()).unwrap()
        });
        Self { running, waiting }
    }

    fn leases(&self) -> &Leases {
        self.running.it()
    }

    fn wait<T>(&self, fits: impl Fn(ClientEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some(event) = self.leases().poll_event() {
                if let Some(found) = fits(event.what) {
                    return found;
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert_ne!(self.waiting.wait(Some(left)), Waited::TimedOut);
        }
    }

    fn wait_for_lease(&self) -> Lease {
        self.wait(|event| match event {
            ClientEvent::Leased(lease) => Some(lease),
            _ => None,
        })
    }
}

fn want(secs: u32) -> Want {
    let until = UnixTime::from_wall(SystemTime::now()).plus_secs(secs);
    Want {
        id: LeaseId::new(&[0, 1, 2, 3]).unwrap(),
        scope: Scope::Site,
        version: IpVersion::V4,
        count: 2,
        need: Need {
            from: None,
            until: Some(until),
        },
    }
}

fn restarts(is_server_told: bool) {
    let segment = Segment::new(2);
    let [server_host, client_host] = &segment.hosts[..] else {
        panic!("two hosts")
    };
    let servers = if is_server_told {
        Madcap::Servers(vec![SocketAddr::new(server_host.v4.into(), PORT)])
    } else {
        Madcap::Anyone
    };
    let conference: ConferenceId = CONFERENCE.parse().unwrap();
    let server = serve(server_host);
    let client = Client::on(client_host, &servers, 1);
    client.leases().lease(want(3600));
    let first = client.wait_for_lease();
    assert_eq!(first.grant.groups.len(), 2);
    assert_eq!(
        first.grant.server,
        SocketAddr::new(server_host.v4.into(), PORT)
    );
    client.leases().assign(first.want.id.clone(), conference);
    drop(client);
    drop(server);

    let server = serve(server_host);
    assert_eq!(server.it().leases(), 1, "it was on disk");
    let client = Client::on(client_host, &servers, 2);
    let confirmed = client.wait_for_lease();
    assert_eq!(confirmed.grant.groups, first.grant.groups);
    assert_eq!(client.leases().held()[0].conference, conference);
    drop(server);

    // Nobody is there to answer at first.
    let longer = want(7200);
    let description = format!(
        "v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=T\r\nt=0 {}\r\n",
        u64::from(longer.need.until.unwrap().0) + 2_208_988_800
    );
    let description = conf_core::Description::parse(description.as_bytes()).unwrap();
    let held = Client::assigned(&client, description.id());
    client.leases().follow(&description);
    let server = serve(server_host);
    let renewed = client.wait_for_lease();
    assert_eq!(renewed.grant.groups, held.grant.groups);
    assert!(renewed.grant.window.end >= longer.need.until.unwrap());
    client.leases().release(description.id());
    client.wait(|event| matches!(event, ClientEvent::Released(_)).then_some(()));
    assert_eq!(server.it().leases(), 0);
    assert_eq!(server.it().counters().released, 1);
}

/// As when the form of the window changes how far a conference reaches.
fn replaced() {
    let segment = Segment::new(2);
    let [server_host, client_host] = &segment.hosts[..] else {
        panic!("two hosts")
    };
    let conference: ConferenceId = CONFERENCE.parse().unwrap();
    let server = serve(server_host);
    let client = Client::on(client_host, &Madcap::Anyone, 1);
    client.leases().lease(want(3600));
    let first = client.wait_for_lease().want.id;
    client.leases().assign(first.clone(), conference);
    client.leases().lease(Want {
        id: LeaseId::new(&[0, 4, 5, 6]).unwrap(),
        scope: Scope::Organisation,
        ..want(3600)
    });
    let second = client.wait_for_lease();
    client.leases().assign(second.want.id.clone(), conference);
    client.wait(|event| (event == ClientEvent::Released(first.clone())).then_some(()));
    let held = client.leases().held();
    assert_eq!(
        (held.len(), &held[0].lease.grant.groups),
        (1, &second.grant.groups)
    );
    assert_eq!(server.it().leases(), 1);
    drop(client);
    let client = Client::on(client_host, &Madcap::Anyone, 2);
    let confirmed = client.wait_for_lease();
    assert_eq!(confirmed.grant.groups, second.grant.groups, "it is on disk");
}

impl Client {
    /// The lease becomes that of another conference.
    fn assigned(&self, conference: ConferenceId) -> Lease {
        let lease = self.leases().held()[0].lease.clone();
        self.leases().assign(lease.want.id.clone(), conference);
        lease
    }
}

/// What `create --json` says of the groups.
fn created(host: &Host, words: &[&str]) -> Vec<(IpAddr, String, String)> {
    let mut command = host.command(rendezvous());
    command
        .args(["create", "--name", "Talk", "--json"])
        .args(words);
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let groups = said["groups"].as_array().unwrap().iter();
    let groups = groups.map(|group| {
        let address: SocketAddr = group["group"].as_str().unwrap().parse().unwrap();
        let from = group["from"].as_str().unwrap().to_owned();
        let server = group["server"].as_str().unwrap_or_default().to_owned();
        (address.ip(), from, server)
    });
    let groups: Vec<(IpAddr, String, String)> = groups.collect();
    let sdp = said["sdp"].as_str().unwrap();
    // Of the large pictures' range the first alone is written.
    for (group, ..) in groups.iter().take(3) {
        assert!(sdp.contains(&group.to_string()), "{group}: {sdp}");
    }
    groups
}

fn create() {
    let segment = Segment::new(2);
    let [server_host, client_host] = &segment.hosts[..] else {
        panic!("two hosts")
    };
    let alone = created(client_host, &["--video"]);
    assert!(alone.iter().all(|(_, from, _)| from == "picked"));
    let mut refused = client_host.command(rendezvous());
    refused.args([
        "create",
        "--name",
        "Talk",
        "--madcap",
        &server_host.v4.to_string(),
    ]);
    let refused = refused.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("No MADCAP server answers"));

    let server = serve(server_host);
    let address = server_host.v4.to_string();
    let expected = SocketAddr::new(server_host.v4.into(), PORT).to_string();
    for (words, is_v4) in [
        (&["--madcap", "auto", "--video"][..], true),
        (&["--madcap", &address, "--video"], true),
        (&["--madcap", "auto", "--ipv6", "--video"], false),
    ] {
        let groups = created(client_host, words);
        // Sound, thumbnails, screens, and the range of large pictures.
        assert_eq!(groups.len(), 3 + usize::from(FULL_GROUPS));
        let different: BTreeSet<_> = groups.iter().map(|(group, ..)| *group).collect();
        assert_eq!(different.len(), groups.len());
        for (group, from, server) in groups {
            assert_eq!((from.as_str(), &server), ("leased", &expected));
            assert_eq!(group.is_ipv4(), is_v4);
        }
    }
    assert_eq!(server.it().leases(), 3);
    let kept = client_host.file("data/rendezvous/leases");
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 3);
}

/// A browser on a host, and how to wait for what it finds.
struct Looking {
    browser: Running<ServerBrowser>,
    waiting: Waiting,
}

impl Looking {
    fn on(host: &Host) -> Self {
        let (signal, waiting) = signal();
        let browser = Running::on(host, move |net| {
            let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || signal.raise());
            let now = Instant::now();
            ServerBrowser::start(&net.handle(), InterfaceChoice::Default, now, wake, 3).unwrap()
        });
        Self { browser, waiting }
    }

    fn next(&self) -> BrowserEvent {
        loop {
            if let Some(event) = self.browser.it().poll_event() {
                return event;
            }
            assert_ne!(self.waiting.wait(Some(PATIENCE)), Waited::TimedOut);
        }
    }

    fn find(&self) -> Found {
        match self.next() {
            BrowserEvent::Found(found) => found,
            gone => panic!("{gone:?}"),
        }
    }
}

fn found() {
    let segment = Segment::new(2);
    let [server_host, client_host] = &segment.hosts[..] else {
        panic!("two hosts")
    };
    let looking = Looking::on(client_host);
    let server = Running::on(server_host, |net| {
        let service = Service {
            instance: "Rendezvous of the team".to_owned(),
            port: 13_890,
            text: vec![("base".to_owned(), "o=rendezvous".to_owned())],
        };
        Advertisement::start(&net.handle(), InterfaceChoice::Default, service, 4).unwrap()
    });
    let found = looking.find();
    assert_eq!(found.name, "Rendezvous of the team");
    for address in [IpAddr::from(server_host.v4), server_host.v6.into()] {
        assert!(found.addresses.contains(&SocketAddr::new(address, 13_890)));
    }
    assert!(
        found
            .text
            .contains(&("base".to_owned(), "o=rendezvous".to_owned()))
    );
    drop(server);
    assert_eq!(looking.next(), BrowserEvent::Gone(found.name));
}

fn served() {
    let segment = Segment::new(2);
    let [server_host, client_host] = &segment.hosts[..] else {
        panic!("two hosts")
    };
    let looking = Looking::on(client_host);
    let mut command = server_host.command(rendezvous());
    let address = server_host.v4.to_string();
    command.args(["directory", "serve", "--json", "--listen", &address]);
    command.args(["--madcap", "--pool", "239.255.16.0-239.255.16.255"]);
    let mut server = Process::start(&mut command);
    server.wait_for("its leases", PATIENCE, |line| line.contains("\"leasing\""));
    let found = looking.find();
    let ldap = SocketAddr::new(server_host.v4.into(), 13_890);
    assert!(found.addresses.contains(&ldap));
    let groups = created(client_host, &["--madcap", "auto"]);
    let (group, from, _) = &groups[0];
    assert_eq!(from, "leased");
    assert!(group.to_string().starts_with("239.255.16."));
    server.interrupt();
    server.succeed(PATIENCE);
    assert_eq!(looking.next(), BrowserEvent::Gone(found.name));
}

/// One computer has directory and leases, and whoever uses them.
fn moved() {
    let segment = Segment::new(1);
    let host = &segment.hosts[0];
    let mut serve = host.command(rendezvous());
    serve.args(["directory", "serve", "--json", "--madcap"]);
    serve.args(["--pool", "239.255.16.0-239.255.16.255"]);
    let mut server = Process::start(&mut serve);
    server.wait_for("its leases", PATIENCE, |line| line.contains("\"leasing\""));
    let run = |words: &[&str]| {
        let output = host.command(rendezvous()).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        said
    };
    const OURS: [&str; 2] = ["--directory", "ldap://127.0.0.1:13890"];
    run(&[&["create", "--name", "Talk", "--madcap", "auto"][..], &OURS].concat());
    let lease = || {
        let kept = std::fs::read_dir(host.file("data/rendezvous/leases")).unwrap();
        let mut files = kept.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        files
            .next()
            .map(|text| serde_json::from_str::<Value>(&text).unwrap())
    };
    let before = lease().unwrap();
    let said = run(&[&["edit", "Talk", "--duration", "5h"][..], &OURS].concat());
    assert!(said.contains("Its groups are leased until"), "{said}");
    let after = lease().unwrap();
    let until = |lease: &Value| lease["grant"]["end"].as_u64().unwrap();
    assert_eq!(after["grant"]["groups"], before["grant"]["groups"]);
    assert!(
        until(&after) >= until(&before) + 4 * 3_600,
        "{before} {after}"
    );
    run(&[&["withdraw", "Talk"][..], &OURS].concat());
    assert_eq!(lease(), None, "it is given back");
    server.interrupt();
    server.succeed(PATIENCE);
}
