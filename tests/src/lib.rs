//! What the tests share: a simulated network, real networks out of namespaces, and ears to judge sound with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test harness may panic: that is a failed test"
)]

pub mod lan;
pub mod sound;
pub mod speech;
pub mod tone;
