//! Microphones and speakers, and the files, tones and silence that stand in for them.
//!
//! Opening and closing takes as long as a sound server or a disk likes, so each terminal has a
//! thread that does it (`keeper.rs`); the audio thread holds one end of a ring. Nothing here asks
//! the sound system for anything unless a device is named.
mod keeper;
mod list;
mod microphone;
mod ogg_opus;
mod player;
mod port;
mod recorder;
mod sound_file;
mod speaker;
mod state;
mod system;
mod terminal;
mod test_pattern;
mod wav;

pub use list::{DeviceInfo, Direction, ListError, list_devices};
pub(crate) use microphone::Microphone;
pub(crate) use speaker::Speaker;
pub use state::DeviceState;
pub use terminal::{Terminal, TerminalError};
pub use test_pattern::{PatternStamp, TestPattern};
