//! What CONFERENCE on the command line may be: a name, an id, a file, standard input, or a link.
use std::path::{Path, PathBuf};

/// How a conference was referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `-`: the description comes on standard input.
    StandardInput,
    /// The description is in a file.
    File(PathBuf),
    /// A name or an id, to be looked for among the conferences known.
    Known(String),
}

impl Reference {
    /// Reads a reference; `exists` tells whether there is a file of that name.
    pub fn parse(text: &str, exists: impl Fn(&Path) -> bool) -> Self {
        if text == "-" {
            return Self::StandardInput;
        }
        if let Some(link) = text.strip_prefix("rendezvous:") {
            return Self::Known(decode(link.trim_start_matches('/')));
        }
        let path = Path::new(text);
        let is_named_so = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("sdp"));
        if is_named_so || (text.contains(std::path::MAIN_SEPARATOR) && exists(path)) {
            return Self::File(path.to_owned());
        }
        Self::Known(text.to_owned())
    }

    /// What to look for among the conferences known.
    pub(super) fn wanted(&self) -> &str {
        match self {
            Self::Known(text) => text,
            Self::StandardInput | Self::File(_) => "",
        }
    }
}

/// The link that others can follow to a conference.
pub fn link(id: &impl std::fmt::Display) -> String {
    format!("rendezvous:{id}")
}

/// Undoes percent-encoding (RFC 3986 section 2.1); what is not encoded properly stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        let byte = after
            .get(1..3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = after
            .get(if byte.is_some() { 3 } else { 1 }..)
            .unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Reference {
        Reference::parse(text, |path| path == Path::new("./room"))
    }

    #[test]
    fn each_form_is_told_from_the_others() {
        assert_eq!(parse("-"), Reference::StandardInput);
        assert_eq!(parse("weekly.sdp"), Reference::File("weekly.sdp".into()));
        assert_eq!(parse("./room"), Reference::File("./room".into()));
        assert_eq!(parse("A/V check"), Reference::Known("A/V check".into()));
        assert_eq!(
            parse("0123456789abcdef"),
            Reference::Known("0123456789abcdef".into())
        );
        assert_eq!(
            parse("rendezvous:0123456789abcdef"),
            Reference::Known("0123456789abcdef".into())
        );
    }

    #[test]
    fn link_may_hold_an_encoded_name() {
        assert_eq!(
            parse("rendezvous:Shift%20handover"),
            Reference::Known("Shift handover".into())
        );
        assert_eq!(parse("rendezvous://%C3%A4%"), Reference::Known("ä%".into()));
        assert_eq!(parse("rendezvous:%zz"), Reference::Known("%zz".into()));
    }
}
