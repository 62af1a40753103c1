//! What every part of the program needs of this computer: a station on the network, a seed, an address, a name.
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Instant, SystemTime};

use conf_core::directories::{DirectoryConfig, DirectoryState, DirectoryStatus};
use conf_core::leases::{Madcap, Refusal, UnixTime, Unleased, code};
use conf_core::{InterfaceChoice, Moment, NetworkProblem, Station, StationOptions, Wake};

use crate::cli::{Failure, FailureKind};
use crate::paths;

/// What others see as the program we use (SDES TOOL, RFC 3550 section 6.5.6).
pub const TOOL: &str = concat!("rendezvous ", env!("CARGO_PKG_VERSION"));

/// Starts a station with this user's data; `is_host` where it is to announce the stored conferences.
///
/// # Errors
/// When the system gives no sockets at all.
pub fn start_station(
    interface: InterfaceChoice,
    directories: Vec<DirectoryConfig>,
    is_host: bool,
    wake: Wake,
) -> Result<Station, Failure> {
    start_leasing_station(interface, directories, None, is_host, wake)
}

/// The same, which leases groups from whom is told.
///
/// # Errors
/// When the system gives no sockets at all.
pub fn start_leasing_station(
    interface: InterfaceChoice,
    directories: Vec<DirectoryConfig>,
    madcap: Option<Madcap>,
    is_host: bool,
    wake: Wake,
) -> Result<Station, Failure> {
    let options = StationOptions {
        interface,
        data_dir: paths::data_dir(),
        is_host,
        wake,
        seed: seed(),
        directories,
        madcap,
    };
    Station::start(options, moment())
        .map_err(|error| Failure::new(FailureKind::Network, error.to_string()))
}

/// Now, on both clocks.
pub fn moment() -> Moment {
    Moment {
        now: Instant::now(),
        wall: SystemTime::now(),
    }
}

/// 64 bits that nobody can guess: the standard library seeds its hash maps from the system's random numbers.
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The address that a description made here names as its origin.
pub fn address(station: &Station) -> IpAddr {
    let network = station.network();
    let mut addresses = network
        .interfaces
        .iter()
        .flat_map(|interface| interface.addresses.iter().copied());
    addresses
        .find(IpAddr::is_ipv4)
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The name that this user goes by on this computer, to begin with.
pub fn login_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|key| std::env::var(key).ok());
    names
        .into_iter()
        .find(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "Somebody".to_owned())
}

/// What is wrong with the network, and what to do.
pub fn network_sentence(problem: NetworkProblem, choice: &InterfaceChoice) -> String {
    match (problem, choice) {
        (NetworkProblem::NoInterface, InterfaceChoice::Named(name)) => {
            format!("There is no interface {name}, or it is down. This goes on once it is up.")
        }
        (NetworkProblem::NoInterface, _) => {
            "No network that carries multicast is up. Connect one; this goes on by itself."
                .to_owned()
        }
        (NetworkProblem::PortTaken { port }, _) => {
            format!(
                "Another program holds UDP port {port} and does not share it. Close it to hear announcements."
            )
        }
        (NetworkProblem::CannotSend, _) => {
            "The system refuses to send to the network. Check the firewall and the interface."
                .to_owned()
        }
    }
}

/// Why no group was leased, and what to do.
pub fn unleased_sentence(why: &Unleased) -> String {
    match why {
        Unleased::NoServer => "No MADCAP server answers.".to_owned(),
        Unleased::NoScope => {
            "The MADCAP server has no groups that reach so far, and no farther.".to_owned()
        }
        Unleased::Refused(server, refusal) => {
            format!(
                "{} leases no group: {}.",
                server.ip(),
                refusal_words(refusal)
            )
        }
    }
}

/// That the clocks differ: it matters, since others come to a conference by theirs.
pub fn clock_sentence(server: SocketAddr, ahead_secs: i64) -> String {
    let (minutes, side) = (
        ahead_secs.abs() / 60,
        if ahead_secs > 0 { "ahead of" } else { "behind" },
    );
    format!(
        "This computer's clock is {minutes} minutes {side} that of {}.",
        server.ip()
    )
}

fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::CannotComplete(Some(code::SCOPE)) => "it has none of that scope".to_owned(),
        Refusal::CannotComplete(Some(code::MIN_LEASE_TIME | code::LEASE_TIME)) => {
            "none is free for so long".to_owned()
        }
        Refusal::CannotComplete(Some(code::START_TIME | code::MAX_START_TIME)) => {
            "none is free at that time".to_owned()
        }
        Refusal::CannotComplete(_) => "none is free".to_owned(),
        Refusal::ClockSkew(UnixTime(theirs)) => {
            let shown = jiff::Timestamp::from_second((*theirs).into());
            let shown = shown.map(|time| time.to_string()).unwrap_or_default();
            format!("its clock shows {shown}; set the one that is wrong")
        }
        Refusal::UnknownLease => "it does not know the lease".to_owned(),
        Refusal::Invalid(_) | Refusal::Unsupported(_) | Refusal::Other(_) => {
            "it does not understand the request".to_owned()
        }
    }
}

/// Says on the command line what is wrong with the network, once: it may pass, so the command goes on.
pub fn tell_network(station: &Station, told: &mut Option<NetworkProblem>) {
    let network = station.network();
    let problem = network.problem;
    if problem != *told {
        match problem {
            Some(problem) => eprintln!("{}", network_sentence(problem, &network.choice)),
            None => eprintln!("The network is back."),
        }
        *told = problem;
    }
}

/// The interfaces in use, as a person would name them.
pub fn interface_names(station: &Station) -> String {
    let network = station.network();
    let names: Vec<&str> = network
        .interfaces
        .iter()
        .map(|interface| interface.name.as_str())
        .collect();
    if names.is_empty() {
        "any network".to_owned()
    } else {
        names.join(", ")
    }
}

/// Whether it is known of each directory whether it is there.
pub fn is_settled(station: &Station) -> bool {
    let statuses = station.directories().statuses();
    statuses.iter().all(DirectoryStatus::is_settled)
}

/// Says on the command line which directories are not there.
pub fn tell_directories(station: &Station) {
    for status in station.directories().statuses() {
        match status.state {
            DirectoryState::Away(reason) => eprintln!("{}: {reason}.", status.url),
            DirectoryState::Connecting => eprintln!("{} has not answered yet.", status.url),
            DirectoryState::Connected(_) if status.omitted > 0 => {
                eprintln!("{}: {} more are not listed.", status.url, status.omitted);
            }
            DirectoryState::Connected(info) if info.is_partial => {
                eprintln!("{}: it gives only some of its conferences.", status.url);
            }
            DirectoryState::Connected(_) => {}
        }
    }
}
