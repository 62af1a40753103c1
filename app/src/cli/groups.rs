//! The groups of a new conference: given by the user, leased from a server, or picked here.
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use conf_core::leases::{
    ClientEvent, Lease, LeaseId, Leases, Madcap, Need, UnixTime, Unleased, Want,
};
use conf_core::{ConferenceId, IpVersion, Scope, Station, claim_port};
use serde_json::{Value, json};

use super::args::CreateArguments;
use super::failure::{Failure, FailureKind};
use super::stop::{Awakened, Waiter};
use super::text::local;
use crate::host::{self, Groups};
use crate::{paths, settings_file};

/// One group with a port for each medium, and where they come from.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) groups: Vec<SocketAddr>,
    lease: Option<Lease>,
    is_given: bool,
}

/// What the groups are for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purpose {
    pub(super) scope: Scope,
    /// Media with a group of their own.
    pub(super) mediums: u16,
    /// Further groups, consecutive if possible, that share a port: those of large pictures.
    pub(super) range: u16,
    pub(super) start: Option<SystemTime>,
    pub(super) stop: Option<SystemTime>,
}

impl Chosen {
    /// Finds groups for a new conference.
    pub(super) fn find(
        arguments: &CreateArguments,
        station: &Station,
        waiter: &Waiter,
        purpose: Purpose,
        rng: &mut fastrand::Rng,
    ) -> Result<Self, Failure> {
        if let Some(address) = arguments.address {
            return Ok(Self::given(address.group, purpose.mediums, rng));
        }
        let version = if arguments.ipv6 {
            IpVersion::V6
        } else {
            IpVersion::V4
        };
        let mut groups = Vec::new();
        let leased = station
            .leases()
            .map(|leases| lease(leases, waiter, purpose, version, rng));
        let lease = match leased.transpose() {
            // What only the settings say is done as well as can be.
            Err(failure) if arguments.madcap.is_none() => {
                eprintln!("{failure}");
                None
            }
            other => other?,
        };
        let leased = lease.iter().flat_map(|lease| lease.grant.groups.iter());
        groups.extend(leased.map(|group| SocketAddr::new(*group, claim_port(rng))));
        let in_use = Groups::in_use(&station.catalogue());
        let of_range = groups
            .get(usize::from(purpose.mediums))
            .map(SocketAddr::port);
        if let Some(port) = of_range {
            let range = groups.iter_mut().skip(usize::from(purpose.mediums));
            range.for_each(|group| group.set_port(port));
        }
        while groups.len() < usize::from(purpose.mediums) {
            let group = in_use
                .claim(purpose.scope, version, rng)
                .map_err(Failure::other)?;
            if groups.iter().all(|other| other.ip() != group.ip()) {
                groups.push(group);
            }
        }
        if of_range.is_none() && purpose.range > 0 {
            let range = in_use.claim_range(purpose.scope, version, purpose.range, &groups, rng);
            groups.extend(range.map_err(Failure::other)?);
        }
        Ok(Self {
            groups,
            lease,
            is_given: false,
        })
    }

    /// The group that the user chose for all mediums: they differ in their ports, and RTCP has the port after each.
    fn given(group: IpAddr, mediums: u16, rng: &mut fastrand::Rng) -> Self {
        let first = claim_port(rng);
        let ports = (0..mediums).map(|number| match first.checked_add(number * 2) {
            Some(port) if port < u16::MAX => port,
            _ => first - number * 2,
        });
        Self {
            groups: ports.map(|port| SocketAddr::new(group, port)).collect(),
            lease: None,
            is_given: true,
        }
    }

    /// From now on the lease is the conference's.
    pub(super) fn assign(&self, station: &Station, conference: ConferenceId) {
        if let (Some(leases), Some(lease)) = (station.leases(), &self.lease) {
            leases.assign(lease.want.id.clone(), conference);
        }
    }

    /// No conference came of it.
    pub(super) fn give_back(&self, station: &Station) {
        if let (Some(leases), Some(lease)) = (station.leases(), &self.lease) {
            leases.give_back(lease.want.id.clone());
        }
    }

    /// Where they come from, as one would say it.
    pub(super) fn sentence(&self) -> Option<String> {
        if self.is_given {
            return None;
        }
        let Some(lease) = &self.lease else {
            let one = "Its group was picked here, at random among those that nobody announces.";
            let several =
                "Its groups were picked here, at random among those that nobody announces.";
            return Some(if self.groups.len() == 1 { one } else { several }.to_owned());
        };
        let groups: Vec<String> = lease.grant.groups.iter().map(ToString::to_string).collect();
        let verb = if groups.len() == 1 { "is" } else { "are" };
        let until = local(lease.grant.window.end.to_wall());
        let server = lease.grant.server.ip();
        Some(format!(
            "{} {verb} leased from {server} until {until}.",
            groups.join(" and ")
        ))
    }

    /// The same for a program.
    pub(super) fn json(&self) -> Value {
        let groups = self.groups.iter().map(|group| {
            let leased = self.lease.as_ref();
            let leased = leased.filter(|lease| lease.grant.groups.contains(&group.ip()));
            let from = match leased {
                _ if self.is_given => "given",
                Some(_) => "leased",
                None => "picked",
            };
            let UnixTime(until) = leased.map(|lease| lease.grant.window.end).unwrap_or_default();
            json!({
                "group": group.to_string(),
                "from": from,
                "server": leased.map(|lease| lease.grant.server.to_string()),
                "until": leased.and_then(|_| jiff::Timestamp::from_second(until.into()).ok()).map(|time| time.to_string()),
            })
        });
        groups.collect()
    }
}

/// Who leases: whoever the command line names, else the settings.
pub(super) fn madcap(arguments: &CreateArguments) -> Result<Option<Madcap>, Failure> {
    if arguments.madcap.is_some() || arguments.address.is_some() {
        return Ok(arguments.madcap.clone());
    }
    let settings = paths::data_dir().map(|dir| settings_file::load(&dir));
    let text = settings.unwrap_or_default().madcap;
    let set = (!text.trim().is_empty()).then(|| parse_madcap(text.trim()));
    set.transpose()
        .map_err(|error| Failure::new(FailureKind::Usage, format!("settings.toml: {error}")))
}

/// Reads who leases: "auto", or addresses with or without a port.
pub(super) fn parse_madcap(text: &str) -> Result<Madcap, String> {
    if text == "auto" {
        return Ok(Madcap::Anyone);
    }
    let server = |text: &str| {
        let with_port = text.parse::<SocketAddr>().ok();
        let with_port = with_port.or_else(|| {
            let address = text.trim_matches(['[', ']']).parse().ok()?;
            Some(SocketAddr::new(address, conf_core::leases::PORT))
        });
        with_port.ok_or_else(|| format!("“{text}” is no address of a server, nor “auto”"))
    };
    let servers: Result<Vec<SocketAddr>, String> = text.split(',').map(server).collect();
    servers.map(Madcap::Servers)
}

fn lease(
    leases: &Leases,
    waiter: &Waiter,
    purpose: Purpose,
    version: IpVersion,
    rng: &mut fastrand::Rng,
) -> Result<Lease, Failure> {
    let id = LeaseId::random(rng);
    leases.lease(Want {
        id: id.clone(),
        scope: purpose.scope,
        version,
        count: purpose.mediums + purpose.range,
        need: Need {
            from: purpose.start.map(UnixTime::from_wall),
            until: purpose.stop.map(UnixTime::from_wall),
        },
    });
    let deadline = Instant::now() + LONGEST;
    loop {
        while let Some(event) = leases.poll_event() {
            match event.what {
                ClientEvent::Leased(lease) if lease.want.id == id => return Ok(lease),
                ClientEvent::Refused(of, why) if of == id => return Err(unleased(&why)),
                ClientEvent::ClockSkew(server, secs) => {
                    eprintln!("{}", host::clock_sentence(server, secs));
                }
                _ => {}
            }
        }
        match waiter.wait(Some(deadline)) {
            Awakened::Woken => {}
            Awakened::Due => return Err(unleased(&Unleased::NoServer)),
            Awakened::Stopped => return Err(Failure::other("stopped before there was a group")),
        }
    }
}

fn unleased(why: &Unleased) -> Failure {
    Failure::other(host::unleased_sentence(why))
}

/// Longer than it takes to give up several servers.
const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_and_without_a_port() {
        let servers = |text| {
            parse_madcap(text).map(|madcap| match madcap {
                Madcap::Anyone => "anyone".to_owned(),
                Madcap::Servers(servers) => format!("{servers:?}"),
            })
        };
        assert_eq!(servers("auto").unwrap(), "anyone");
        assert_eq!(servers("10.0.0.1").unwrap(), "[10.0.0.1:2535]");
        assert_eq!(
            servers("10.0.0.1:99,[fd00::1]:7,fd00::2").unwrap(),
            "[10.0.0.1:99, [fd00::1]:7, [fd00::2]:2535]"
        );
        assert!(servers("madcap.example").is_err());
        assert!(servers("").is_err());
    }

    #[test]
    fn a_given_group_has_a_pair_of_ports_for_each_medium() {
        let group = IpAddr::from([239, 255, 1, 2]);
        let chosen = Chosen::given(group, 2, &mut fastrand::Rng::with_seed(1));
        assert_eq!(chosen.groups[0].port().abs_diff(chosen.groups[1].port()), 2);
        assert_eq!(chosen.sentence(), None);
        assert_eq!(chosen.json()[1]["from"], "given");
    }
}
