//! The hash that names one version of an announcement (RFC 2974 section 6).

/// A hash of the content: never 0, which names nothing, and never one that is taken.
pub(super) fn of(payload: &[u8], is_taken: impl Fn(u16) -> bool) -> u16 {
    let first = fold(fnv1a(payload));
    let mut candidates = (0..=u16::MAX).map(|step| first.wrapping_add(step));
    let free = candidates.find(|hash| *hash != 0 && !is_taken(*hash));
    free.unwrap_or(1)
}

fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

fn fold(hash: u32) -> u16 {
    let [a, b, c, d] = hash.to_be_bytes();
    u16::from_be_bytes([a ^ c, b ^ d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
        assert_eq!(of(b"foobar", |_| false), 0xbf9c ^ 0xf968);
    }

    #[test]
    fn never_zero_and_never_taken() {
        let first = of(b"foobar", |_| false);
        assert_eq!(of(b"foobar", |hash| hash == first), first + 1);
        assert_eq!(of(b"foobar", |hash| hash >= first), 1);
    }
}
