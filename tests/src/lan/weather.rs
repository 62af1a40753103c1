//! What the simulated network does to datagrams on their way.

use std::time::Duration;

/// How the network treats datagrams; the seed makes every run the same.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// One-way delay that every datagram has.
    pub latency: Duration,
    /// Up to so much more, drawn for each receiver; more than the spacing of packets reorders them.
    pub jitter: Duration,
    /// Chance that one receiver misses one datagram.
    pub loss_percent: u8,
    /// Chance that one receiver gets one datagram twice.
    pub duplicated_percent: u8,
    /// Whether senders in a group hear themselves, as they do on a real network.
    pub is_looped_back: bool,
    /// Seed of all that is drawn.
    pub seed: u64,
}

impl Weather {
    /// A quiet local network.
    pub const FAIR: Self = Self {
        latency: Duration::from_millis(1),
        jitter: Duration::ZERO,
        loss_percent: 0,
        duplicated_percent: 0,
        is_looped_back: true,
        seed: 1,
    };

    /// A bad wireless network: a tenth is lost, some comes twice, packets overtake each other.
    pub const STORM: Self = Self {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(60),
        loss_percent: 10,
        duplicated_percent: 3,
        is_looped_back: true,
        seed: 2,
    };

    /// After what delays one receiver gets copies of one datagram: usually one, or none, or two.
    pub(super) fn draw(&self, rng: &mut fastrand::Rng) -> [Option<Duration>; 2] {
        let is_lost = rng.u8(0..100) < self.loss_percent;
        let is_doubled = rng.u8(0..100) < self.duplicated_percent;
        let mut delay = || {
            let jitter = u64::try_from(self.jitter.as_micros()).unwrap();
            self.latency + Duration::from_micros(rng.u64(0..=jitter))
        };
        let first = (!is_lost).then(&mut delay);
        let second = (!is_lost && is_doubled).then(delay);
        [first, second]
    }
}
