//! How a server is to be run.
use std::net::SocketAddr;
use std::path::PathBuf;

use super::limits::Limits;

/// The port of the embedded server.
pub const DEFAULT_PORT: u16 = 13890;

/// How a server is to be run.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where it listens.
    pub listen: Vec<Listener>,
    /// The folder of its data, made if need be, for nobody else to read.
    pub data: PathBuf,
    /// The names and addresses by which clients on other computers call it, for the certificate that it makes at its
    /// first start.
    pub names: Vec<String>,
    /// Whether anybody may add entries, which then belong to everyone, as with an ILS.
    pub is_open: bool,
    /// How much anyone may have.
    pub limits: Limits,
}

/// One place to listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// What may be done by this way.
    pub access: Access,
    /// Whether connections are encrypted from the start (`ldaps`); the others may become so (StartTLS).
    pub is_tls: bool,
}

/// What may be done by a way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whatever the client may do.
    ReadWrite,
    /// Only to read.
    ReadOnly,
}

impl Listener {
    /// Plain LDAP: read-write on loopback, read-only elsewhere.
    pub fn new(address: SocketAddr) -> Self {
        let access = match address.ip().is_loopback() {
            true => Access::ReadWrite,
            false => Access::ReadOnly,
        };
        Self {
            address,
            access,
            is_tls: false,
        }
    }
}

impl ServerOptions {
    /// A server for this computer, with its data here.
    pub fn local(data: PathBuf) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], DEFAULT_PORT));
        Self {
            listen: vec![Listener::new(address)],
            data,
            names: Vec::new(),
            is_open: false,
            limits: Limits::default(),
        }
    }
}
