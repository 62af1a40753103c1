//! Names of the domain name system: labels, compared without regard to ASCII case (RFC 1035 section 3.1, RFC 6762 section 16).
use std::fmt;

use crate::wire::Reader;

/// A name: labels of 1 to 63 bytes, 255 bytes in all with their lengths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<Label>);

/// A label, and how it is written. Labels that differ in ASCII case only are one.
#[derive(Clone, Debug)]
struct Label {
    written: String,
    folded: String,
}

impl Name {
    /// From labels, the first of which may hold anything; `None` if one is empty or all are too long.
    pub fn new<'a>(labels: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let labels: Vec<Label> = labels.into_iter().map(Label::new).collect();
        let name = Self(labels);
        let is_sound = name
            .0
            .iter()
            .all(|label| (1..=63).contains(&label.written.len()));
        (is_sound && name.wire_len() <= MAX).then_some(name)
    }

    /// Its labels.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|label| label.written.as_str())
    }

    /// The name with a label in front.
    pub fn under(&self, label: &str) -> Option<Self> {
        Self::new(std::iter::once(label).chain(self.labels()))
    }

    /// Reads a name at the reader's place in `message`. Pointers lead strictly backwards, so they end.
    pub(super) fn read<'a>(message: &'a [u8], reader: &mut Reader<'a>) -> Option<Self> {
        let mut labels = Vec::new();
        let mut start = message.len() - reader.rest().len();
        let mut here = *reader;
        let mut is_following = false;
        loop {
            let length = here.u8()?;
            match length >> 6 {
                0 if length == 0 => break,
                0 => {
                    let bytes = here.take(length.into())?;
                    labels.push(str::from_utf8(bytes).ok()?);
                }
                0b11 => {
                    let [low] = here.array()?;
                    let to = usize::from(length & 0x3f) << 8 | usize::from(low);
                    if to >= start {
                        return None;
                    }
                    if !is_following {
                        *reader = here;
                    }
                    is_following = true;
                    start = to;
                    here = Reader::new(message.get(to..)?);
                }
                _ => return None,
            }
            if labels.len() > MAX / 2 {
                return None;
            }
        }
        if !is_following {
            *reader = here;
        }
        Self::new(labels)
    }

    /// Without compression, which is never required.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for label in self.labels() {
            out.push(u8::try_from(label.len()).unwrap_or_default());
            out.extend(label.as_bytes());
        }
        out.push(0);
    }

    fn wire_len(&self) -> usize {
        self.labels().map(|label| label.len() + 1).sum::<usize>() + 1
    }
}

impl Label {
    fn new(text: &str) -> Self {
        Self {
            written: text.to_owned(),
            folded: text.to_ascii_lowercase(),
        }
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl std::hash::Hash for Label {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.labels().try_for_each(|label| write!(f, "{label}."))
    }
}

const MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_through_pointers_that_lead_back() {
        let message = b"\x05local\0\x03foo\xc0\x00\x03bar\xc0\x07tail";
        let mut reader = Reader::new(&message[7..]);
        let foo = Name::read(message, &mut reader).unwrap();
        assert_eq!(foo, Name::new(["FOO", "Local"]).unwrap());
        let bar = Name::read(message, &mut reader).unwrap();
        assert_eq!(bar.to_string(), "bar.foo.local.");
        assert_eq!(reader.rest(), b"tail");
        let mut out = Vec::new();
        bar.write(&mut out);
        assert_eq!(out, b"\x03bar\x03foo\x05local\0");
    }

    #[test]
    fn pointers_to_themselves_or_ahead_are_no_names() {
        for message in [
            &b"\xc0\x00"[..],
            b"\xc0\x02\0",
            b"\x01a\xc0\x00",
            b"\x80\0",
            b"\x05loc",
        ] {
            assert_eq!(Name::read(message, &mut Reader::new(message)), None);
        }
    }

    #[test]
    fn labels_have_a_length() {
        assert_eq!(Name::new([""]), None);
        assert!(Name::new(["x".repeat(63).as_str()]).is_some());
        assert_eq!(Name::new(["x".repeat(64).as_str()]), None);
        let long = "x".repeat(63);
        assert_eq!(Name::new([long.as_str(); 4]), None);
    }
}
