//! Optional features, and the option that lists them (RFC 2730 sections 2.13 and 3.13).
use crate::wire::Reader;

/// The code of an optional feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature(pub u16);

impl Feature {
    /// A lease may be renewed or released at another server than the one that granted it.
    pub const SERVER_MOBILITY: Self = Self(0);
    /// A server may ask for patience.
    pub const RETRY_AFTER: Self = Self(1);
    /// Whoever knows its identifier may change the lease.
    pub const SHARED_LEASE_ID: Self = Self(2);
}

/// The Feature List option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// What the sender can do.
    pub supported: Vec<Feature>,
    /// What a client would like; empty in what a server sends.
    pub requested: Vec<Feature>,
    /// What a client insists on; what a server has done.
    pub required: Vec<Feature>,
}

impl Features {
    /// Whether it is in any of the lists: only then may the other side use it.
    pub fn mention(&self, feature: Feature) -> bool {
        let mut lists = [&self.supported, &self.requested, &self.required].into_iter();
        lists.any(|list| list.contains(&feature))
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let features = Self {
            supported: list(&mut reader)?,
            requested: list(&mut reader)?,
            required: list(&mut reader)?,
        };
        reader.rest().is_empty().then_some(features)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for list in [&self.supported, &self.requested, &self.required] {
            let count = u16::try_from(list.len()).unwrap_or(u16::MAX);
            out.extend(count.to_be_bytes());
            for Feature(code) in list.iter().take(count.into()) {
                out.extend(code.to_be_bytes());
            }
        }
    }
}

fn list(reader: &mut Reader<'_>) -> Option<Vec<Feature>> {
    let count = reader.u16()?;
    let bytes = reader.take(usize::from(count) * 2)?;
    Some(codes(bytes))
}

/// As many codes as there are pairs of bytes.
pub(super) fn codes(bytes: &[u8]) -> Vec<Feature> {
    let (pairs, _) = bytes.as_chunks();
    pairs
        .iter()
        .map(|pair| Feature(u16::from_be_bytes(*pair)))
        .collect()
}
