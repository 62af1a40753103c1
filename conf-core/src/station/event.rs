//! What happens to the conferences known here.
use directory::ConferenceId;
use directory::sap::Unannounced;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StationEvent {
    /// A conference was heard of for the first time.
    Appeared(ConferenceId),
    /// Its description changed, or where it is seen.
    Changed(ConferenceId),
    /// It is seen nowhere any more.
    Gone(ConferenceId),
    /// One of our own cannot be announced as it stands.
    NotAnnounced(ConferenceId, Unannounced),
    /// Something could not be kept on disk; the system's words.
    NotKept(String),
    /// The network came, went or changed.
    Network,
}
