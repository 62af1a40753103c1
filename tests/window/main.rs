//! The real window, used as a person would: by keyboard, with a sound server, on a network with somebody else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed trial panics"
)]

#[cfg(target_os = "linux")]
mod panes;
#[cfg(target_os = "linux")]
mod seen;
#[cfg(target_os = "linux")]
mod share;
#[cfg(target_os = "linux")]
mod talk;
#[cfg(target_os = "linux")]
mod wayland;

#[cfg(target_os = "linux")]
fn main() {
    let obstacle = conf_tests::netns::enter();
    let trials = [
        talk::TRIALS,
        seen::TRIALS,
        panes::TRIALS,
        share::TRIALS,
        wayland::TRIALS,
    ]
    .concat();
    conf_tests::trials::run(&trials, obstacle.err().as_deref());
}

#[cfg(not(target_os = "linux"))]
fn main() {
    conf_tests::trials::run(&[], None);
}
