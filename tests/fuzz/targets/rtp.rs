//! RTP packets with their extensions.
#![no_main]
use conf_core::rtp::RtpPacket;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(packet) = RtpPacket::parse(bytes) {
        assert!(packet.csrcs().count() <= 15);
        assert!(format!("{packet:?}").len() < 100_000);
    }
});
