//! Descriptions: any bytes are read or refused, and what was read is written so that it reads the same.
#![no_main]
use directory::Description;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(description) = Description::parse(bytes) else {
        return;
    };
    let written = description.to_string();
    let again = Description::parse(written.as_bytes());
    let again = again.unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again.to_string(), written);
    assert_eq!(again.id(), description.id());
});
