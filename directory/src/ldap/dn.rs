//! Distinguished names as text (RFC 4514): made from any value, compared as servers compare them.

/// A value as it stands in a name (RFC 4514 section 2.4).
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, c) in value.chars().enumerate() {
        match c {
            '\0' => text.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => text.extend(['\\', c]),
            '#' if index == 0 => text.extend(['\\', c]),
            ' ' if index == 0 || index == last => text.extend(['\\', c]),
            c => text.push(c),
        }
    }
    text
}

/// A name in the one form by which two are compared: without regard to case, to spaces around `,` `=` `+`, or to
/// which way a character is escaped.
///
/// Attributes that distinguish case, or have several names, are not told apart; ours are not among them.
pub(super) fn normal(name: &str) -> String {
    let mut normal = Vec::with_capacity(name.len());
    let mut bytes = name.bytes().peekable();
    // How much of `normal` may not be trimmed, because it was escaped.
    let mut kept = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                unescape(&mut bytes, &mut normal);
                kept = normal.len();
            }
            b',' | b'=' | b'+' | b';' => {
                while normal.len() > kept && normal.last() == Some(&b' ') {
                    normal.pop();
                }
                // Something that no value holds unescaped tells a separator from a character.
                normal.extend([0, if byte == b';' { b',' } else { byte }]);
                while bytes.next_if_eq(&b' ').is_some() {}
                kept = normal.len();
            }
            byte => normal.push(byte),
        }
    }
    while normal.len() > kept && normal.last() == Some(&b' ') {
        normal.pop();
    }
    String::from_utf8_lossy(&normal).to_lowercase()
}

/// Whether both are the same entry.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// Whether an entry is below another, or is that.
pub(super) fn is_below(name: &str, base: &str) -> bool {
    let (name, base) = (normal(name), normal(base));
    let above = name.strip_suffix(&base);
    base.is_empty() || above.is_some_and(|above| above.is_empty() || above.ends_with("\0,"))
}

/// Reads what follows a backslash: two hex digits, or the character itself.
fn unescape(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>, into: &mut Vec<u8>) {
    let Some(first) = bytes.next() else { return };
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let second = bytes.peek().copied().and_then(digit);
    match digit(first).zip(second) {
        Some((high, low)) => {
            bytes.next();
            into.push(high << 4 | low);
        }
        None => into.push(first),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_rfc_4514_section_4() {
        assert_eq!(
            escaped("James \"Jim\" Smith, III"),
            "James \\\"Jim\\\" Smith\\, III"
        );
        assert_eq!(escaped(" #a# "), "\\ #a#\\ ");
        assert_eq!(escaped("#a"), "\\#a");
        assert_eq!(escaped("Lučić"), "Lučić");
    }

    #[test]
    fn names_are_compared_as_servers_do() {
        // Samba gives the first for the second.
        assert!(is_same(
            "MSTAPI-UID=0a,OU=Dynamic,DC=x",
            "msTAPI-uid=0A, ou=dynamic,dc=X"
        ));
        assert!(is_same("cn=a\\,b , o=x", "cn=a\\2Cb,o=x"));
        assert!(is_same("cn=Lu\\C4\\8Di\\C4\\87,o=x", "CN=Lučić;O=x"));
        assert!(!is_same("cn=a\\,o=b", "cn=a,o=b"));
        assert!(!is_same("cn=a\\ ,o=b", "cn=a,o=b"));
    }

    #[test]
    fn below_is_not_beside() {
        assert!(is_below("ou=a,o=x", "o=X"));
        assert!(is_below("o=x", "o=x"));
        assert!(is_below("o=x", ""));
        assert!(!is_below("o=xx", "o=x"));
        assert!(!is_below("ou=a\\,o=x", "o=x"));
    }

    proptest! {
        #[test]
        fn an_escaped_value_stays_one_value(value in "\\PC{1,20}") {
            let name = format!("cn={},o=x", escaped(&value));
            prop_assert!(is_below(&name, "o=x"));
            prop_assert_eq!(normal(&name).matches("\0=").count(), 2);
        }

        #[test]
        fn any_name_is_itself(name in "\\PC{0,40}") {
            prop_assert!(is_same(&name, &name));
        }
    }
}
