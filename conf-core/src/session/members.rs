//! All sources but ours, within limits that no flood of invented ones can pass.
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use media::rtp_time::Ssrc;

use super::config::SourceLimits;
use super::member::{Member, Stage};

/// The member table (RFC 3550 §6.3.1 `members` and `senders` are its counts).
#[derive(Debug)]
pub(super) struct Members {
    table: BTreeMap<Ssrc, Box<Member>>,
    /// Sources in probation, oldest first; some of them have since come further.
    newcomers: VecDeque<Ssrc>,
    limits: SourceLimits,
    here: usize,
    senders: usize,
    in_probation: usize,
    /// Members refused because the table was full.
    pub(super) refused: u64,
    /// Sources that made room while still in probation.
    pub(super) evicted: u64,
}

impl Members {
    pub(super) const fn new(limits: SourceLimits) -> Self {
        Self {
            table: BTreeMap::new(),
            newcomers: VecDeque::new(),
            limits,
            here: 0,
            senders: 0,
            in_probation: 0,
            refused: 0,
            evicted: 0,
        }
    }

    /// The source of this name, in probation if it is new. Who left long enough ago begins anew.
    pub(super) fn admit(&mut self, now: Instant, ssrc: Ssrc) -> Option<&mut Member> {
        let is_over =
            |member: &Member| matches!(member.stage, Stage::Left(_)) && !member.is_straggler(now);
        if self.table.get(&ssrc).is_some_and(|m| is_over(m)) {
            self.remove(ssrc);
        }
        if !self.table.contains_key(&ssrc) {
            self.make_room_for_newcomer();
            self.newcomers.push_back(ssrc);
            self.in_probation += 1;
            self.table.insert(ssrc, Box::new(Member::new(now)));
        }
        self.get_mut(ssrc)
    }

    /// Moves a source to another stage, and the counts with it. `false` where it would be one member too many.
    pub(super) fn set_stage(&mut self, ssrc: Ssrc, stage: Stage) -> bool {
        let Some(before) = self.get(ssrc).map(|member| member.stage) else {
            return false;
        };
        if before == Stage::Probation && stage == Stage::Here && !self.has_room_for_member() {
            self.refused += 1;
            return false;
        }
        self.here -= usize::from(before == Stage::Here);
        self.here += usize::from(stage == Stage::Here);
        self.in_probation -= usize::from(before == Stage::Probation);
        self.in_probation += usize::from(stage == Stage::Probation);
        if let Some(member) = self.table.get_mut(&ssrc) {
            member.stage = stage;
        }
        true
    }

    /// Makes a source one of the senders, or no longer.
    pub(super) fn set_sender(&mut self, ssrc: Ssrc, is_sender: bool) {
        if let Some(member) = self.table.get_mut(&ssrc) {
            self.senders -= usize::from(member.is_sender);
            self.senders += usize::from(is_sender);
            member.is_sender = is_sender;
        }
    }

    /// Forgets a source.
    pub(super) fn remove(&mut self, ssrc: Ssrc) {
        if let Some(member) = self.table.remove(&ssrc) {
            self.here -= usize::from(member.stage == Stage::Here);
            self.in_probation -= usize::from(member.stage == Stage::Probation);
            self.senders -= usize::from(member.is_sender);
        }
    }

    pub(super) fn get_mut(&mut self, ssrc: Ssrc) -> Option<&mut Member> {
        self.table.get_mut(&ssrc).map(|member| &mut **member)
    }

    pub(super) fn get(&self, ssrc: Ssrc) -> Option<&Member> {
        self.table.get(&ssrc).map(|member| &**member)
    }

    /// All sources, by SSRC.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Ssrc, &Member)> {
        self.table.iter().map(|(ssrc, member)| (*ssrc, &**member))
    }

    /// Nobody listened to them until now: what they sent meanwhile is not lost.
    pub(super) fn come_back(&mut self) {
        let receptions = self
            .table
            .values_mut()
            .filter_map(|member| member.reception.as_mut());
        receptions.for_each(|reception| reception.sequence.come_back());
    }

    /// The others who are here now.
    pub(super) const fn here(&self) -> usize {
        self.here
    }

    /// Those of them who send media.
    pub(super) const fn senders(&self) -> usize {
        self.senders
    }

    /// Sources that are not yet valid.
    pub(super) const fn in_probation(&self) -> usize {
        self.in_probation
    }

    fn make_room_for_newcomer(&mut self) {
        if self.newcomers.len() >= 2 * self.limits.probation.max(1) {
            let table = &self.table;
            let is_new = |ssrc: &Ssrc| table.get(ssrc).is_some_and(|m| m.stage == Stage::Probation);
            self.newcomers.retain(is_new);
        }
        while self.in_probation >= self.limits.probation.max(1) {
            let Some(oldest) = self.newcomers.pop_front() else {
                return;
            };
            if self
                .get(oldest)
                .is_some_and(|m| m.stage == Stage::Probation)
            {
                self.remove(oldest);
                self.evicted += 1;
            }
        }
    }

    /// Who has timed out or left makes room, who is here does not: a flood shall not drive members out.
    fn has_room_for_member(&mut self) -> bool {
        let kept = self.table.len() - self.in_probation;
        if kept < self.limits.members {
            return true;
        }
        if self.here >= self.limits.members {
            return false;
        }
        let absent = self.iter().find_map(|(ssrc, member)| match member.stage {
            Stage::TimedOut(_) | Stage::Left(_) => Some(ssrc),
            Stage::Probation | Stage::Here => None,
        });
        if let Some(ssrc) = absent {
            self.remove(ssrc);
        }
        absent.is_some()
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALL: SourceLimits = SourceLimits {
        members: 3,
        probation: 2,
    };

    proptest! {
        #[test]
        fn counts_and_limits_hold_after_any_changes(steps: Vec<(u8, u32)>) {
            let now = Instant::now();
            let mut members = Members::new(SMALL);
            for (step, ssrc) in steps {
                let ssrc = Ssrc(ssrc % 12);
                let is_here = members.get(ssrc).is_some_and(|m| m.stage == Stage::Here);
                match step % 7 {
                    0 | 1 => drop(members.admit(now, ssrc)),
                    2 => drop(members.set_stage(ssrc, Stage::Here)),
                    3 if is_here => drop(members.set_stage(ssrc, Stage::Left(now))),
                    4 if is_here => drop(members.set_stage(ssrc, Stage::TimedOut(now))),
                    5 => members.set_sender(ssrc, true),
                    6 => members.remove(ssrc),
                    _ => {}
                }
                let count = |stage| members.iter().filter(|(_, m)| m.stage == stage).count();
                prop_assert_eq!(members.here(), count(Stage::Here));
                prop_assert_eq!(members.in_probation(), count(Stage::Probation));
                prop_assert_eq!(members.senders(), members.iter().filter(|(_, m)| m.is_sender).count());
                prop_assert!(members.table.len() - members.in_probation() <= SMALL.members);
                prop_assert!(members.in_probation() <= SMALL.probation);
                prop_assert!(members.newcomers.len() <= 2 * SMALL.probation);
            }
        }
    }
}
