//! From bytes to lines: line ends, character sets, NUL and junk.
use std::borrow::Cow;

/// One `type=value` line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Counted from 1 over all lines, also those that are skipped.
    pub(super) number: usize,
    /// The letter before the `=`.
    pub(super) kind: char,
    /// Everything behind the `=`.
    pub(super) value: Cow<'a, str>,
}

/// Splits at LF, CRLF and lone CR, up to the first NUL; what is not `x=…` is skipped.
///
/// Text is ISO 8859-1 where `a=charset` says so, otherwise UTF-8; a line that is not valid UTF-8 is taken
/// for ISO 8859-1, which old announcers send without saying so.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.split(|b| *b == 0).next().unwrap_or_default();
    let is_latin1 = raw_lines(bytes).any(declares_latin1);
    raw_lines(bytes)
        .enumerate()
        .filter_map(move |(index, raw)| line(index + 1, raw, is_latin1))
}

/// Number of lines up to the first NUL, blank ones included.
pub(super) fn count(bytes: &[u8]) -> usize {
    let bytes = bytes.split(|b| *b == 0).next().unwrap_or_default();
    raw_lines(bytes.trim_ascii_end()).count()
}

fn raw_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|b| *b == b'\n')
        .flat_map(|line| trim_cr(line).split(|b| *b == b'\r'))
}

fn trim_cr(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    line
}

fn declares_latin1(line: &[u8]) -> bool {
    line.strip_prefix(b"a=charset:")
        .and_then(|charset| str::from_utf8(charset.trim_ascii()).ok())
        .is_some_and(is_latin1)
}

/// Whether this is a name of ISO 8859-1.
pub(super) fn is_latin1(charset: &str) -> bool {
    ["iso-8859-1", "iso8859-1", "latin1"]
        .iter()
        .any(|name| charset.eq_ignore_ascii_case(name))
}

fn line(number: usize, raw: &[u8], is_latin1: bool) -> Option<Line<'_>> {
    let (kind, value) = match raw.trim_ascii_start() {
        [kind @ b'a'..=b'z', b'=', value @ ..] => (char::from(*kind), value),
        _ => return None,
    };
    let value = match str::from_utf8(value) {
        Ok(text) if !is_latin1 => Cow::Borrowed(text),
        _ => Cow::Owned(value.iter().copied().map(char::from).collect()),
    };
    Some(Line {
        number,
        kind,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(usize, char, String)> {
        lines(bytes)
            .map(|l| (l.number, l.kind, l.value.into_owned()))
            .collect()
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let expected = [(1, 'v', "0"), (2, 's', "a"), (4, 'i', "b"), (5, 't', "0 0")]
            .map(|(n, k, v)| (n, k, v.to_owned()));
        assert_eq!(read(b"v=0\r\ns=a\n\ni=b\rt=0 0"), expected);
        assert_eq!(read(b"v=0\r\r\ns=a\n\ni=b\nt=0 0\0m=junk"), expected);
    }

    #[test]
    fn charset_is_declared_or_guessed() {
        assert_eq!(read(b"s=Caf\xc3\xa9")[0].2, "Café");
        assert_eq!(read(b"s=Caf\xe9\ni=\xc3\xa9")[0].2, "Café");
        assert_eq!(read(b"s=Caf\xe9\ni=\xc3\xa9")[1].2, "é");
        assert_eq!(read(b"s=\xc3\xa9\na=charset:ISO-8859-1\r\n")[0].2, "Ã©");
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        assert_eq!(count(b"v=0\r\n\r\nt=0 0\r\n"), 3);
        assert_eq!(count(b""), 1);
    }
}
