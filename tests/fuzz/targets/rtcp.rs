//! RTCP datagrams, full and of reduced size, down to the last item of the last packet.
#![no_main]
use conf_core::rtcp::{Compound, Form, RtcpPacket};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for form in [Form::Full, Form::ReducedSize] {
        let Ok(compound) = Compound::parse(bytes, form) else {
            continue;
        };
        assert!(compound.packets().count() <= bytes.len() / 4);
        for packet in compound.packets().flatten() {
            if let RtcpPacket::Sdes(sdes) = &packet {
                assert!(sdes.chunks().count() <= 31);
            }
            assert!(format!("{packet:?}").len() < 1_000_000);
        }
    }
});
