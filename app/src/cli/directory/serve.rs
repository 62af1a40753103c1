//! `rendezvous directory serve`: the embedded directory server as a program of its own.
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use conf_core::server::{
    Access, DEFAULT_PORT, Limits, Listener, Server, ServerOptions, StartError,
};
use serde_json::json;

use super::super::failure::{Failure, FailureKind};
use super::super::json;
use super::super::stop::{Awakened, Waiter};
use super::neighbours::{NeighbourArguments, Neighbours};

/// Options of `directory serve`.
#[derive(Args, Debug)]
pub(super) struct ServeArguments {
    /// Where to listen, e.g. 192.0.2.1 or [::]:389 [default: 127.0.0.1:13890]
    #[arg(long, value_name = "ADDR[:PORT]")]
    listen: Vec<Place>,
    /// Where to listen for readers, whoever they are
    #[arg(long, value_name = "ADDR[:PORT]")]
    read_only_on: Vec<Place>,
    /// Where to listen with encryption from the start (ldaps); StartTLS is there everywhere
    #[arg(long, value_name = "ADDR:PORT")]
    tls: Vec<SocketAddr>,
    /// Folder of the data [default: "directory" where all data are kept]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Name or address by which others call this computer, for the certificate made at the first start
    #[arg(long, value_name = "HOST")]
    name: Vec<String>,
    /// Let anybody add entries, which then belong to everyone, as with a Microsoft ILS
    #[arg(long)]
    open: bool,
    /// What is done for the local network
    #[command(flatten)]
    neighbours: NeighbourArguments,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// An address, with our port unless another is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(SocketAddr);

impl FromStr for Place {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => Ok(Self(SocketAddr::from((address, DEFAULT_PORT)))),
            Err(_) => text.parse().map(Self),
        }
    }
}

pub(super) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let waiter = Waiter::new()?;
    let data = super::data_folder(arguments.data.as_ref())?;
    let options = ServerOptions {
        listen: listeners(arguments),
        data: data.clone(),
        names: arguments.name.clone(),
        is_open: arguments.open,
        limits: Limits::default(),
    };
    let listeners = options.listen.clone();
    let server = Server::start(options).map_err(failure)?;
    let is_repaired = server.counters().repairs.count() > 0;
    if is_repaired {
        eprintln!("The data were damaged, and have been repaired.");
    }
    for (listener, address) in listeners.iter().zip(server.addresses()) {
        tell(arguments, listener, *address, is_repaired)?;
    }
    let listening = listeners.iter().zip(server.addresses());
    let listening: Vec<(SocketAddr, bool)> = listening
        .map(|(listener, address)| (*address, listener.is_tls))
        .collect();
    let near = Neighbours::start(&arguments.neighbours, &data, &listening, arguments.json)?;
    while waiter.wait(None) != Awakened::Stopped {}
    near.stop();
    server.stop();
    Ok(())
}

fn listeners(arguments: &ServeArguments) -> Vec<Listener> {
    let with = |address, access, is_tls| Listener {
        address,
        access,
        is_tls,
    };
    let plain = arguments.listen.iter();
    let plain = plain.map(|place| with(place.0, Access::ReadWrite, false));
    let readers = arguments.read_only_on.iter();
    let readers = readers.map(|place| with(place.0, Access::ReadOnly, false));
    let tls = arguments.tls.iter();
    let tls = tls.map(|address| with(*address, Access::ReadWrite, true));
    let mut all: Vec<Listener> = plain.chain(readers).chain(tls).collect();
    if all.is_empty() {
        all.push(Listener::new(([127, 0, 0, 1], DEFAULT_PORT).into()));
    }
    all
}

fn tell(
    arguments: &ServeArguments,
    listener: &Listener,
    address: SocketAddr,
    is_repaired: bool,
) -> Result<(), Failure> {
    let scheme = if listener.is_tls { "ldaps" } else { "ldap" };
    let url = format!("{scheme}://{address}/o=rendezvous");
    let is_read_only = listener.access == Access::ReadOnly;
    if arguments.json {
        return json::print(&json!({
            "event": "listening",
            "url": url,
            "is_read_only": is_read_only,
            "is_repaired": is_repaired,
        }));
    }
    println!("{url}{}", if is_read_only { "  (read-only)" } else { "" });
    Ok(())
}

fn failure(error: StartError) -> Failure {
    let kind = match error {
        StartError::Listen { .. } => FailureKind::Network,
        StartError::Data(_) | StartError::System(_) => FailureKind::Other,
    };
    Failure::new(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_port_is_taken_unless_another_is_said() {
        for (text, address) in [
            ("127.0.0.1", "127.0.0.1:13890"),
            ("127.0.0.1:389", "127.0.0.1:389"),
            ("::1", "[::1]:13890"),
            ("[::1]", "[::1]:13890"),
            ("[::1]:389", "[::1]:389"),
        ] {
            assert_eq!(text.parse(), Ok(Place(address.parse().unwrap())), "{text}");
        }
        assert!("host".parse::<Place>().is_err());
    }
}
