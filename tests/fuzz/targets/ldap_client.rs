//! What a directory server may send: messages, entries, names, addresses, security descriptors.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assert_eq!(directory::ldap::rehearse(bytes), Ok(())));
