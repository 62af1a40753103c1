//! What `directory serve` does for the local network besides: it can be found, and leases multicast groups.
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use clap::Args;
use conf_core::InterfaceChoice;
use conf_core::dns_sd::{Advertisement, Service};
use conf_core::leases::{MadcapServer, MadcapServerOptions, PORT, ServerOptions};
use conf_core::net::NetThread;
use serde_json::json;

use super::super::failure::{Failure, FailureKind};
use super::super::json;
use crate::host;

/// Options of `directory serve` about the local network.
#[derive(Args, Debug)]
pub(super) struct NeighbourArguments {
    /// Lease multicast groups as well, to whoever asks (MADCAP, UDP port 2535)
    #[arg(long)]
    madcap: bool,
    /// Lease these groups only, of the scope that they are of, e.g. 239.255.16.0-239.255.31.255
    #[arg(long, value_name = "FIRST-LAST", requires = "madcap")]
    pool: Vec<Pool>,
    /// Do not let programs on the local network find this server by themselves
    #[arg(long)]
    hidden: bool,
    /// Network interface to be found and to lease on, or "all" [default: the one with a multicast route]
    #[arg(
        long,
        value_name = "IF",
        default_value = "default",
        hide_default_value = true
    )]
    interface: InterfaceChoice,
}

/// Groups that may be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pool {
    first: IpAddr,
    last: IpAddr,
}

impl FromStr for Pool {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("“{text}” is not FIRST-LAST, two multicast groups");
        let (first, last) = text.split_once('-').ok_or_else(wanted)?;
        let group = |text: &str| text.parse::<IpAddr>().ok().filter(IpAddr::is_multicast);
        let (first, last) = group(first).zip(group(last)).ok_or_else(wanted)?;
        let is_range = first <= last && first.is_ipv4() == last.is_ipv4();
        is_range.then_some(Self { first, last }).ok_or_else(wanted)
    }
}

/// What runs for the local network; dropping it says goodbye.
#[derive(Debug)]
pub(super) struct Neighbours {
    advertisement: Option<Advertisement>,
    madcap: Option<MadcapServer>,
    net: NetThread,
}

impl Neighbours {
    /// Starts what is wanted; nothing is advertised that only this computer can reach. `listening` tells where, and
    /// whether with encryption from the start.
    pub(super) fn start(
        arguments: &NeighbourArguments,
        data: &Path,
        listening: &[(SocketAddr, bool)],
        is_json: bool,
    ) -> Result<Self, Failure> {
        let net = NetThread::start().map_err(Failure::other)?;
        let madcap = if arguments.madcap {
            Some(lease(arguments, &net, data, is_json)?)
        } else {
            None
        };
        let reachable = listening
            .iter()
            .filter(|(address, _)| !address.ip().is_loopback());
        // What begins without encryption can go on with it, and is understood by more clients.
        let reachable = reachable.min_by_key(|(_, is_tls)| *is_tls);
        let advertisement = reachable
            .filter(|_| !arguments.hidden)
            .map(|(address, is_tls)| {
                let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
                let service = Service {
                    instance: instance(),
                    port: address.port(),
                    text: vec![
                        pair("base", "o=rendezvous"),
                        pair("tls", if *is_tls { "ldaps" } else { "starttls" }),
                    ],
                };
                let interface = arguments.interface.clone();
                Advertisement::start(&net.handle(), interface, service, host::seed())
            });
        Ok(Self {
            advertisement: advertisement.transpose().map_err(Failure::other)?,
            madcap,
            net,
        })
    }

    /// Says goodbye, and ends when all is on disk.
    pub(super) fn stop(self) {
        drop(self.advertisement);
        drop(self.madcap);
        self.net.shutdown();
    }
}

fn lease(
    arguments: &NeighbourArguments,
    net: &NetThread,
    data: &Path,
    is_json: bool,
) -> Result<MadcapServer, Failure> {
    let options = MadcapServerOptions {
        interface: arguments.interface.clone(),
        port: PORT,
        leases: Some(data.join("leases.jsonl")),
        server: server(&arguments.pool)?,
        seed: host::seed(),
    };
    let pools: Vec<String> = options
        .server
        .scopes
        .iter()
        .map(|scope| format!("{}-{}", scope.first, scope.last))
        .collect();
    let server = MadcapServer::start(&net.handle(), options, host::moment());
    let server = server.map_err(Failure::other)?;
    if is_json {
        json::print(&json!({ "event": "leasing", "port": PORT, "pools": pools }))?;
    } else {
        println!("leases {} (MADCAP)", pools.join(", "));
    }
    Ok(server)
}

/// Each pool takes the place of all groups of its scope; scopes without one are left out, unless none is told.
fn server(pools: &[Pool]) -> Result<ServerOptions, Failure> {
    let mut options = ServerOptions::default();
    if pools.is_empty() {
        return Ok(options);
    }
    let known = std::mem::take(&mut options.scopes);
    for Pool { first, last } in pools {
        let mut of = known.iter();
        let of = of.find(|served| served.scope.contains(*first) && served.scope.contains(*last));
        let Some(served) = of else {
            let sentence =
                format!("{first}-{last} is not within the groups of room, site or organisation");
            return Err(Failure::new(FailureKind::Usage, sentence));
        };
        if options
            .scopes
            .iter()
            .any(|other| other.scope.first == served.scope.first)
        {
            let sentence = format!("{first}-{last} is the second pool of its scope");
            return Err(Failure::new(FailureKind::Usage, sentence));
        }
        let mut served = served.clone();
        (served.first, served.last) = (*first, *last);
        options.scopes.push(served);
    }
    Ok(options)
}

/// What people see in a list of servers.
fn instance() -> String {
    let names = ["HOSTNAME", "COMPUTERNAME"].into_iter();
    let name = names.filter_map(|key| std::env::var(key).ok()).next();
    let name = name.or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let name = name.unwrap_or_default();
    let name = name.trim().split('.').next().unwrap_or_default().to_owned();
    if name.is_empty() {
        "Rendezvous".to_owned()
    } else {
        format!("Rendezvous on {name}").chars().take(40).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_a_part_of_its_scope() {
        let pool = |text: &str| text.parse::<Pool>();
        let site = pool("239.255.16.0-239.255.31.255").unwrap();
        let far = pool("ff18::9000:0-ff18::9000:ffff").unwrap();
        let options = server(&[site, far]).unwrap();
        let scopes: Vec<String> = options
            .scopes
            .iter()
            .map(|served| format!("{} {} {}", served.scope.first, served.first, served.last))
            .collect();
        let expected = [
            "239.255.0.0 239.255.16.0 239.255.31.255",
            "ff18:: ff18::9000:0 ff18::9000:ffff",
        ];
        assert_eq!(scopes, expected);
        assert!(server(&[site, site]).is_err());
        assert!(server(&[pool("224.1.0.0-224.1.0.9").unwrap()]).is_err());
        for text in [
            "239.255.16.0",
            "239.255.2.0-239.255.1.0",
            "10.0.0.1-10.0.0.9",
            "239.0.0.1-ff15::1",
        ] {
            assert!(pool(text).is_err(), "{text}");
        }
    }
}
