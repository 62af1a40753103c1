//! Payloads of every audio format: looked at, and decoded.
#![no_main]
use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use media::codec::{AudioDecoder, PayloadInfo, decoder};
use media::payload::AudioFormat;

type Coders = Vec<(AudioFormat, Box<dyn AudioDecoder>)>;

thread_local! {
    // To make them takes far longer than to decode; reset, they are as new.
    static CODERS: RefCell<Coders> = RefCell::new(coders());
}

fuzz_target!(|bytes: &[u8]| {
    CODERS.with_borrow_mut(|coders| {
        for (format, decoder) in coders {
            if PayloadInfo::of(format, bytes).is_none() {
                continue;
            }
            decoder.reset();
            let mut out = [0.0; 2 * 5760];
            if let Ok(frames) = decoder.decode(bytes, &mut out) {
                assert!(decoder.channels() * frames <= out.len());
            }
        }
    });
});

fn coders() -> Coders {
    let named = |name, clock| AudioFormat::from_sdp(97, Some((name, clock, Some(2))), None, None);
    let fixed = |number| AudioFormat::from_sdp(number, None, None, None);
    let formats = [
        named("opus", 48_000),
        named("L16", 44_100),
        fixed(0),
        fixed(8),
    ];
    let formats = formats.into_iter().flatten();
    formats
        .filter_map(|format| Some((format, decoder(&format, 2).ok()?)))
        .collect()
}
