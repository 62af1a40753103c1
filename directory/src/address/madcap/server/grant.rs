//! What can be granted: which groups, from when, until when.
use std::net::IpAddr;
use std::time::Instant;

use super::super::lease_id::LeaseId;
use super::super::options::{Count, Options, UnixTime, code};
use super::super::refusal::Refusal;
use super::super::window::Window;
use super::{Record, Server};

impl Server {
    /// Plans a new lease; changes nothing yet.
    pub(super) fn plan(
        &mut self,
        now: Instant,
        client: IpAddr,
        id: &LeaseId,
        options: &Options,
    ) -> Result<Record, Refusal> {
        let wall = self.wall(now);
        let window = self.window(wall, options)?;
        let is_offered = self.offers.contains_key(id);
        let is_full = self.book.len() >= self.options.max_leases;
        let has_enough = self.book.count_of(client) >= self.options.max_leases_of_one;
        if !is_offered && (is_full || has_enough) {
            return Err(Refusal::CannotComplete(None));
        }
        let scope = options.scope.ok_or(Refusal::Invalid(Some(code::SCOPE)))?;
        let groups = self.choose_groups(scope, id, window, options)?;
        Ok(Record {
            id: id.clone(),
            scope,
            groups,
            window,
            client,
        })
    }

    /// Plans other times for a lease; changes nothing yet.
    pub(super) fn retime(
        &self,
        now: Instant,
        id: &LeaseId,
        options: &Options,
    ) -> Result<Record, Refusal> {
        let record = self.book.get(id).ok_or(Refusal::UnknownLease)?;
        if options.scope.is_some_and(|scope| scope != record.scope) {
            return Err(Refusal::Invalid(Some(code::SCOPE)));
        }
        let wall = self.wall(now);
        let mut window = self.window(wall, options)?;
        let groups = record.groups.iter();
        let mut until = groups.map(|group| self.book.free_until(*group, window.start, id));
        let until = until.try_fold(UnixTime(u32::MAX), |least, until| Some(least.min(until?)));
        let until = until.ok_or(Refusal::CannotComplete(Some(code::START_TIME)))?;
        window.end = window.end.min(until);
        check(wall, window, options)?;
        Ok(Record {
            window,
            ..record.clone()
        })
    }

    /// When the lease may be, as far as its groups have no say in it.
    fn window(&self, now: UnixTime, options: &Options) -> Result<Window, Refusal> {
        if let Some(theirs) = options.now {
            let skew = theirs.secs_since(now).max(now.secs_since(theirs));
            if skew > self.options.skew_secs {
                return Err(Refusal::ClockSkew(now));
            }
        }
        let start = options.start.unwrap_or(now);
        if start > now.plus_secs(self.options.max_ahead_secs) {
            return Err(Refusal::CannotComplete(Some(code::START_TIME)));
        }
        if options.max_start.is_some_and(|latest| start > latest) {
            return Err(Refusal::CannotComplete(Some(code::MAX_START_TIME)));
        }
        let longest = start.max(now).plus_secs(self.options.max_lease_secs);
        let wanted = options.lease_secs.map(|secs| start.plus_secs(secs));
        let end = wanted.map_or(longest, |end| end.min(longest));
        let window = Window { start, end };
        check(now, window, options)?;
        Ok(window)
    }

    fn choose_groups(
        &mut self,
        scope: IpAddr,
        id: &LeaseId,
        window: Window,
        options: &Options,
    ) -> Result<Vec<IpAddr>, Refusal> {
        let served = self.options.scopes.iter();
        let served = served.clone().find(|served| served.scope.first == scope);
        let served = served.ok_or(Refusal::CannotComplete(Some(code::SCOPE)))?;
        let Count { min, desired } = options.count.unwrap_or(ONE);
        let desired = usize::from(desired.clamp(1, self.options.max_groups));
        let offered = self.offers.get(id).and_then(|_| self.book.get(id));
        let offered = offered.filter(|record| record.scope == scope);
        let offered = offered.map(|record| record.groups.as_slice());
        let mut chosen: Vec<IpAddr> = Vec::new();
        let fits = |group: &IpAddr, chosen: &[IpAddr]| {
            !chosen.contains(group) && self.book.is_free(*group, window, id)
        };
        // What the client wants in particular may be what it has announced already.
        if let Some(ranges) = &options.ranges {
            let wanted = ranges.iter().flat_map(|range| range.addresses());
            for group in wanted.take(MOST_WANTED) {
                if chosen.len() < desired && served.may_lease(group) && fits(&group, &chosen) {
                    chosen.push(group);
                }
            }
        } else {
            let offered = offered.unwrap_or_default().iter().copied();
            // A group that somebody has at another time could not be renewed up to then, so those come last.
            let unused = served.candidates(&mut self.rng);
            let unused = unused.filter(|group| self.book.is_unused(*group));
            let shared = served.candidates(&mut self.rng);
            for group in offered.chain(unused).chain(shared) {
                if chosen.len() == desired {
                    break;
                }
                if !self.taken.contains(&group) && fits(&group, &chosen) {
                    chosen.push(group);
                }
            }
        }
        if chosen.len() < usize::from(min.max(1)) {
            let fault = [
                (code::RANGES, options.ranges.is_some()),
                (code::COUNT, options.count.is_some()),
            ];
            let fault = fault.into_iter().find(|(_, is_there)| *is_there);
            return Err(Refusal::CannotComplete(fault.map(|(code, _)| code)));
        }
        chosen.sort_unstable();
        Ok(chosen)
    }
}

/// Whether a window is of use to whoever asked.
fn check(now: UnixTime, window: Window, options: &Options) -> Result<(), Refusal> {
    if window.end <= now {
        return Err(Refusal::CannotComplete(Some(code::LEASE_TIME)));
    }
    if options
        .min_lease_secs
        .is_some_and(|min| window.secs() < min)
    {
        return Err(Refusal::CannotComplete(Some(code::MIN_LEASE_TIME)));
    }
    Ok(())
}

/// "The default: one for Number of Addresses Requested" (RFC 2730 section 2.2.2).
const ONE: Count = Count { min: 1, desired: 1 };
/// Of what a client wants in particular, so much is looked at.
const MOST_WANTED: usize = 4096;
