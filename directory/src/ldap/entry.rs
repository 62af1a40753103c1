//! An entry as a server gave it: a name, and attributes with their values.
use std::collections::BTreeMap;

use ldap3::ResultEntry;

/// Attributes are found by name in any case, options such as `;binary` being part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RawEntry {
    /// As the server writes it.
    pub(super) name: String,
    values: BTreeMap<String, Vec<Vec<u8>>>,
}

impl RawEntry {
    /// `None` for what is no entry, but a reference or a message in between.
    pub(super) fn from_result(result: ResultEntry) -> Option<Self> {
        if result.is_ref() || result.is_intermediate() {
            return None;
        }
        let mut parts = result.0.expect_constructed()?.into_iter();
        let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let mut entry = Self {
            name,
            values: BTreeMap::new(),
        };
        for attribute in parts.next()?.expect_constructed()? {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
            let values = parts.next()?.expect_constructed()?.into_iter();
            let values = values.filter_map(|value| value.expect_primitive());
            let all = entry.values.entry(name.to_ascii_lowercase()).or_default();
            all.extend(values);
        }
        Some(entry)
    }

    /// An entry with these values.
    pub(super) fn of<'a>(
        name: &str,
        attributes: impl IntoIterator<Item = (&'a str, Vec<u8>)>,
    ) -> Self {
        let mut entry = Self {
            name: name.to_owned(),
            values: BTreeMap::new(),
        };
        for (name, value) in attributes {
            let all = entry.values.entry(name.to_ascii_lowercase()).or_default();
            all.push(value);
        }
        entry
    }

    /// An entry with these attributes.
    #[cfg(test)]
    pub(super) fn new(name: &str, attributes: &[(&str, Vec<String>)]) -> Self {
        let mut values: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (attribute, texts) in attributes {
            let all = values.entry(attribute.to_ascii_lowercase()).or_default();
            all.extend(texts.iter().map(|text| text.clone().into_bytes()));
        }
        Self {
            name: name.to_owned(),
            values,
        }
    }

    /// All values.
    pub(super) fn bytes(&self, attribute: &str) -> &[Vec<u8>] {
        self.values
            .get(&attribute.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// All values that are text.
    pub(super) fn texts(&self, attribute: &str) -> impl Iterator<Item = &str> {
        let values = self.bytes(attribute).iter();
        values.filter_map(|value| std::str::from_utf8(value).ok())
    }

    /// The first value that is text and not empty.
    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        self.texts(attribute).find(|text| !text.trim().is_empty())
    }

    /// Whether it is of this class.
    pub(super) fn is_a(&self, class: &str) -> bool {
        self.texts("objectClass")
            .any(|c| c.eq_ignore_ascii_case(class))
    }
}
