//! How a terminal is doing, for the person who wants to know why nothing is heard.
use std::fmt;

/// The state of one microphone or speaker; the conference goes on whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceState {
    /// Sound flows.
    Running,
    /// The system has been asked for it and has not answered yet.
    Opening,
    /// It is not there now; it is looked for every two seconds.
    Missing {
        /// Why, in plain words.
        reason: String,
    },
    /// It is there and does not work; it is tried again every two seconds.
    Failed {
        /// Why, in plain words.
        reason: String,
    },
    /// Nobody wants sound here: the terminal is `none`, or a file was played to its end.
    #[default]
    Off,
}

impl DeviceState {
    /// Whether somebody wants sound here and gets none.
    pub fn is_problem(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Failed { .. })
    }
}

impl fmt::Display for DeviceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("running"),
            Self::Opening => f.write_str("opening"),
            Self::Missing { reason } => write!(f, "missing: {reason}"),
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Off => f.write_str("off"),
        }
    }
}
