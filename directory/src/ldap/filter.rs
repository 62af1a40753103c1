//! Search filters as text (RFC 4515).

/// All of them.
pub(super) fn and(filters: impl IntoIterator<Item = String>) -> String {
    let filters: Vec<String> = filters.into_iter().collect();
    match filters.as_slice() {
        [only] => only.clone(),
        all => format!("(&{})", all.concat()),
    }
}

/// The attribute has this value.
pub(super) fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", escaped(value))
}

/// The attribute has a value like this, in which `*` stands for any text.
pub(super) fn like(attribute: &str, pattern: &str) -> String {
    let mut parts: Vec<String> = pattern.split('*').map(escaped).collect();
    // Between two stars that touch there is nothing; a server would refuse it.
    let last = parts.len().saturating_sub(1);
    let mut index = 0;
    parts.retain(|part| {
        let is_inner = index != 0 && index != last;
        index += 1;
        !is_inner || !part.is_empty()
    });
    format!("({attribute}={})", parts.join("*"))
}

/// Whether a text is like the pattern, without regard to case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(first) else {
        return false;
    };
    let (inner, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in inner.split('*') {
        match left.find(part) {
            Some(at) => left = left.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    left.ends_with(last)
}

/// A value as it stands in a filter (RFC 4515 section 3).
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\0' => text.push_str("\\00"),
            '(' => text.push_str("\\28"),
            ')' => text.push_str("\\29"),
            '*' => text.push_str("\\2a"),
            '\\' => text.push_str("\\5c"),
            c => text.push(c),
        }
    }
    text
}

/// Whether a text can be an attribute's name (RFC 4512 section 2.5, without options).
pub(super) fn is_attribute(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn filters_of_rfc_4515_section_4() {
        let value = "Parens R Us (for all your parenthetical needs)";
        assert_eq!(
            equals("o", value),
            "(o=Parens R Us \\28for all your parenthetical needs\\29)"
        );
        assert_eq!(equals("cn", "a*b\\"), "(cn=a\\2ab\\5c)");
        let both = and([equals("a", "1"), equals("b", "2")]);
        assert_eq!(both, "(&(a=1)(b=2))");
        assert_eq!(and([equals("a", "1")]), "(a=1)");
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, filter) in [
            ("*", "(cn=*)"),
            ("a*", "(cn=a*)"),
            ("**a**b", "(cn=*a*b)"),
            ("a(", "(cn=a\\28)"),
        ] {
            assert_eq!(like("cn", pattern), filter);
        }
        for (pattern, text, is_like) in [
            ("*", "", true),
            ("a*", "Abc", true),
            ("*c", "abc", true),
            ("a*b*c", "aXbXc", true),
            ("a*a", "a", false),
            ("abc", "ABC", true),
            ("abc", "abcd", false),
            ("*b*", "abc", true),
            ("*x*", "abc", false),
        ] {
            assert_eq!(matches(pattern, text), is_like, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn any_pattern_is_a_filter(pattern in "\\PC{0,20}") {
            let filter = like("cn", &pattern);
            if !pattern.is_empty() {
                prop_assert!(ldap3::parse_filter(&filter).is_ok(), "{}", filter);
            }
            prop_assert!(ldap3::parse_filter(equals("cn", &pattern)).is_ok());
        }

        #[test]
        fn a_text_is_like_itself(text in "[^*\\PL]{0,20}") {
            prop_assert!(matches(&text, &text));
            let around = format!("*{text}*");
            prop_assert!(matches(&around, &text));
        }
    }
}
