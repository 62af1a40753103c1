//! The names and records of a service (RFC 6763 section 4).
use std::net::IpAddr;

use super::Service;
use super::message::{Data, Resource};
use super::name::Name;

/// `_ldap._tcp.local`.
pub(super) fn service_type() -> Option<Name> {
    Name::new(["_ldap", "_tcp", "local"])
}

/// `_rendezvous._sub._ldap._tcp.local`: of all directories, ours.
pub(super) fn subtype() -> Option<Name> {
    Name::new(["_rendezvous", "_sub", "_ldap", "_tcp", "local"])
}

/// By which all types of services are found (RFC 6763 section 9).
fn all_types() -> Option<Name> {
    Name::new(["_services", "_dns-sd", "_udp", "local"])
}

/// Everything that there is to say of a service.
#[derive(Clone, Debug)]
pub(super) struct Records {
    pub(super) instance: Name,
    pub(super) host: Name,
    pub(super) shared: Vec<Resource>,
    pub(super) unique: Vec<Resource>,
}

impl Records {
    /// Nothing if a name is too long.
    pub(super) fn new(
        service: &Service,
        label: &str,
        host: &str,
        addresses: &[IpAddr],
    ) -> Option<Self> {
        let service_type = service_type()?;
        let instance = service_type.under(label)?;
        let host = Name::new([host, "local"])?;
        let shared = |name: Name, target: &Name| Resource {
            name,
            is_unique: false,
            ttl_secs: LONG_SECS,
            data: Data::Ptr(target.clone()),
        };
        let unique = |name: &Name, ttl_secs, data| Resource {
            name: name.clone(),
            is_unique: true,
            ttl_secs,
            data,
        };
        let texts = service
            .text
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        let texts = std::iter::once("txtvers=1".to_owned()).chain(texts);
        let address = |address: &IpAddr| match address {
            IpAddr::V4(address) => Data::A(*address),
            IpAddr::V6(address) => Data::Aaaa(*address),
        };
        let server = Data::Srv {
            port: service.port,
            host: host.clone(),
        };
        let text = Data::Txt(texts.map(String::into_bytes).collect());
        let addresses = addresses.iter().map(address);
        let addresses = addresses.map(|data| unique(&host, SHORT_SECS, data));
        let own = [
            unique(&instance, SHORT_SECS, server),
            unique(&instance, LONG_SECS, text),
        ];
        Some(Self {
            shared: vec![
                shared(service_type.clone(), &instance),
                shared(subtype()?, &instance),
                shared(all_types()?, &service_type),
            ],
            unique: own.into_iter().chain(addresses).collect(),
            instance,
            host,
        })
    }
}

/// What changes when a host moves (RFC 6762 section 10).
pub(super) const SHORT_SECS: u32 = 120;
/// What does not.
const LONG_SECS: u32 = 4500;
