//! Payloads of every audio format: looked at, and decoded.
#![no_main]
use libfuzzer_sys::fuzz_target;
use media::codec::{PayloadInfo, decoder};
use media::payload::AudioFormat;

fuzz_target!(|bytes: &[u8]| {
    let named = |name, clock| AudioFormat::from_sdp(97, Some((name, clock, Some(2))), None, None);
    let fixed = |number| AudioFormat::from_sdp(number, None, None, None);
    let formats = [named("opus", 48_000), named("L16", 44_100), fixed(0), fixed(8)];
    for format in formats.into_iter().flatten() {
        let info = PayloadInfo::of(&format, bytes);
        let Ok(mut decoder) = decoder(&format, 2) else {
            continue;
        };
        let mut out = vec![0.0; 2 * 5760];
        if info.is_some()
            && let Ok(frames) = decoder.decode(bytes, &mut out)
        {
            assert!(2 * frames <= out.len());
        }
    }
});
