//! The `a=` lines: kept in order, known or not, with typed readings of those that matter (RFC 8866 section 6).
//!
//! A typed reading gives nothing for a line that it cannot understand; the line itself is kept all the same.
mod extension;
mod format;
mod grouping;
mod security;
mod source_filter;
mod transport;

pub use extension::{Direction, ExtensionMap};
pub use format::{FormatParameters, RtcpFeedback, RtpMap};
pub use grouping::Group;
pub use security::Crypto;
pub use source_filter::{FilterMode, SourceFilter};
pub use transport::RtcpPort;

pub(super) use transport::check_rtcp;

/// One `a=` line: `a=name` or `a=name:value`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Attribute {
    /// What stands before the colon.
    pub name: String,
    /// What stands behind it, untouched.
    pub value: Option<String>,
}

/// All `a=` lines of the session or of one medium, in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// Adds a line at the end.
    pub fn push(&mut self, name: &str, value: Option<&str>) {
        self.0.push(Attribute {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        });
    }

    /// Changes the first line of this name in place and removes further ones; adds it where there is none.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut value = Some(value.to_owned());
        self.0.retain_mut(|line| {
            if line.name != name {
                return true;
            }
            line.value = value.take();
            line.value.is_some()
        });
        if let Some(value) = value {
            self.push(name, Some(&value));
        }
    }

    /// Removes all lines of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|line| line.name != name);
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.0.iter()
    }

    /// Whether there is a line of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|line| line.name == name)
    }

    /// Value of the first line of this name that has one.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|line| line.name == name);
        named.find_map(|line| line.value.as_deref())
    }

    /// Values of all lines of this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |line| line.name == name);
        named.filter_map(|line| line.value.as_deref())
    }

    /// `a=type`: kind of conference, such as `meeting` or `broadcast` (RFC 8866 section 6.9).
    pub fn conference_type(&self) -> Option<&str> {
        self.value("type").map(str::trim)
    }

    /// `a=charset` (RFC 8866 section 6.10); the text has been decoded by it already.
    pub fn charset(&self) -> Option<&str> {
        self.value("charset").map(str::trim)
    }

    /// `a=tool`: what made the description (RFC 8866 section 6.3).
    pub fn tool(&self) -> Option<&str> {
        self.value("tool")
    }

    /// `a=cat`: category, with dots (RFC 8866 section 6.1).
    pub fn category(&self) -> Option<&str> {
        self.value("cat")
    }

    /// `a=keywds` (RFC 8866 section 6.2).
    pub fn keywords(&self) -> Option<&str> {
        self.value("keywds")
    }

    /// `a=lang`, best first (RFC 8866 section 6.12).
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.values("lang").map(str::trim)
    }

    /// `a=mid`: name of the medium for groups (RFC 5888 section 4).
    pub fn mid(&self) -> Option<&str> {
        self.value("mid").map(str::trim)
    }

    /// `a=ptime`: milliseconds of media in a packet (RFC 8866 section 6.4).
    pub fn ptime_ms(&self) -> Option<f64> {
        self.millis("ptime")
    }

    /// `a=maxptime`: most milliseconds in a packet (RFC 8866 section 6.5).
    pub fn max_ptime_ms(&self) -> Option<f64> {
        self.millis("maxptime")
    }

    fn millis(&self, name: &str) -> Option<f64> {
        let value: f64 = self.value(name)?.trim().parse().ok()?;
        (value.is_finite() && value > 0.0).then_some(value)
    }

    pub(super) fn push_line(&mut self, line: &str) {
        match line.split_once(':') {
            Some((name, value)) => self.push(name.trim(), Some(value)),
            None => self.push(line.trim(), None),
        }
    }
}

#[cfg(test)]
pub(super) fn attributes(lines: &[&str]) -> Attributes {
    let mut attributes = Attributes::default();
    lines.iter().for_each(|line| attributes.push_line(line));
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_unknown_lines_are_kept() {
        let read = attributes(&["x-odd", "ptime:20", "x-odd:a:b", "sendonly"]);
        let names: Vec<&str> = read.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["x-odd", "ptime", "x-odd", "sendonly"]);
        assert_eq!(read.value("x-odd"), Some("a:b"));
        assert_eq!(read.value("sendonly"), None);
        assert!(read.has("sendonly"));
    }

    #[test]
    fn set_changes_in_place() {
        let mut changed = attributes(&["a:1", "b:2", "a:3", "c"]);
        changed.set("a", "9");
        changed.set("d", "4");
        assert_eq!(changed, attributes(&["a:9", "b:2", "c", "d:4"]));
    }

    #[test]
    fn plain_values() {
        let read = attributes(&[
            "cat:science.physics",
            "keywds:foo bar",
            "tool:sdr v2.4",
            "type:meeting",
            "charset:UTF-8",
            "lang:de",
            "lang:en ",
            "mid:1",
            "ptime:0.125",
            "maxptime:40",
        ]);
        assert_eq!(read.category(), Some("science.physics"));
        assert_eq!(read.keywords(), Some("foo bar"));
        assert_eq!(read.tool(), Some("sdr v2.4"));
        assert_eq!(read.conference_type(), Some("meeting"));
        assert_eq!(read.charset(), Some("UTF-8"));
        assert_eq!(read.languages().collect::<Vec<_>>(), ["de", "en"]);
        assert_eq!(read.mid(), Some("1"));
        assert_eq!(read.ptime_ms(), Some(0.125));
        assert_eq!(read.max_ptime_ms(), Some(40.0));
        assert_eq!(attributes(&["ptime:NaN"]).ptime_ms(), None);
        assert_eq!(attributes(&["ptime:-20"]).ptime_ms(), None);
    }
}
