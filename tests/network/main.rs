//! The program itself, on real networks between namespaces: alone, and with ffmpeg and GStreamer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed trial panics"
)]

#[cfg(target_os = "linux")]
mod ffmpeg;
#[cfg(target_os = "linux")]
mod find;
#[cfg(target_os = "linux")]
mod gstreamer;
#[cfg(target_os = "linux")]
mod leased;
#[cfg(target_os = "linux")]
mod loopback;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod published;
#[cfg(target_os = "linux")]
mod quality;
#[cfg(target_os = "linux")]
mod refer;
#[cfg(target_os = "linux")]
mod refuse;
#[cfg(target_os = "linux")]
mod talk;
#[cfg(target_os = "linux")]
mod trouble;
#[cfg(target_os = "linux")]
mod video;
#[cfg(target_os = "linux")]
mod video_ffmpeg;
#[cfg(target_os = "linux")]
mod wire;

#[cfg(target_os = "linux")]
fn main() {
    let obstacle = conf_tests::netns::enter();
    let trials = [
        find::TRIALS,
        published::TRIALS,
        leased::TRIALS,
        refer::TRIALS,
        refuse::TRIALS,
        talk::TRIALS,
        loopback::TRIALS,
        trouble::TRIALS,
        video::TRIALS,
        video_ffmpeg::TRIALS,
        quality::TRIALS,
        wire::TRIALS,
        ffmpeg::TRIALS,
        gstreamer::TRIALS,
    ];
    conf_tests::trials::run(&trials.concat(), obstacle.err().as_deref());
}

#[cfg(not(target_os = "linux"))]
fn main() {
    conf_tests::trials::run(&[], None);
}
