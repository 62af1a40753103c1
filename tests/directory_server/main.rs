//! The embedded directory server as others see it: OpenLDAP's tools, hostile clients, and a process that is killed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed trial panics"
)]

#[cfg(target_os = "linux")]
mod crash;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod keyring;
#[cfg(target_os = "linux")]
mod secrets;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod tools;
#[cfg(target_os = "linux")]
mod watching;

#[cfg(target_os = "linux")]
fn main() {
    let trials = [
        tools::TRIALS,
        watching::TRIALS,
        hostile::TRIALS,
        crash::TRIALS,
        secrets::TRIALS,
        keyring::TRIALS,
    ];
    conf_tests::trials::run(&trials.concat(), None);
}

#[cfg(not(target_os = "linux"))]
fn main() {
    conf_tests::trials::run(&[], None);
}
