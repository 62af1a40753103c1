//! Microphones, speakers, cameras and screens, and the files, tones, patterns and silence that stand in for them.
//!
//! Opening and closing takes as long as a sound server or a disk likes, so each terminal has a
//! thread that does it (`keeper.rs`); the audio thread holds one end of a ring. Nothing here asks
//! the sound system for anything unless a device is named.
mod camera;
mod camera_form;
mod h264_file;
mod keeper;
mod list;
mod microphone;
mod ogg_opus;
mod pane;
mod picture_sink;
mod player;
mod port;
#[cfg(target_os = "linux")]
mod portal;
mod preview;
mod recorder;
mod screen;
mod sound_file;
mod speaker;
mod state;
mod system;
mod terminal;
mod test_pattern;
mod video_source;
mod video_terminal;
mod wav;
#[cfg(target_os = "linux")]
mod x11;
mod y4m;
mod y4m_samples;

pub use camera::list_cameras;
pub use camera_form::CameraForm;
pub use list::{DeviceInfo, Direction, ListError, list_devices};
pub(crate) use microphone::Microphone;
pub use pane::{PaneError, PaneId, PanePlace, PaneWaker, Panes};
pub use picture_sink::{PictureRecorder, PictureSink};
pub use preview::CameraPreview;
pub use screen::{Shareable, Shareables, list_shareables};
pub(crate) use speaker::Speaker;
pub use state::DeviceState;
pub use terminal::{Terminal, TerminalError};
pub use test_pattern::{PatternStamp, TestPattern};
pub(crate) use video_source::VideoSource;
pub use video_terminal::{VideoTerminal, VideoTerminalError, WindowName};
pub use y4m::{Y4mError, Y4mReader, Y4mWriter};
