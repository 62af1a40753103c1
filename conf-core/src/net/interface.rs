//! Network interfaces: what one is, and how the user chooses one.
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network interface of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The system's name for it, such as `eth0`.
    pub name: String,
    /// The system's number for it; IPv6 scope ids are this.
    pub index: u32,
    /// Its addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// It is switched on and has a carrier.
    pub is_up: bool,
    /// It says that it carries multicast.
    pub is_multicast: bool,
    /// It reaches this computer only.
    pub is_loopback: bool,
}

/// Which interfaces an endpoint uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InterfaceChoice {
    /// The one with a multicast-capable route, whichever it is at the time.
    #[default]
    Default,
    /// The one with this name.
    Named(String),
    /// Every one that is up and carries multicast.
    All,
}

impl FromStr for InterfaceChoice {
    type Err = Infallible;

    /// `default`, `all`, or an interface's name.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "default" => Self::Default,
            "all" => Self::All,
            name => Self::Named(name.to_owned()),
        })
    }
}

impl fmt::Display for InterfaceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Named(name) => f.write_str(name),
            Self::All => f.write_str("all"),
        }
    }
}
