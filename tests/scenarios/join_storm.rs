//! A thousand people come at once.

use std::time::Duration;

use conf_core::session::RtcpBandwidth;
use conf_tests::lan::{Lan, Weather};
use conf_tests::reporter::Reporter;
use conf_tests::seat::{Seat, config, rtcp};

const CROWD: u32 = 1000;

/// One real participant, and a crowd that arrives within two seconds and reports every five.
fn crowded(weather: Weather, reports: Option<u32>) -> (Lan, Seat) {
    let mut lan = Lan::new(weather);
    let mut config = config(&lan, "full", 1);
    config.bandwidth = RtcpBandwidth {
        senders: 16_000,
        receivers: 160_000,
    };
    let (seat, _) = Seat::plug(&mut lan, config);
    for number in 0..CROWD {
        let first = lan.now() + Duration::from_millis(2 * u64::from(number));
        let member = Reporter::new(0x1000 + number, rtcp(), first, Duration::from_secs(5));
        let member = match reports {
            Some(reports) => member.leaving_after(reports),
            None => member,
        };
        lan.plug(Box::new(member));
    }
    (lan, seat)
}

#[test]
fn a_thousand_members_who_join_at_once_are_all_known_after_two_seconds() {
    let (mut lan, seat) = crowded(Weather::FAIR, None);
    lan.run_for(Duration::from_secs(3));
    assert_eq!(seat.joined().len(), CROWD as usize);
}

/// With 5 % lost, one of them misses the five reports in a row that are a time-out once in three hours.
#[test]
fn a_thousand_members_stay_known_for_five_minutes_of_storm() {
    let weather = Weather {
        loss_percent: 5,
        ..Weather::STORM
    };
    let (mut lan, seat) = crowded(weather, None);
    lan.run_for(Duration::from_secs(300));
    assert_eq!(seat.joined().len(), CROWD as usize);
    assert_eq!(seat.gone(), []);
}

#[test]
fn a_thousand_members_who_leave_at_once_are_all_gone_at_once() {
    let (mut lan, seat) = crowded(Weather::FAIR, Some(3));
    lan.run_for(Duration::from_secs(18));
    assert_eq!(seat.gone().len(), CROWD as usize);
}

/// The interval grows with the group, so that all together stay within the bandwidth (RFC 3550 section 6.3).
#[test]
fn sixty_full_members_together_keep_to_the_rtcp_bandwidth() {
    let mut lan = Lan::new(Weather::FAIR);
    for seed in 0..60 {
        let mut config = config(&lan, &format!("person{seed}"), seed + 1);
        config.bandwidth = RtcpBandwidth::of_session(16_000);
        Seat::plug(&mut lan, config);
    }
    lan.run_for(Duration::from_secs(300));
    let before = lan.sent_bytes;
    lan.run_for(Duration::from_secs(600));
    // 5 % of 16 kbit/s; 28 bytes of IP and UDP belong to each packet and are not in `sent_bytes`.
    let bits_per_second = (lan.sent_bytes - before) * 8 / 600;
    assert!(
        (200..=800).contains(&bits_per_second),
        "{bits_per_second} bit/s"
    );
}
