//! How often reports go out, against the formula done another way.
use std::time::Duration;

use media::rtp_time::Ssrc;

use super::lan::{Lan, address};
use crate::rtcp::{CompoundWriter, SdesItem};
use crate::session::{RtcpBandwidth, SessionInput};

/// RTCP of all hosts in the last `secs`, in bytes per second on the wire, and the mean of single hosts' intervals.
fn load(lan: &Lan, secs: u64) -> (f64, f64) {
    let since = lan.now - Duration::from_secs(secs);
    let sent = lan.hosts.iter().flat_map(|host| &host.rtcp);
    let sizes: Vec<f64> = sent
        .filter(|(at, _)| *at >= since)
        .map(|(_, bytes)| 28.0 + bytes.len() as f64)
        .collect();
    let secs = secs as f64;
    let interval = secs * lan.hosts.len() as f64 / sizes.len() as f64;
    (sizes.iter().sum::<f64>() / secs, interval)
}

#[test]
fn few_report_about_every_five_seconds() {
    for hosts in [2, 5, 10] {
        let mut lan = Lan::with_hosts(hosts);
        lan.run_secs(600);
        let (_, interval) = load(&lan, 570);
        // Randomised about 5 s / 1.218; reconsideration makes up for most of the division, not all, where the
        // group does not change.
        assert!((4.0..5.2).contains(&interval), "{hosts}: {interval}");
    }
}

#[test]
fn many_share_the_receivers_bandwidth() {
    for hosts in [60, 120] {
        let mut lan = Lan::with_hosts(hosts);
        lan.run_secs(600);
        let (bytes_per_sec, _) = load(&lan, 450);
        // 64 kbit/s · 5 % · 3/4 = 300 bytes/s.
        assert!(
            (260.0..390.0).contains(&bytes_per_sec),
            "{hosts}: {bytes_per_sec}"
        );
    }
}

#[test]
fn join_storm_does_not_flood() {
    let mut lan = Lan::with_hosts(200);
    lan.run_secs(10);
    let (bytes_per_sec, _) = load(&lan, 10);
    // Without reconsideration all 200 would report within four seconds: 1,300 bytes/s.
    assert!(bytes_per_sec < 800.0, "{bytes_per_sec}");
    lan.run_secs(190);
    let (bytes_per_sec, _) = load(&lan, 60);
    assert!(bytes_per_sec < 400.0, "{bytes_per_sec}");
    assert!(
        lan.hosts
            .iter()
            .all(|host| host.session.statistics().members == 200)
    );
}

/// One session among a thousand who only report: its own mean interval is theirs.
#[test]
fn thousandth_member_reports_as_seldom_as_its_share() {
    for (members, receivers_bits, expected_secs) in [
        // Each report has 8 + 20 bytes and 28 of headers: 56. Ours is as long.
        (1000u32, 2_400, 1000.0 * 56.0 / 300.0),
        (1000, 89_600, 5.0),
        (100, 2_400, 100.0 * 56.0 / 300.0),
    ] {
        let mut lan = Lan::new();
        lan.plug(|config| {
            config.cname = "12345678".to_owned();
            config.bandwidth = RtcpBandwidth {
                senders: receivers_bits / 3,
                receivers: receivers_bits,
            };
        });
        let report = |ssrc: u32| {
            let mut writer = CompoundWriter::report(1200, Ssrc(ssrc), None, &[]);
            writer.sdes(Ssrc(ssrc), [(SdesItem::Cname, "12345678")]);
            writer.finish()
        };
        let step = Duration::from_secs_f64(expected_secs / f64::from(members));
        let rounds = 60;
        for round in 0..rounds {
            for other in 1..members {
                let from = address(other as usize);
                let bytes = &report(other);
                lan.input(0, SessionInput::Rtcp { from, bytes });
                lan.run_for(step);
            }
            if round == 0 {
                lan.hosts[0].rtcp.clear();
            }
        }
        let sent = lan.hosts[0].rtcp.len() as f64;
        let mean = expected_secs * f64::from(rounds - 1) / sent;
        // The randomised interval's mean is 1/1.218 of the deterministic one.
        let ratio = mean / expected_secs;
        assert!(
            (0.7..1.1).contains(&ratio),
            "{members}: {mean} s for {expected_secs} s"
        );
    }
}

#[test]
fn nobody_reports_without_bandwidth_and_senders_do_with_theirs() {
    let mut lan = Lan::new();
    lan.plug(|config| {
        config.bandwidth = RtcpBandwidth {
            senders: 0,
            receivers: 0,
        }
    });
    lan.plug(|config| {
        config.bandwidth = RtcpBandwidth {
            senders: 800,
            receivers: 0,
        }
    });
    lan.run_secs(30);
    assert!(lan.hosts.iter().all(|host| host.rtcp.is_empty()));
    lan.speak_for(0, Duration::from_secs(5));
    lan.speak_for(1, Duration::from_secs(15));
    assert!(lan.hosts[0].rtcp.is_empty());
    assert!(!lan.hosts[1].rtcp.is_empty());
    lan.run_secs(30);
    let reports = lan.hosts[1].rtcp.len();
    lan.run_secs(60);
    assert_eq!(lan.hosts[1].rtcp.len(), reports, "a receiver again");
}
