//! What happens among many: a file for each behaviour, all in virtual time and with fixed seeds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed scenario panics"
)]

mod announcing;
mod collision;
mod goodbye;
mod hearing;
mod join_storm;
mod late_joiner;
mod leases;
mod lips;
mod malformed;
mod partition;
mod reordering;
mod repair;
mod room;
mod seeing;
mod silent_death;
mod sleep;
