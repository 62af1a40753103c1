//! MADCAP messages: what is read is written alike, and faults are answered in few bytes.
#![no_main]
use std::net::IpAddr;

use directory::address::madcap::{Packet, PacketError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match Packet::parse(bytes) {
    Ok(packet) => assert_eq!(Packet::parse(&packet.to_bytes()), Ok(packet)),
    Err(PacketError::NotConforming(fault)) => {
        let nak = fault.nak(IpAddr::from([10, 0, 0, 1]));
        assert!(nak.is_none_or(|nak| nak.len() < 200));
    }
    Err(_) => {}
});
