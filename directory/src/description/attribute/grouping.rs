//! Which media belong together: `a=group` (RFC 5888).
use super::Attributes;

/// `a=group:SEMANTICS mid mid …`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// `LS`, `FID`, `BUNDLE`, …
    pub semantics: String,
    /// The `a=mid` names of its media.
    pub mids: Vec<String>,
}

impl Attributes {
    /// All `a=group` lines, which stand at session level.
    pub fn groups(&self) -> impl Iterator<Item = Group> {
        self.values("group").filter_map(|value| {
            let mut words = value.split_whitespace().map(str::to_owned);
            let semantics = words.next()?;
            let mids = words.collect();
            Some(Group { semantics, mids })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes;

    #[test]
    fn groups_of_rfc_5888_section_7() {
        let read = attributes(&["group:LS 1 2", "group:BUNDLE", "group:"]);
        let groups: Vec<_> = read.groups().map(|g| (g.semantics, g.mids.len())).collect();
        assert_eq!(groups, [("LS".to_owned(), 2), ("BUNDLE".to_owned(), 0)]);
    }
}
