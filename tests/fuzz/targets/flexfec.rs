//! Repair packets, and what is restored from them.
#![no_main]
use conf_core::rtp::{FlexFec, RtpPacket};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(packet) = RtpPacket::parse(bytes) else {
        return;
    };
    let Some(fec) = FlexFec::parse(&packet) else {
        return;
    };
    assert!(fec.protects().len() <= 255);
    for lost in fec.protects() {
        if let Some(restored) = fec.recover(*lost, std::iter::once(bytes)) {
            assert!(restored.len() < 65_536 + 12);
            if let Ok(packet) = RtpPacket::parse(&restored) {
                assert_eq!((packet.seq(), packet.ssrc()), (*lost, fec.protected));
            }
        }
    }
});
