//! Microphones, speakers, cameras, screens and windows to choose from.

/// One microphone, speaker or camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What [`super::Command::SetMicrophone`] takes: the device's terminal, such as `device:hw:1`; of a camera, [`super::Command::SetCamera`].
    pub id: String,
    /// What it calls itself.
    pub name: String,
}

/// What this computer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    /// To speak into.
    pub microphones: Vec<Device>,
    /// To hear with.
    pub speakers: Vec<Device>,
    /// To be seen with.
    pub cameras: Vec<Device>,
}

/// What can be shared now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shareables {
    /// Screens, then windows; each `id` is what [`super::Command::Share`] takes.
    pub list: Vec<Device>,
    /// Why the screen is not among them.
    pub obstacle: Option<String>,
}
