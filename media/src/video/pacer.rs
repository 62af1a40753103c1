//! Spreads the packets of a picture over time, so that no switch or socket buffer has to swallow them at once.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::EncodedVideoPacket;

/// Packets of one layer on their way out.
#[derive(Debug, Default)]
pub struct Pacer {
    queue: VecDeque<(Instant, EncodedVideoPacket)>,
    /// When the line is free again.
    free: Option<Instant>,
}

impl Pacer {
    /// Takes the packets of a picture, of which one comes in each `period`.
    ///
    /// `false` where so much waits already that the picture is left out: the next must be a keyframe.
    pub fn push(
        &mut self,
        now: Instant,
        period: Duration,
        packets: Vec<EncodedVideoPacket>,
    ) -> bool {
        let start = self.free.map_or(now, |free| free.max(now));
        if start > now + MAX_BACKLOG {
            return false;
        }
        let count = u32::try_from(packets.len()).unwrap_or(u32::MAX).max(1);
        let span = (period * 7 / 10).min(LONGEST_GAP * count);
        for (number, packet) in (0..).zip(packets) {
            let burst = number / BURST * BURST;
            self.queue.push_back((start + span * burst / count, packet));
        }
        self.free = Some(start + span);
        true
    }

    /// The next packet that is to be sent by now.
    pub fn poll(&mut self, now: Instant) -> Option<EncodedVideoPacket> {
        let (due, _) = self.queue.front()?;
        if *due > now {
            return None;
        }
        self.queue.pop_front().map(|(_, packet)| packet)
    }

    /// When the next packet is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }

    /// Forgets what waits: the layer has been stopped.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.free = None;
    }
}

/// Any switch takes so many at once; fewer wake-ups than one for each.
const BURST: u32 = 3;
/// A packet of 1200 bytes each millisecond is 9.6 Mbit/s: slower would be delay without need.
const LONGEST_GAP: Duration = Duration::from_millis(1);
/// What is behind by so much does not come back.
const MAX_BACKLOG: Duration = Duration::from_millis(300);

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use super::*;
    use crate::rtp_time::RtpTime;

    const PERIOD: Duration = Duration::from_millis(33);

    fn packets(count: usize) -> Vec<EncodedVideoPacket> {
        let packet = |number| EncodedVideoPacket {
            layer: crate::video::Layer::Full,
            payload_type: 96,
            time: RtpTime(0),
            captured: Instant::now(),
            marker: number + 1 == count,
            payload: vec![],
        };
        (0..count).map(packet).collect()
    }

    /// Milliseconds at which packets go out.
    fn sent(pacer: &mut Pacer, start: Instant) -> Vec<u128> {
        let mut times = Vec::new();
        while let Some(due) = pacer.next_due() {
            assert!(pacer.poll(due - Duration::from_nanos(1)).is_none());
            while pacer.poll(due).is_some() {
                times.push((due - start).as_millis());
            }
        }
        times
    }

    #[test]
    fn few_packets_go_soon_and_many_fill_the_time_there_is() {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        assert!(pacer.push(start, PERIOD, packets(6)));
        assert_eq!(sent(&mut pacer, start), [0, 0, 0, 3, 3, 3]);
        let start = start + PERIOD;
        assert!(pacer.push(start, PERIOD, packets(90)));
        let times = sent(&mut pacer, start);
        assert_eq!((times.len(), times.last()), (90, Some(&22)));
    }

    #[test]
    fn pictures_follow_each_other_and_too_many_are_refused() {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        let taken = (0..40)
            .filter(|_| pacer.push(start, PERIOD, packets(90)))
            .count();
        assert_eq!(taken, 13);
        let times = sent(&mut pacer, start);
        assert!(times.is_sorted() && *times.last().unwrap() < 330);
    }
}
