//! Requests to the embedded directory server: any bytes, and any operations that are well formed around them.
#![no_main]
use std::time::{Duration, SystemTime};

use directory::server::Rehearsal;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut now = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30);
    let mut server = Rehearsal::new(now);
    server.converse(now, bytes);
    // The same bytes as operations: the first says which, the second how long.
    let mut rest = bytes;
    while let [what, much, tail @ ..] = rest {
        let (given, tail) = tail.split_at(tail.len().min(usize::from(*much)));
        rest = tail;
        now += Duration::from_secs(u64::from(*much));
        let tag = [0x60, 0x63, 0x66, 0x68, 0x4A, 0x6E, 0x77, 0x6C][usize::from(*what % 8)];
        server.converse(now, &message(tag, given));
        assert!(server.entries() >= 4, "what is there from the start stays");
    }
});

/// An operation of this tag, in a message.
fn message(tag: u8, content: &[u8]) -> Vec<u8> {
    let operation = [&[tag, 0x81, content.len() as u8], content].concat();
    let [high, low] = ((operation.len() + 3) as u16).to_be_bytes();
    [&[0x30, 0x82, high, low, 2, 1, 1], &operation[..]].concat()
}
