//! The directory client against real servers: our own, OpenLDAP, and Samba as an Active Directory.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed trial panics"
)]

#[cfg(unix)]
mod clocks;
#[cfg(unix)]
mod embedded;
#[cfg(unix)]
mod failover;
#[cfg(unix)]
mod openldap;
#[cfg(unix)]
mod people;
#[cfg(unix)]
mod samba;
#[cfg(unix)]
mod standard;
#[cfg(unix)]
mod tls;
#[cfg(unix)]
mod watching;

#[cfg(unix)]
fn main() {
    let trials = [
        embedded::TRIALS,
        standard::TRIALS,
        tls::TRIALS,
        watching::TRIALS,
        failover::TRIALS,
        clocks::TRIALS,
        samba::TRIALS,
    ];
    conf_tests::trials::run(&trials.concat(), None);
}

#[cfg(not(unix))]
fn main() {
    conf_tests::trials::run(&[], None);
}
