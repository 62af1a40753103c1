//! From packets as they come to sound as it must be played: order, delay, and what to do about what is missing.
//!
//! One [`Playout`] serves one source:
//!
//! * [`buffer`] holds packets in order and knows duplicates, late ones and restarts;
//! * [`delay`] learns from arrival times how long packets must wait;
//! * [`playout`] decides what is played next, conceals what is missing, and goes past what is late by accident;
//! * [`stretch`] shortens or lengthens sound when the delay is wrong.
//!
//! All times are *ticks*: samples at 48 kHz, counted from the first packet of the source.
pub mod buffer;
mod counters;
pub mod delay;
mod fifo;
mod overtake;
pub mod playout;
mod regulate;
pub mod stretch;
mod timeline;

pub use buffer::{Insert, PacketBuffer};
pub use counters::SourceCounters;
pub use delay::DelayEstimator;
pub use playout::Playout;
