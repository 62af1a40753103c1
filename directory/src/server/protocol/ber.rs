//! BER as LDAP uses it (RFC 4511 section 5.1): definite lengths, tags of one byte.
use crate::wire::Reader;

/// Universal tags.
pub(in crate::server) const BOOLEAN: u8 = 0x01;
pub(in crate::server) const INTEGER: u8 = 0x02;
pub(in crate::server) const OCTETS: u8 = 0x04;
pub(in crate::server) const ENUMERATED: u8 = 0x0A;
pub(in crate::server) const SEQUENCE: u8 = 0x30;
pub(in crate::server) const SET: u8 = 0x31;

/// Writes a tag, and whatever `content` writes, with its length.
pub(in crate::server) fn wrap(out: &mut Vec<u8>, tag: u8, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    out.push(0);
    let start = out.len();
    content(out);
    let length = out.len() - start;
    let (bytes, used) = length_bytes(length);
    let tail = bytes.iter().copied().take(used);
    out.splice(start - 1..start, tail);
}

/// Writes a primitive element.
pub(in crate::server) fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    let (bytes, used) = length_bytes(content.len());
    out.push(tag);
    out.extend(bytes.iter().take(used));
    out.extend_from_slice(content);
}

/// Writes an INTEGER or ENUMERATED, which is never negative here.
pub(in crate::server) fn put_number(out: &mut Vec<u8>, tag: u8, number: u32) {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
    let short = bytes.get(zeros..).unwrap_or_default();
    let sign = short.first().is_some_and(|byte| *byte >= 0x80);
    out.push(tag);
    out.push(u8::try_from(short.len() + usize::from(sign)).unwrap_or_default());
    out.extend(sign.then_some(0));
    out.extend_from_slice(short);
}

/// Writes a BOOLEAN.
pub(in crate::server) fn put_bool(out: &mut Vec<u8>, tag: u8, is_true: bool) {
    put(out, tag, &[if is_true { 0xFF } else { 0 }]);
}

/// The next element: its tag and its content.
pub(in crate::server) fn take<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let tag = reader.u8()?;
    let length = take_length(reader)?;
    Some((tag, reader.take(length)?))
}

/// The next element, if it has this tag.
pub(in crate::server) fn expect<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    take(reader)
        .filter(|(found, _)| *found == tag)
        .map(|(_, content)| content)
}

/// A number that is not negative and fits.
pub(in crate::server) fn number(content: &[u8]) -> Option<u32> {
    let is_readable = (1..=5).contains(&content.len()) && content.first()? & 0x80 == 0;
    let value = content
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    is_readable.then(|| u32::try_from(value).ok())?
}

/// A length of at most four bytes; more are never needed (RFC 4511 section 5.1 allows them, no client sends them).
pub(in crate::server) fn take_length(reader: &mut Reader<'_>) -> Option<usize> {
    match reader.u8()? {
        short @ 0..=0x7F => Some(short.into()),
        long @ 0x81..=0x84 => {
            let bytes = reader.take(usize::from(long & 0x7F))?;
            let sum = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
            Some(bytes.iter().fold(0, sum))
        }
        _ => None,
    }
}

/// The shortest form of a length, and how many of the bytes are it.
fn length_bytes(length: usize) -> ([u8; 5], usize) {
    let [.., a, b, c, d] = (length as u64).to_be_bytes();
    match length {
        0..0x80 => ([d, 0, 0, 0, 0], 1),
        0x80..0x100 => ([0x81, d, 0, 0, 0], 2),
        0x100..0x1_0000 => ([0x82, c, d, 0, 0], 3),
        0x1_0000..0x100_0000 => ([0x83, b, c, d, 0], 4),
        _ => ([0x84, a, b, c, d], 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_short_as_they_go() {
        for (length, head) in [
            (0usize, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (256, vec![4, 0x82, 1, 0]),
            (65_536, vec![4, 0x83, 1, 0, 0]),
        ] {
            let content = vec![7; length];
            let (mut wrapped, mut plain) = (Vec::new(), Vec::new());
            wrap(&mut wrapped, OCTETS, |out| out.extend_from_slice(&content));
            put(&mut plain, OCTETS, &content);
            assert!(plain.starts_with(&head), "{length}");
            assert_eq!(wrapped, plain);
            let mut reader = Reader::new(&plain);
            assert_eq!(take(&mut reader), Some((OCTETS, content.as_slice())));
        }
    }

    #[test]
    fn numbers_keep_their_sign() {
        for (number_is, bytes) in [
            (0, vec![2, 1, 0]),
            (127, vec![2, 1, 127]),
            (128, vec![2, 2, 0, 128]),
            (4096, vec![2, 2, 0x10, 0]),
            (u32::MAX, vec![2, 5, 0, 255, 255, 255, 255]),
        ] {
            let mut out = Vec::new();
            put_number(&mut out, INTEGER, number_is);
            assert_eq!(out, bytes);
            assert_eq!(number(&bytes[2..]), Some(number_is));
        }
        assert_eq!(number(&[0x80]), None, "negative");
        assert_eq!(number(&[]), None);
    }
}
