//! The attributes of an entry, kept as they are sent: one allocation, and a search only copies.
use super::super::protocol::ber;
use crate::wire::Reader;

/// PartialAttributes (RFC 4511 section 4.1.7), one after the other; whole, and no name twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Attributes(Box<[u8]>);

/// One attribute within.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Attribute<'a> {
    /// All of it, as it is sent.
    pub(in crate::server) encoded: &'a [u8],
    /// Its name as the client wrote it.
    pub(in crate::server) name: &'a str,
    values: &'a [u8],
}

/// An attribute taken apart, to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Loose {
    pub(in crate::server) name: String,
    pub(in crate::server) values: Vec<Vec<u8>>,
}

impl Attributes {
    /// Packs attributes; those without a value are left out.
    pub(in crate::server) fn pack(list: &[Loose]) -> Self {
        let mut out = Vec::new();
        for attribute in list.iter().filter(|attribute| !attribute.values.is_empty()) {
            put_attribute(
                &mut out,
                &attribute.name,
                attribute.values.iter().map(Vec::as_slice),
            );
        }
        Self(out.into())
    }

    /// What was packed, if it is whole.
    pub(in crate::server) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let attributes = Self(bytes.into());
        let length: usize = attributes.iter().map(|found| found.encoded.len()).sum();
        (length == bytes.len()).then_some(attributes)
    }

    /// As it is sent.
    pub(in crate::server) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Each attribute.
    pub(in crate::server) fn iter(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut reader = Reader::new(&self.0);
        std::iter::from_fn(move || {
            let before = reader.rest();
            let content = ber::expect(&mut reader, ber::SEQUENCE)?;
            let encoded = before.get(..before.len() - reader.rest().len())?;
            let mut inner = Reader::new(content);
            let name = std::str::from_utf8(ber::expect(&mut inner, ber::OCTETS)?).ok()?;
            let values = ber::expect(&mut inner, ber::SET)?;
            Some(Attribute {
                encoded,
                name,
                values,
            })
        })
    }

    /// The attribute of this name.
    pub(in crate::server) fn find(&self, name: &str) -> Option<Attribute<'_>> {
        self.iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The values of this name.
    pub(in crate::server) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.find(name).into_iter().flat_map(|found| found.values())
    }

    /// Taken apart, to be changed.
    pub(in crate::server) fn unpack(&self) -> Vec<Loose> {
        self.iter()
            .map(|attribute| Loose {
                name: attribute.name.to_owned(),
                values: attribute.values().map(<[u8]>::to_vec).collect(),
            })
            .collect()
    }
}

impl<'a> Attribute<'a> {
    /// Its values.
    pub(in crate::server) fn values(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.values);
        std::iter::from_fn(move || ber::expect(&mut reader, ber::OCTETS))
    }
}

/// Writes one attribute as it is sent.
pub(in crate::server) fn put_attribute<'a>(
    out: &mut Vec<u8>,
    name: &str,
    values: impl Iterator<Item = &'a [u8]>,
) {
    ber::wrap(out, ber::SEQUENCE, |out| {
        ber::put(out, ber::OCTETS, name.as_bytes());
        ber::wrap(out, ber::SET, |out| {
            for value in values {
                ber::put(out, ber::OCTETS, value);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loose(name: &str, values: &[&str]) -> Loose {
        Loose {
            name: name.to_owned(),
            values: values
                .iter()
                .map(|value| value.as_bytes().to_vec())
                .collect(),
        }
    }

    #[test]
    fn packed_is_unpacked_and_found() {
        let list = [loose("cn", &["a", "b"]), loose("Uid", &["1"])];
        let packed = Attributes::pack(&list);
        assert_eq!(packed.unpack(), list);
        assert_eq!(packed.values("UID").next(), Some(&b"1"[..]));
        assert_eq!(packed.values("cn").count(), 2);
        assert_eq!(
            Attributes::from_bytes(packed.as_bytes()),
            Some(packed.clone())
        );
        let cut = &packed.as_bytes()[1..];
        assert_eq!(Attributes::from_bytes(cut), None);
    }
}
