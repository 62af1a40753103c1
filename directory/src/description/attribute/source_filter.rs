//! Whose packets to take from a group: `a=source-filter` (RFC 4570).
use std::net::IpAddr;

use super::Attributes;

/// `a=source-filter: mode IN type group source …`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SourceFilter {
    /// Whether the sources are let in or kept out.
    pub mode: FilterMode,
    /// The group it is about; none for `*`, which is every group.
    pub group: Option<IpAddr>,
    /// The sources.
    pub sources: Vec<IpAddr>,
}

/// What becomes of the sources listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterMode {
    /// `incl`: these alone are heard, as in source-specific multicast.
    Include,
    /// `excl`: these are not heard.
    Exclude,
}

impl Attributes {
    /// All `a=source-filter` lines whose addresses are no names.
    pub fn source_filters(&self) -> impl Iterator<Item = SourceFilter> {
        self.values("source-filter").filter_map(SourceFilter::parse)
    }
}

impl SourceFilter {
    /// Whether it is about this group.
    pub fn covers(&self, group: IpAddr) -> bool {
        self.group.is_none_or(|own| own == group)
    }

    fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let mode = match words.next()? {
            "incl" => FilterMode::Include,
            "excl" => FilterMode::Exclude,
            _ => return None,
        };
        let mut words = words.skip(2);
        let group = match words.next()? {
            "*" => None,
            address => Some(address.split('/').next()?.parse().ok()?),
        };
        let sources: Vec<IpAddr> = words.filter_map(|source| source.parse().ok()).collect();
        (!sources.is_empty()).then_some(Self {
            mode,
            group,
            sources,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes;
    use super::*;

    #[test]
    fn filters_of_rfc_4570_section_3() {
        let read = attributes(&[
            "source-filter: incl IN IP4 232.3.4.5 192.0.2.10",
            "source-filter: excl IN IP4 * 192.0.2.10 192.0.2.11",
            "source-filter: incl IN IP6 FF0E::11A 2001:DB8:1:2:240:96FF:FE25:8EC9",
            "source-filter: incl IN * dual.example.com src.example.com",
        ]);
        let filters: Vec<_> = read.source_filters().collect();
        assert_eq!(filters.len(), 3);
        assert_eq!(filters[0].mode, FilterMode::Include);
        assert!(filters[0].covers("232.3.4.5".parse().unwrap()));
        assert!(!filters[0].covers("232.3.4.6".parse().unwrap()));
        assert!(filters[1].covers("232.3.4.6".parse().unwrap()));
        assert_eq!(filters[1].sources.len(), 2);
        assert_eq!(filters[2].group, "ff0e::11a".parse().ok());
    }
}
