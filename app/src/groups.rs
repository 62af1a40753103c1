//! The groups of a new conference: given by the user, leased from a server, or picked here.
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::leases::{Lease, LeaseId, Madcap, Need, UnixTime, Want};
use conf_core::{
    CatalogueEntry, ConferenceId, IpVersion, Scope, Station, claim, claim_port, claim_range,
};

/// What the groups are for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// How far it reaches.
    pub scope: Scope,
    /// Of which family.
    pub version: IpVersion,
    /// Media with a group of their own.
    pub mediums: u16,
    /// Further groups, consecutive if possible, that share a port: those of large pictures.
    pub range: u16,
    /// When it begins; at once without.
    pub start: Option<SystemTime>,
    /// When it ends, if it does.
    pub stop: Option<SystemTime>,
}

impl Purpose {
    /// What a server is asked for.
    pub fn want(&self, id: LeaseId) -> Want {
        Want {
            id,
            scope: self.scope,
            version: self.version,
            count: self.mediums + self.range,
            need: Need {
                from: self.start.map(UnixTime::from_wall),
                until: self.stop.map(UnixTime::from_wall),
            },
        }
    }

    /// Picks consecutive groups that share a port, and that are none of `others` either.
    fn claim_range(
        &self,
        in_use: &HashSet<IpAddr>,
        others: &[SocketAddr],
        rng: &mut fastrand::Rng,
    ) -> Result<Vec<SocketAddr>, NoneFree> {
        let is_taken =
            |group| in_use.contains(&group) || others.iter().any(|other| other.ip() == group);
        let groups = claim_range(self.scope, self.version, self.range, rng, &is_taken);
        let port = claim_port(rng);
        let groups = groups.ok_or(NoneFree(self.scope))?.into_iter();
        Ok(groups.map(|group| SocketAddr::new(group, port)).collect())
    }
}

/// One group with a port for each medium, and where they come from.
#[derive(Debug)]
pub struct Chosen {
    /// In the order of the mediums.
    pub groups: Vec<SocketAddr>,
    /// By which all or some of them are held.
    pub lease: Option<Lease>,
    /// The user chose them.
    pub is_given: bool,
}

impl Chosen {
    /// The group that the user chose for all mediums: they differ in their ports, and RTCP has the port after each.
    pub fn given(group: IpAddr, mediums: u16, rng: &mut fastrand::Rng) -> Self {
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

    /// Those of the lease, if there is one; what is missing is picked among those that nobody known uses.
    ///
    /// # Errors
    /// When the scope is as good as full.
    pub fn complete(
        lease: Option<Lease>,
        purpose: &Purpose,
        known: &[Arc<CatalogueEntry>],
        rng: &mut fastrand::Rng,
    ) -> Result<Self, NoneFree> {
        let leased = lease.iter().flat_map(|lease| lease.grant.groups.iter());
        let leased = leased.map(|group| SocketAddr::new(*group, claim_port(rng)));
        let mut groups: Vec<SocketAddr> = leased.collect();
        let in_use = in_use(known);
        let of_range = groups
            .get(usize::from(purpose.mediums))
            .map(SocketAddr::port);
        if let Some(port) = of_range {
            let range = groups.iter_mut().skip(usize::from(purpose.mediums));
            range.for_each(|group| group.set_port(port));
        }
        while groups.len() < usize::from(purpose.mediums) {
            let is_taken = |group: IpAddr| {
                in_use.contains(&group) || groups.iter().any(|other| other.ip() == group)
            };
            let claimed = claim(purpose.scope, purpose.version, 1, rng, &is_taken);
            let group = claimed.first().copied().ok_or(NoneFree(purpose.scope))?;
            groups.push(SocketAddr::new(group, claim_port(rng)));
        }
        if of_range.is_none() && purpose.range > 0 {
            groups.extend(purpose.claim_range(&in_use, &groups, rng)?);
        }
        Ok(Self {
            groups,
            lease,
            is_given: false,
        })
    }

    /// From now on the lease is the conference's.
    pub fn assign(&self, station: &Station, conference: ConferenceId) {
        if let (Some(leases), Some(lease)) = (station.leases(), &self.lease) {
            leases.assign(lease.want.id.clone(), conference);
        }
    }

    /// They are the conference's in place of those that it had, whose lease is given back.
    pub fn settle(&self, station: &Station, conference: ConferenceId) {
        match (station.leases(), &self.lease) {
            (Some(_), Some(_)) => self.assign(station, conference),
            (Some(leases), None) => leases.release(conference),
            (None, _) => {}
        }
    }

    /// No conference came of it.
    pub fn give_back(&self, station: &Station) {
        if let (Some(leases), Some(lease)) = (station.leases(), &self.lease) {
            leases.give_back(lease.want.id.clone());
        }
    }
}

/// Every group that was tried is in use.
#[derive(Debug, thiserror::Error)]
#[error("no group of scope {} is free", .0.name())]
pub struct NoneFree(Scope);

/// Those that are announced, published, or in files.
fn in_use(entries: &[Arc<CatalogueEntry>]) -> HashSet<IpAddr> {
    let media = entries.iter().flat_map(|entry| entry.description.mediums());
    let destinations = media.flat_map(|medium| medium.destinations());
    destinations.map(|to| to.rtp.ip()).collect()
}

/// Reads who leases: "auto", addresses with or without a port, or nobody.
///
/// # Errors
/// Which of them is no address.
pub fn parse_madcap(text: &str) -> Result<Option<Madcap>, String> {
    match text.trim() {
        "" => Ok(None),
        "auto" => Ok(Some(Madcap::Anyone)),
        text => {
            let servers: Result<Vec<SocketAddr>, String> = text.split(',').map(server).collect();
            servers.map(|servers| Some(Madcap::Servers(servers)))
        }
    }
}

fn server(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let with_port = text.parse::<SocketAddr>().ok();
    let with_port = with_port.or_else(|| {
        let address = text.trim_matches(['[', ']']).parse().ok()?;
        Some(SocketAddr::new(address, conf_core::leases::PORT))
    });
    with_port.ok_or_else(|| format!("“{text}” is no address of a server, nor “auto”"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_and_without_a_port() {
        let servers = |text| {
            parse_madcap(text).map(|madcap| match madcap {
                None => "nobody".to_owned(),
                Some(Madcap::Anyone) => "anyone".to_owned(),
                Some(Madcap::Servers(servers)) => format!("{servers:?}"),
            })
        };
        assert_eq!(servers(" ").unwrap(), "nobody");
        assert_eq!(servers("auto").unwrap(), "anyone");
        assert_eq!(servers("10.0.0.1").unwrap(), "[10.0.0.1:2535]");
        assert_eq!(
            servers("10.0.0.1:99,[fd00::1]:7, fd00::2").unwrap(),
            "[10.0.0.1:99, [fd00::1]:7, [fd00::2]:2535]"
        );
        assert!(servers("madcap.example").is_err());
    }

    #[test]
    fn a_given_group_has_a_pair_of_ports_for_each_medium() {
        let group = IpAddr::from([239, 255, 1, 2]);
        let chosen = Chosen::given(group, 2, &mut fastrand::Rng::with_seed(1));
        assert_eq!(chosen.groups[0].port().abs_diff(chosen.groups[1].port()), 2);
    }
}
