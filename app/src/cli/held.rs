//! The leased groups of a conference that a command changes: kept for its new times, or given back.
use std::time::Duration;

use conf_core::leases::{
    ClientEvent, HeldLeases, Kept, Leases, LeasesOptions, Madcap, Need, UnixTime,
};
use conf_core::net::NetThread;
use conf_core::{ConferenceId, Description, InterfaceChoice};

use super::groups;
use super::stop::Waiter;
use super::text::local;
use crate::{host, paths};

/// Has the lease follow the conference's times, if there is one, and says what came of it.
pub(super) fn follow(description: &Description, waiter: &Waiter) {
    with_lease(description.id(), waiter, |leases| {
        leases.follow(description);
        let need = Need::of(description);
        let answered = groups::wait(leases, waiter, PATIENCE, |event| match event {
            ClientEvent::Leased(lease) if lease.want.need == need => {
                Some(leased(lease.grant.window.end))
            }
            ClientEvent::Refused(_, why) => Some(format!(
                "Its groups are not leased for its new times: {}",
                host::unleased_sentence(&why)
            )),
            ClientEvent::Lost(_, why) => Some(format!(
                "Its groups are no longer leased: {}",
                host::unleased_sentence(&why)
            )),
            _ => None,
        });
        let told = answered.map(|told| told.unwrap_or_else(|| NO_ANSWER.to_owned()));
        match told {
            Ok(told) => eprintln!("{told}"),
            Err(failure) => eprintln!("{failure}"),
        }
    });
}

/// Gives the lease of a conference back, if there is one.
pub(super) fn release(conference: ConferenceId, waiter: &Waiter) {
    with_lease(conference, waiter, |leases| {
        leases.release(conference);
        let is_released =
            |event| matches!(event, ClientEvent::Released(_) | ClientEvent::Lost(..)).then_some(());
        if let Ok(None) = groups::wait(leases, waiter, PATIENCE, is_released) {
            eprintln!("{NO_ANSWER}");
        }
    });
}

/// Only where this user holds one.
fn with_lease(conference: ConferenceId, waiter: &Waiter, act: impl FnOnce(&Leases)) {
    let folder = paths::data_dir().map(|dir| dir.join("leases"));
    let Some(folder) = folder.filter(|folder| HeldLeases::new(folder).has(conference)) else {
        return;
    };
    // Its server is in the lease; the settings matter only where that has forgotten it.
    let servers = groups::set().ok().flatten().unwrap_or(Madcap::Anyone);
    let options = LeasesOptions {
        interface: InterfaceChoice::Default,
        servers,
        patience: PATIENCE,
        language: None,
        folder: Some(folder),
        kept: Kept::Of(conference),
        wake: waiter.waker(),
        seed: host::seed(),
    };
    let started = NetThread::start().and_then(|net| {
        let leases = Leases::start(&net.handle(), options, host::moment())?;
        Ok((net, leases))
    });
    match started {
        Ok((net, leases)) => {
            act(&leases);
            drop(leases);
            net.shutdown();
        }
        Err(error) => eprintln!("The lease of its groups cannot be changed: {error}"),
    }
}

fn leased(until: UnixTime) -> String {
    format!("Its groups are leased until {}.", local(until.to_wall()))
}

const NO_ANSWER: &str =
    "The server that leased its groups does not answer; they stay leased as they were.";
/// As long as a person waits: two of the RFC's four attempts.
const PATIENCE: Duration = Duration::from_secs(10);
