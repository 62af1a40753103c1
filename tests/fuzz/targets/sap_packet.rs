//! SAP packets, compressed ones too.
#![no_main]
use directory::sap::Packet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(packet) = Packet::parse(bytes) else {
        return;
    };
    assert!(packet.payload.len() <= directory::sap::MAX_INFLATED.max(bytes.len()));
});
