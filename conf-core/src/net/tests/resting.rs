//! What comes to a socket that rests.
use std::net::{IpAddr, Ipv4Addr};

use super::*;

/// The probe is in no hurry with what comes to it.
pub(super) const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 255, 77, 9));

#[test]
fn what_may_wait_is_heard_in_order_and_so_is_what_comes_after_a_silence() {
    let net = NetThread::start().unwrap();
    let group = SocketAddr::new(GROUP, free_group().port());
    let (alice, bob) = (Remote::new(&net).joined(group), Remote::new(&net));
    for round in 0..3 {
        let words = (0..100).map(|number| format!("{round}: {number}"));
        let words: Vec<String> = words.collect();
        for word in &words {
            bob.run([say(group, word)]);
        }
        for word in &words {
            assert_eq!(alice.next_bytes(), word.as_bytes());
        }
        // Longer than a socket rests in vain.
        let silence = alice.told.recv_timeout(Duration::from_millis(60));
        assert_eq!(silence, Err(RecvTimeoutError::Timeout));
    }
}
