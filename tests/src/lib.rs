//! What the tests share: a simulated network, real networks out of namespaces, and ears to judge sound with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test harness may panic: that is a failed test"
)]

pub mod beside;
#[cfg(target_os = "linux")]
pub mod cinema;
pub mod cost;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod film;
#[cfg(target_os = "linux")]
pub mod full_room;
pub mod lan;
pub mod ldap;
pub mod meeting;
#[cfg(target_os = "linux")]
pub mod netns;
pub mod noticeboard;
pub mod onlooker;
#[cfg(target_os = "linux")]
pub mod portal;
#[cfg(target_os = "linux")]
pub mod replay;
pub mod reporter;
pub mod running;
pub mod screening;
pub mod seat;
pub mod sound;
pub mod speech;
pub mod tone;
pub mod trials;
