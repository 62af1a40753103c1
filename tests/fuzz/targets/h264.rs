//! H.264 payloads in any order, with any contents: put together, looked at, decoded.
#![no_main]
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use media::codec::video::H264Decoder;
use media::payload::h264::{Depacketizer, H264Format, H264Packet};
use media::rtp_time::RtpTime;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut decoder) = H264Decoder::new(&H264Format::new(96)) else {
        return;
    };
    let mut depacketizer = Depacketizer::default();
    let now = Instant::now();
    let mut rest = bytes;
    while let [flags, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (payload, tail) = tail.split_at(tail.len().min(length));
        rest = tail;
        depacketizer.push(&H264Packet {
            time: RtpTime(u32::from(flags >> 2)),
            marker: flags & 1 != 0,
            follows: flags & 2 == 0,
            payload,
        });
        while let Some(unit) = depacketizer.poll_unit() {
            drop(decoder.decode(&unit, now));
            depacketizer.recycle(unit);
        }
    }
});
