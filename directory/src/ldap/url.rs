//! Where a directory server is: `ldap://HOST[:PORT][/BASE]`, `ldaps://…`, `ils://…`.
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The address of a directory server (RFC 4516, of which scheme, host, port and base are used).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DirectoryUrl {
    /// How to speak to it.
    pub protocol: Protocol,
    /// Name or address, an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Below which entry to look; none where the URL does not say.
    pub base: Option<String>,
}

/// What a URL begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// LDAP, in clear or with StartTLS.
    Ldap,
    /// LDAP over TLS.
    Ldaps,
    /// LDAP as an Internet Locator Service speaks it (MS-TAIL).
    Ils,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Ldap, Self::Ldaps, Self::Ils];

    /// What the URL begins with.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Ldap => "ldap",
            Self::Ldaps => "ldaps",
            Self::Ils => "ils",
        }
    }

    /// Where such a server listens unless it is said otherwise; 1002 is MS-TAIL section 2.1's.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Ldap => 389,
            Self::Ldaps => 636,
            Self::Ils => 1002,
        }
    }
}

impl DirectoryUrl {
    /// Whether it is on this computer.
    pub fn is_here(&self) -> bool {
        let ip = self.host.parse::<IpAddr>();
        self.host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }

    /// A server at its protocol's own port.
    pub fn new(protocol: Protocol, host: &str) -> Self {
        Self {
            protocol,
            host: host.to_owned(),
            port: protocol.default_port(),
            base: None,
        }
    }

    /// The server alone.
    #[must_use]
    pub fn without_base(self) -> Self {
        Self { base: None, ..self }
    }
}

impl FromStr for DirectoryUrl {
    type Err = NotADirectoryUrl;

    fn from_str(text: &str) -> Result<Self, NotADirectoryUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(NotADirectoryUrl::Scheme)?;
        let mut all = Protocol::ALL.into_iter();
        let protocol = all
            .find(|protocol| scheme.eq_ignore_ascii_case(protocol.scheme()))
            .ok_or(NotADirectoryUrl::Scheme)?;
        let (place, base) = match rest.split_once('/') {
            Some((place, base)) => (place, base),
            None => (rest, ""),
        };
        let (host, port) = split_port(place)?;
        let port = match port {
            "" => protocol.default_port(),
            port => port.parse().map_err(|_| NotADirectoryUrl::Port)?,
        };
        if port == 0 {
            return Err(NotADirectoryUrl::Port);
        }
        Ok(Self {
            protocol,
            host: checked_host(host)?,
            port,
            base: base_of(base)?,
        })
    }
}

impl fmt::Display for DirectoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.protocol.scheme())?;
        match self.host.parse() {
            Ok(IpAddr::V6(ip)) => write!(f, "[{ip}]")?,
            _ => f.write_str(&self.host)?,
        }
        if self.port != self.protocol.default_port() {
            write!(f, ":{}", self.port)?;
        }
        match &self.base {
            Some(base) => write!(f, "/{}", Percent(base)),
            None => Ok(()),
        }
    }
}

/// Host, and port or nothing.
fn split_port(place: &str) -> Result<(&str, &str), NotADirectoryUrl> {
    if let Some(bracketed) = place.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(NotADirectoryUrl::Host)?;
        host.parse::<Ipv6Addr>()
            .map_err(|_| NotADirectoryUrl::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if rest.is_empty() => Ok((host, "")),
            None => Err(NotADirectoryUrl::Host),
        };
    }
    Ok(place.split_once(':').unwrap_or((place, "")))
}

/// Names as in RFC 1123 section 2.1, and `_`, which some networks have; addresses in one way of writing.
fn checked_host(host: &str) -> Result<String, NotADirectoryUrl> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let is_host = (1..=253).contains(&host.len()) && host.bytes().all(is_name);
    is_host
        .then(|| host.to_ascii_lowercase())
        .ok_or(NotADirectoryUrl::Host)
}

/// The distinguished name, whose `%` escapes are undone; attributes, scope and filter of RFC 4516 are not taken.
fn base_of(text: &str) -> Result<Option<String>, NotADirectoryUrl> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains(['?', '#']) {
        return Err(NotADirectoryUrl::Base);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let value = digit().zip(digit()).map(|(high, low)| high << 4 | low);
                value.and_then(|value| u8::try_from(value).ok())
            }
            byte => Some(byte),
        };
        bytes.push(byte.ok_or(NotADirectoryUrl::Base)?);
    }
    let base = String::from_utf8(bytes).map_err(|_| NotADirectoryUrl::Base)?;
    match base.contains(char::is_control) {
        true => Err(NotADirectoryUrl::Base),
        false => Ok(Some(base)),
    }
}

/// A distinguished name as it stands in a URL (RFC 4516 section 2.1).
struct Percent<'a>(&'a str);

impl fmt::Display for Percent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~=,+;:@!$&'()*".contains(&b);
        self.0.bytes().try_for_each(|byte| match byte {
            byte if is_plain(byte) => write!(f, "{}", char::from(byte)),
            byte => write!(f, "%{byte:02X}"),
        })
    }
}

/// Why a text is no address of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADirectoryUrl {
    /// It does not begin as such an address does.
    #[error("a directory's address begins with ldap://, ldaps:// or ils://")]
    Scheme,
    /// There is no host, or none that can be.
    #[error("the directory's address names no host")]
    Host,
    /// The port is none.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// What follows the host is not a distinguished name.
    #[error("behind the host, a directory's address has the name of an entry, such as /o=example")]
    Base,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> DirectoryUrl {
        text.parse().unwrap()
    }

    #[test]
    fn each_protocol_has_its_port() {
        for (text, port) in [
            ("ldap://a", 389),
            ("ldaps://a", 636),
            ("ils://a", 1002),
            ("ILS://a:389", 389),
        ] {
            assert_eq!(parse(text).port, port, "{text}");
        }
    }

    #[test]
    fn hosts_bases_and_escapes() {
        let url = parse("ldap://Dir.Example.org:1389/ou=Rooms%20%C3%BC,o=x");
        assert_eq!(url.host, "dir.example.org");
        assert_eq!(url.base.as_deref(), Some("ou=Rooms ü,o=x"));
        let text = "ldap://dir.example.org:1389/ou=Rooms%20%C3%BC,o=x";
        assert_eq!(url.to_string(), text);
        let url = parse("ldaps://[2001:DB8::1]:1636/");
        assert_eq!((&*url.host, url.port), ("2001:db8::1", 1636));
        assert_eq!(url.to_string(), "ldaps://[2001:db8::1]:1636");
        assert_eq!(parse("ils://10.0.0.1").to_string(), "ils://10.0.0.1");
    }

    #[test]
    fn what_is_no_address_says_why() {
        use NotADirectoryUrl as N;
        for (text, reason) in [
            ("", N::Scheme),
            ("http://a", N::Scheme),
            ("ldap:a", N::Scheme),
            ("ldap://", N::Host),
            ("ldap:///o=x", N::Host),
            ("ldap://a b", N::Host),
            ("ldap://user@a", N::Host),
            ("ldap://[::1", N::Host),
            ("ldap://[a]", N::Host),
            ("ldap://[::1]x", N::Host),
            ("ldap://a:0", N::Port),
            ("ldap://a:65536", N::Port),
            ("ldap://a:x", N::Port),
            ("ldap://a/o=x?sub", N::Base),
            ("ldap://a/o=%zz", N::Base),
            ("ldap://a/o=%f", N::Base),
            ("ldap://a/o=%ff", N::Base),
            ("ldap://a/o=%00", N::Base),
        ] {
            assert_eq!(text.parse::<DirectoryUrl>(), Err(reason), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_not(text in "(ldap|ldaps|ils)?(://)?\\PC{0,40}") {
            if let Ok(url) = text.parse::<DirectoryUrl>() {
                prop_assert_eq!(parse(&url.to_string()), url);
            }
        }

        #[test]
        fn every_base_survives(base in "[^\\p{Cc}]{1,40}") {
            let url = DirectoryUrl { base: Some(base), ..DirectoryUrl::new(Protocol::Ldap, "a") };
            prop_assert_eq!(parse(&url.to_string()), url);
        }
    }
}
