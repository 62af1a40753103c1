//! The groups of `create`: waits for their lease, and says where they come from.
use std::time::{Duration, Instant};

use conf_core::leases::{ClientEvent, Lease, LeaseId, Leases, Madcap, UnixTime, Unleased};
use conf_core::{IpVersion, Station};
use serde_json::{Value, json};

use super::args::CreateArguments;
use super::failure::{Failure, FailureKind};
use super::stop::{Awakened, Waiter};
use super::text::local;
use crate::groups::{self, Chosen, Purpose};
use crate::{host, paths, settings_file};

/// Finds groups for a new conference.
pub(super) fn find(
    arguments: &CreateArguments,
    station: &Station,
    waiter: &Waiter,
    purpose: &Purpose,
    rng: &mut fastrand::Rng,
) -> Result<Chosen, Failure> {
    if let Some(address) = arguments.address {
        return Ok(Chosen::given(address.group, purpose.mediums, rng));
    }
    let leased = station
        .leases()
        .map(|leases| lease(leases, waiter, purpose, rng));
    let lease = match leased.transpose() {
        // What only the settings say is done as well as can be.
        Err(failure) if arguments.madcap.is_none() => {
            eprintln!("{failure}");
            None
        }
        other => other?,
    };
    let known = station.catalogue();
    Chosen::complete(lease, purpose, &known, rng).map_err(Failure::other)
}

/// The family that the user wants.
pub(super) fn version(arguments: &CreateArguments) -> IpVersion {
    if arguments.ipv6 {
        IpVersion::V6
    } else {
        IpVersion::V4
    }
}

/// Where they come from, as one would say it.
pub(super) fn sentence(chosen: &Chosen) -> Option<String> {
    if chosen.is_given {
        return None;
    }
    let Some(lease) = &chosen.lease else {
        let one = "Its group was picked here, at random among those that nobody announces.";
        let several = "Its groups were picked here, at random among those that nobody announces.";
        let is_one = chosen.groups.len() == 1;
        return Some(if is_one { one } else { several }.to_owned());
    };
    let groups: Vec<String> = lease.grant.groups.iter().map(ToString::to_string).collect();
    let verb = if groups.len() == 1 { "is" } else { "are" };
    let until = local(lease.grant.window.end.to_wall());
    let server = lease.grant.server.ip();
    let groups = groups.join(" and ");
    Some(format!(
        "{groups} {verb} leased from {server} until {until}."
    ))
}

/// The same for a program.
pub(super) fn json(chosen: &Chosen) -> Value {
    let groups = chosen.groups.iter().map(|group| {
        let leased = chosen.lease.as_ref();
        let leased = leased.filter(|lease| lease.grant.groups.contains(&group.ip()));
        let from = match leased {
            _ if chosen.is_given => "given",
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

/// Who leases: whoever the command line names, else the settings.
pub(super) fn madcap(arguments: &CreateArguments) -> Result<Option<Madcap>, Failure> {
    if arguments.madcap.is_some() || arguments.address.is_some() {
        return Ok(arguments.madcap.clone());
    }
    set()
}

/// Who leases by the settings.
pub(super) fn set() -> Result<Option<Madcap>, Failure> {
    let settings = paths::data_dir().map(|dir| settings_file::load(&dir));
    groups::parse_madcap(&settings.unwrap_or_default().madcap)
        .map_err(|error| Failure::new(FailureKind::Usage, format!("settings.toml: {error}")))
}

/// Reads `--madcap`.
pub(super) fn parse_madcap(text: &str) -> Result<Madcap, String> {
    groups::parse_madcap(text)?.ok_or_else(|| "give the address of a server, or “auto”".to_owned())
}

fn lease(
    leases: &Leases,
    waiter: &Waiter,
    purpose: &Purpose,
    rng: &mut fastrand::Rng,
) -> Result<Lease, Failure> {
    let id = LeaseId::random(rng);
    leases.lease(purpose.want(id.clone()));
    let answered = wait(leases, waiter, LONGEST, |event| match event {
        ClientEvent::Leased(lease) if lease.want.id == id => Some(Ok(lease)),
        ClientEvent::Refused(of, why) if of == id => Some(Err(unleased(&why))),
        _ => None,
    });
    answered?.unwrap_or_else(|| Err(unleased(&Unleased::NoServer)))
}

/// Waits so long for an event that fits; nothing where none comes in time.
pub(super) fn wait<T>(
    leases: &Leases,
    waiter: &Waiter,
    longest: Duration,
    fits: impl Fn(ClientEvent) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let deadline = Instant::now() + longest;
    loop {
        while let Some(event) = leases.poll_event() {
            if let ClientEvent::ClockSkew(server, secs) = event.what {
                eprintln!("{}", host::clock_sentence(server, secs));
            } else if let Some(found) = fits(event.what) {
                return Ok(Some(found));
            }
        }
        match waiter.wait(Some(deadline)) {
            Awakened::Woken => {}
            Awakened::Due => return Ok(None),
            Awakened::Stopped => return Err(Failure::other("stopped before the server answered")),
        }
    }
}

/// Longer than it takes to give up several servers.
const LONGEST: Duration = Duration::from_secs(60);

fn unleased(why: &Unleased) -> Failure {
    Failure::other(host::unleased_sentence(why))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_given_group_needs_no_sentence() {
        let group = IpAddr::from([239, 255, 1, 2]);
        let chosen = Chosen::given(group, 2, &mut fastrand::Rng::with_seed(1));
        assert_eq!(sentence(&chosen), None);
        assert_eq!(json(&chosen)[1]["from"], "given");
    }
}
