//! The scopes that a server knows of, with their names in several languages (RFC 2730 section 3.10).
use std::net::IpAddr;

use super::packet::Family;
use crate::wire::Reader;

/// A range of groups whose traffic stays within some part of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MulticastScope {
    /// First address, which identifies the scope.
    pub first: IpAddr,
    /// Last address, of the same family.
    pub last: IpAddr,
    /// Time to live, or hop limit, that may be used with its groups.
    pub ttl: u8,
    /// What people call it, in no certain order.
    pub names: Vec<ZoneName>,
}

/// A name in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneName {
    /// Language tag, as in RFC 5646 (which took the place of RFC 1766): "en", "pt-BR".
    pub language: String,
    /// The name.
    pub name: String,
    /// Whether to use it where there is no name in the wanted language.
    pub is_default: bool,
}

impl MulticastScope {
    /// Whether a group is one of the scope's.
    pub fn contains(&self, group: IpAddr) -> bool {
        group.is_ipv4() == self.first.is_ipv4() && (self.first..=self.last).contains(&group)
    }

    /// Its name in a language, or else in whichever is meant for all others, or else any.
    pub fn name_in(&self, language: &str) -> Option<&ZoneName> {
        let wanted = |name: &&ZoneName| name.language.eq_ignore_ascii_case(language);
        let mut names = self.names.iter();
        names
            .clone()
            .find(wanted)
            .or_else(|| names.clone().find(|name| name.is_default))
            .or_else(|| names.next())
    }

    fn parse(family: Family, reader: &mut Reader<'_>) -> Option<Self> {
        let first = family.read(reader)?;
        let last = family.read(reader)?;
        let ttl = reader.u8()?;
        let count = reader.u8()?;
        let names = (0..count).map(|_| ZoneName::parse(reader)).collect();
        let names: Option<Vec<ZoneName>> = names;
        (first <= last).then_some(Self {
            first,
            last,
            ttl,
            names: names?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_address(self.first, out);
        write_address(self.last, out);
        let names = self.names.get(..255).unwrap_or(&self.names);
        out.extend([self.ttl, u8::try_from(names.len()).unwrap_or(u8::MAX)]);
        names.iter().for_each(|name| name.write(out));
    }
}

impl ZoneName {
    fn parse(reader: &mut Reader<'_>) -> Option<Self> {
        let flags = reader.u8()?;
        Some(Self {
            language: text(reader)?,
            name: text(reader)?,
            is_default: flags & DEFAULT != 0,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(if self.is_default { DEFAULT } else { 0 });
        for text in [&self.language, &self.name] {
            let end = text.floor_char_boundary(255);
            let text = text.get(..end).unwrap_or_default();
            out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            out.extend(text.as_bytes());
        }
    }
}

/// Reads the option's value; scopes that are not unique are no list.
pub(super) fn parse(family: Family, bytes: &[u8]) -> Option<Vec<MulticastScope>> {
    let mut reader = Reader::new(bytes);
    let count = reader.u8()?;
    let mut scopes: Vec<MulticastScope> = Vec::new();
    for _ in 0..count {
        let scope = MulticastScope::parse(family, &mut reader)?;
        if scopes.iter().any(|known| known.first == scope.first) {
            return None;
        }
        scopes.push(scope);
    }
    reader.rest().is_empty().then_some(scopes)
}

pub(super) fn write(scopes: &[MulticastScope], out: &mut Vec<u8>) {
    let scopes = scopes.get(..255).unwrap_or(scopes);
    out.push(u8::try_from(scopes.len()).unwrap_or(u8::MAX));
    scopes.iter().for_each(|scope| scope.write(out));
}

pub(super) fn write_address(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => out.extend(address.octets()),
        IpAddr::V6(address) => out.extend(address.octets()),
    }
}

/// A length that is not zero, and so many bytes of UTF-8.
fn text(reader: &mut Reader<'_>) -> Option<String> {
    let length = reader.u8()?;
    let text = str::from_utf8(reader.take(length.into())?).ok()?;
    (length > 0).then(|| text.to_owned())
}

/// The high bit of the name's flags.
const DEFAULT: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(language: &str, is_default: bool) -> ZoneName {
        ZoneName {
            language: language.to_owned(),
            name: format!("name in {language}"),
            is_default,
        }
    }

    #[test]
    fn a_name_is_chosen_by_language_then_by_the_flag() {
        let mut scope = MulticastScope {
            first: IpAddr::from([239, 192, 0, 0]),
            last: IpAddr::from([239, 195, 255, 255]),
            ttl: 63,
            names: vec![name("fr", false), name("en", true), name("DE", false)],
        };
        let chosen = |scope: &MulticastScope, tag| scope.name_in(tag).unwrap().language.clone();
        assert_eq!(chosen(&scope, "de"), "DE");
        assert_eq!(chosen(&scope, "it"), "en");
        scope.names.remove(1);
        assert_eq!(chosen(&scope, "it"), "fr");
        assert!(scope.contains(IpAddr::from([239, 193, 1, 1])));
        assert!(!scope.contains(IpAddr::from([239, 196, 0, 0])));
        assert!(!scope.contains("ff15::1".parse().unwrap()));
    }
}
