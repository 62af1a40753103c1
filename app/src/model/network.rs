//! The network in use.
use super::Problem;

/// One interface of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// `eth0`.
    pub name: String,
    /// `192.0.2.7`.
    pub address: String,
}

/// What is known of the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// The interface in use; none while starting or offline.
    pub interface: Option<NetworkInterface>,
    /// Whether the person chose it; otherwise it follows the multicast route.
    pub is_chosen: bool,
    /// All that could be used.
    pub choices: Vec<NetworkInterface>,
    /// What is wrong.
    pub problem: Option<Problem>,
}
