//! Names of entries (RFC 4514), and the form in which equal names are equal strings.
use super::matching::folded;

/// A name as it was written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Dn {
    rdns: Vec<Rdn>,
}

/// One component: attributes and values, nearly always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Rdn {
    /// Type and unescaped value.
    pub(in crate::server) parts: Vec<(String, String)>,
}

/// Longest name that is looked at, in bytes; and how many components it may have.
const MAX_LENGTH: usize = 2048;
const MAX_COMPONENTS: usize = 16;

impl Dn {
    /// Reads a name; the empty one is the root.
    pub(in crate::server) fn parse(text: &str) -> Option<Self> {
        let mut rdns = Vec::new();
        let mut rest = text.trim();
        if rest.len() > MAX_LENGTH {
            return None;
        }
        while !rest.is_empty() {
            let (rdn, after) = Rdn::parse(rest)?;
            rdns.push(rdn);
            rest = match after.split_at_checked(1) {
                None => "",
                // LDAPv2 also parted them with semicolons (RFC 2253 section 4).
                Some(("," | ";", more)) if !more.trim().is_empty() => more,
                Some(_) => return None,
            };
        }
        (rdns.len() <= MAX_COMPONENTS).then_some(Self { rdns })
    }

    /// Its first component, unless it is the root.
    pub(in crate::server) fn rdn(&self) -> Option<&Rdn> {
        self.rdns.first()
    }

    /// All components, from the entry to the root.
    pub(in crate::server) fn rdns(&self) -> &[Rdn] {
        &self.rdns
    }

    /// Equal names have equal keys.
    pub(in crate::server) fn key(&self) -> String {
        key_of(&self.rdns)
    }

    /// The key of the entry above.
    pub(in crate::server) fn parent_key(&self) -> String {
        key_of(self.rdns.get(1..).unwrap_or_default())
    }
}

impl Rdn {
    fn parse(text: &str) -> Option<(Self, &str)> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            let (kind, after) = rest.split_once('=')?;
            let kind = kind.trim();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            if kind.is_empty() || !kind.chars().all(is_name) {
                return None;
            }
            let (value, after) = value(after.trim_start())?;
            parts.push((kind.to_owned(), value));
            match after.strip_prefix('+') {
                Some(more) => rest = more,
                None => return Some((Self { parts }, after)),
            }
        }
    }
}

/// Reads a value up to an unescaped separator, which stays.
fn value(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::new();
    // What was escaped is kept, if it is a space at the end.
    let mut solid = 0;
    let mut chars = text.char_indices();
    let mut end = text.len();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | ';' | '+' => {
                end = at;
                break;
            }
            '\\' => {
                let (_, escaped) = chars.next()?;
                match escaped.to_digit(16) {
                    Some(high) => {
                        let low = chars.next().and_then(|(_, c)| c.to_digit(16))?;
                        bytes.push(u8::try_from(high << 4 | low).ok()?);
                    }
                    None => push(&mut bytes, escaped),
                }
                solid = bytes.len();
            }
            '"' | '<' | '>' | '\0' => return None,
            _ => {
                push(&mut bytes, c);
                if c != ' ' {
                    solid = bytes.len();
                }
            }
        }
    }
    bytes.truncate(solid);
    let value = String::from_utf8(bytes).ok()?;
    (!value.is_empty()).then_some(())?;
    Some((value, text.get(end..)?))
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn key_of(rdns: &[Rdn]) -> String {
    let rdns: Vec<String> = rdns.iter().map(rdn_key).collect();
    rdns.join(",")
}

fn rdn_key(rdn: &Rdn) -> String {
    let mut parts: Vec<String> = rdn
        .parts
        .iter()
        .map(|(kind, value)| {
            let value: String = folded(value).collect();
            format!("{}={}", kind.to_ascii_lowercase(), escape(&value))
        })
        .collect();
    parts.sort();
    parts.join("+")
}

/// Writes a value so that it can stand in a name (RFC 4514 section 2.4).
pub(in crate::server) fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let is_edge = at == 0 || at + c.len_utf8() == value.len();
        let is_special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=')
            || (c == '#' && at == 0)
            || (c == ' ' && is_edge);
        match c {
            '\0' => out.push_str("\\00"),
            _ => {
                out.extend(is_special.then_some('\\'));
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> String {
        Dn::parse(text).unwrap().key()
    }

    /// The examples of RFC 4514 section 4.
    #[test]
    fn examples_of_rfc_4514_are_read() {
        let dn = Dn::parse("OU=Sales+CN=J.  Smith,DC=example,DC=net").unwrap();
        assert_eq!(dn.rdns().len(), 3);
        assert_eq!(dn.key(), "cn=j. smith+ou=sales,dc=example,dc=net");
        let dn = Dn::parse(r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#).unwrap();
        assert_eq!(dn.rdn().unwrap().parts[0].1, r#"James "Jim" Smith, III"#);
        let dn = Dn::parse(r"CN=Before\0dAfter,DC=example,DC=net").unwrap();
        assert_eq!(dn.rdn().unwrap().parts[0].1, "Before\rAfter");
        let dn = Dn::parse(r"CN=Lu\C4\8Di\C4\87").unwrap();
        assert_eq!(dn.rdn().unwrap().parts[0].1, "Lučić");
    }

    #[test]
    fn equal_names_have_equal_keys() {
        assert_eq!(key("UID=A , OU=People"), key("uid=a,ou=PEOPLE"));
        assert_eq!(
            key("cn=a\\ ,o=x"),
            key("cn=a,o=x"),
            "spaces at the edge do not count"
        );
        assert_eq!(key(""), "");
        assert_ne!(key("cn=a\\,b"), key("cn=a,b=c"));
    }

    #[test]
    fn parent_is_what_is_above() {
        let dn = Dn::parse("uid=1,ou=People,o=rendezvous").unwrap();
        assert_eq!(dn.parent_key(), "ou=people,o=rendezvous");
    }

    #[test]
    fn nonsense_is_no_name() {
        for text in [
            "a", "=b", "a=", "a=b,", ",a=b", "a=b,,c=d", "a=\\", "a=\\4", "a=\"b\"",
        ] {
            assert_eq!(Dn::parse(text), None, "{text}");
        }
        assert_eq!(Dn::parse(&"a=b,".repeat(40)), None);
    }

    proptest! {
        #[test]
        fn escaped_value_is_read_back(value in "[^\0]{1,20}") {
            prop_assume!(!value.is_empty());
            let dn = Dn::parse(&format!("cn={},o=x", escape(&value)));
            let read = dn.and_then(|dn| dn.rdn().map(|rdn| rdn.parts[0].1.clone()));
            // White space other than blanks around a name is not part of it.
            prop_assert_eq!(read.as_deref().map(str::trim), Some(value.trim()).filter(|v| !v.is_empty() || value.contains(' ')));
        }

        #[test]
        fn any_text_is_no_panic(text in ".{0,60}") {
            if let Some(dn) = Dn::parse(&text) {
                prop_assert_eq!(Dn::parse(&dn.key()).map(|dn| dn.key()), Some(dn.key()));
            }
        }
    }
}
