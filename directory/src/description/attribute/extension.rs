//! Directions and RTP header extensions: `a=sendrecv` and its kin, `a=extmap` (RFC 8285).
use super::Attributes;

/// Who sends (RFC 8866 section 6.7), seen from the maker of the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Everybody may send; so it is where nothing is said.
    #[default]
    SendReceive,
    /// The maker only sends.
    SendOnly,
    /// The maker only receives; at a conference, all are to listen only.
    ReceiveOnly,
    /// Nobody sends, but RTCP goes on.
    Inactive,
}

/// `a=extmap` (RFC 8285 section 5).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ExtensionMap {
    /// Local identifier: 1 to 14 in one-byte headers, to 255 in two-byte ones, more while negotiating.
    pub id: u16,
    /// Direction, where given.
    pub direction: Option<Direction>,
    /// What the extension is.
    pub uri: String,
    /// The rest, as it stands.
    pub parameters: Option<String>,
}

impl Direction {
    const ALL: [Self; 4] = [
        Self::SendReceive,
        Self::SendOnly,
        Self::ReceiveOnly,
        Self::Inactive,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.name() == name)
    }
}

impl Attributes {
    /// The first of `a=sendrecv`, `sendonly`, `recvonly`, `inactive`.
    pub fn direction(&self) -> Option<Direction> {
        self.iter().find_map(|line| Direction::named(&line.name))
    }

    /// All `a=extmap` lines.
    pub fn extension_maps(&self) -> impl Iterator<Item = ExtensionMap> {
        self.values("extmap").filter_map(|value| {
            let mut words = value.trim().splitn(3, char::is_whitespace);
            let id = words.next()?;
            let (id, direction) = match id.split_once('/') {
                Some((id, direction)) => (id, Some(Direction::named(direction)?)),
                None => (id, None),
            };
            Some(ExtensionMap {
                id: id.parse().ok()?,
                direction,
                uri: words.next()?.to_owned(),
                parameters: words.next().map(|rest| rest.trim().to_owned()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes;
    use super::*;

    #[test]
    fn first_direction_counts() {
        assert_eq!(
            attributes(&["x", "recvonly", "inactive"]).direction(),
            Some(Direction::ReceiveOnly)
        );
        assert_eq!(attributes(&["ptime:20"]).direction(), None);
    }

    #[test]
    fn extension_maps_of_rfc_8285_section_5() {
        let read = attributes(&[
            "extmap:1 http://example.com/082005/ext.htm#ttime",
            "extmap:2/sendrecv http://example.com/082005/ext.htm#xmeta short",
            "extmap:4096/odd x",
        ]);
        let maps: Vec<_> = read.extension_maps().collect();
        assert_eq!(maps.len(), 2);
        assert_eq!((maps[0].id, maps[0].direction), (1, None));
        assert_eq!(
            (maps[1].id, maps[1].direction),
            (2, Some(Direction::SendReceive))
        );
        assert_eq!(maps[1].parameters.as_deref(), Some("short"));
    }
}
