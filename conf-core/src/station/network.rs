//! Which network this program uses, and whether it is there.
use crate::net::{Interface, InterfaceChoice};

/// The network as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkStatus {
    /// What the user chose.
    pub choice: InterfaceChoice,
    /// The interfaces in use; none while there is none.
    pub interfaces: Vec<Interface>,
    /// What is wrong with it.
    pub problem: Option<NetworkProblem>,
}

/// What can be wrong with the network as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkProblem {
    /// No interface that carries multicast is up, or not the one that was chosen.
    NoInterface,
    /// Another program holds the port of announcements and does not share it.
    PortTaken {
        /// UDP port.
        port: u16,
    },
    /// The system refuses to send.
    CannotSend,
}
