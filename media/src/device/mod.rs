//! Microphones and speakers, and the files, tones and silence that stand in for them.
mod state;
mod terminal;

pub use state::DeviceState;
pub use terminal::{Terminal, TerminalError};
