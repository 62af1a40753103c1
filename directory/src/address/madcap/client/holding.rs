//! One want on its way from wish to lease, and until it is given back.
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::super::lease_id::LeaseId;
use super::super::options::{Options, UnixTime};
use super::super::packet::{Family, MessageKind};
use super::super::rules::Reply;
use super::transaction::Transaction;
use super::{Client, ClientEvent, Grant, Lease, Need, Unleased, Want, family_of};

/// A want, what came of it, and what is being done about it.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) want: Want,
    pub(super) grant: Option<Grant>,
    pub(super) phase: Phase,
    pub(super) asked: Option<Transaction>,
    /// The need that the last request was for.
    pub(super) asked_need: Need,
    /// Servers that refused, or offered and then fell silent.
    pub(super) refused_by: Vec<IpAddr>,
    /// Whether the user knows that the lease has run out.
    pub(super) is_overdue: bool,
}

/// What is being done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for a server to be found.
    Looking,
    /// Waiting for offers: the best so far is kept.
    Discovering(Option<Offer>),
    /// Waiting for the chosen server.
    Requesting,
    /// Waiting until the server has what we want.
    Deferred(UnixTime),
    /// Held.
    Held,
    /// Waiting for a change of times.
    Renewing,
    /// Waiting for it to be taken back.
    Releasing,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) server: IpAddr,
    /// How good it is: groups first, then time.
    pub(super) worth: (usize, u32),
}

impl Holding {
    fn new(want: Want) -> Self {
        Self {
            asked_need: want.need,
            want,
            grant: None,
            phase: Phase::Looking,
            asked: None,
            refused_by: Vec::new(),
            is_overdue: false,
        }
    }

    pub(super) fn lease(&self) -> Option<Lease> {
        let grant = self.grant.clone()?;
        Some(Lease {
            want: self.want.clone(),
            grant,
        })
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Held | Phase::Deferred(_))
    }

    pub(super) fn family(&self) -> Family {
        family_of(self.want.version)
    }
}

impl Client {
    /// Nobody notices a lease that ends so soon before its need does.
    const SOONEST_RENEWAL: Duration = Duration::from_secs(60);
    /// After a start leases are confirmed one after another, so far apart on average, lest a server be flooded.
    const CONFIRMED_EVERY: Duration = Duration::from_millis(20);

    pub(super) fn lease(&mut self, now: Instant, want: Want) {
        let id = want.id.clone();
        self.holdings.insert(id.clone(), Holding::new(want));
        self.begin(now, &id);
    }

    pub(super) fn restore(&mut self, now: Instant, lease: Lease) {
        let Lease { want, grant } = lease;
        let id = want.id.clone();
        let mut holding = Holding::new(want);
        holding.grant = Some(grant);
        holding.phase = Phase::Held;
        self.holdings.insert(id.clone(), holding);
        let before = u32::try_from(self.holdings.len()).unwrap_or(u32::MAX);
        self.timers.set(&id, now + Self::CONFIRMED_EVERY * before);
    }

    pub(super) fn change(&mut self, now: Instant, id: &LeaseId, need: Need) {
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        holding.want.need = need;
        if matches!(holding.phase, Phase::Held | Phase::Renewing) {
            self.renew(now, id);
        }
    }

    pub(super) fn release(&mut self, now: Instant, id: &LeaseId) {
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let is_unknown = matches!(holding.phase, Phase::Looking | Phase::Discovering(_));
        // What was requested may have been granted, though we have not heard so.
        let server = match (&holding.grant, &holding.asked) {
            (Some(grant), _) => Some(grant.server),
            (None, Some(asked)) if !is_unknown && !asked.to.ip().is_multicast() => Some(asked.to),
            _ => None,
        };
        let Some(server) = server else {
            return self.forget(id);
        };
        holding.phase = Phase::Releasing;
        self.ask(
            now,
            id,
            MessageKind::Release,
            Reply::Release,
            server,
            Options::default(),
        );
    }

    /// Looks for a server, or goes to the one that is known.
    pub(super) fn begin(&mut self, now: Instant, id: &LeaseId) {
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        holding.phase = Phase::Looking;
        holding.asked = None;
        self.timers.clear(id);
        let family = holding.family();
        if self.known(now, family).is_some() {
            self.ask_for_groups(now, id);
        } else {
            self.look(now, family);
        }
    }

    /// A server has been found.
    pub(super) fn somebody_answers(&mut self, now: Instant, family: Family) {
        for id in self.waiting(family) {
            self.ask_for_groups(now, &id);
        }
    }

    /// None has.
    pub(super) fn nobody_answers(&mut self, now: Instant, family: Family) {
        for id in self.waiting(family) {
            self.fail(now, &id, Unleased::NoServer);
        }
    }

    fn waiting(&self, family: Family) -> Vec<LeaseId> {
        let waiting = self.holdings.iter();
        let waiting = waiting.filter(|(_, h)| h.phase == Phase::Looking && h.family() == family);
        waiting.map(|(id, _)| id.clone()).collect()
    }

    /// It is time for the next thing.
    pub(super) fn wake_holding(&mut self, now: Instant, id: &LeaseId) {
        let patience = self.options.patience;
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        match holding.phase {
            Phase::Discovering(Some(_)) => return self.take_best_offer(now, id),
            Phase::Discovering(None) => return self.ask_known_server(now, id),
            _ => {}
        }
        if let Some(asked) = &mut holding.asked {
            if asked.is_over(now, patience) {
                return self.give_up(now, id);
            }
            let is_due = asked.repeat(now);
            let (to, due) = (asked.to, asked.due(patience));
            let payload = is_due.then(|| asked.bytes.clone());
            self.timers.set(id, due);
            if let Some(payload) = payload {
                self.transmit(to, payload);
            }
            return;
        }
        match holding.phase {
            Phase::Deferred(_) => self.ask_for_groups(now, id),
            Phase::Held => self.look_after(now, id),
            _ => {}
        }
    }

    /// Nobody answered.
    fn give_up(&mut self, now: Instant, id: &LeaseId) {
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let silent = holding.asked.take().map(|asked| asked.to);
        if let Some(silent) = silent {
            self.forget_server(silent);
        }
        match self.holdings.get(id).map(|holding| &holding.phase) {
            Some(Phase::Releasing) => self.forget(id),
            Some(Phase::Renewing) => self.hold(now, id),
            Some(_) => self.fail(now, id, Unleased::NoServer),
            None => {}
        }
    }

    /// A want has failed; what is held already is held on.
    pub(super) fn fail(&mut self, now: Instant, id: &LeaseId, why: Unleased) {
        let is_held = self.holdings.get(id).is_some_and(|h| h.grant.is_some());
        let is_silence = why == Unleased::NoServer;
        if is_held && is_silence {
            return self.hold(now, id);
        }
        self.holdings.remove(id);
        self.timers.clear(id);
        let event = if is_held {
            ClientEvent::Lost(id.clone(), why)
        } else {
            ClientEvent::Refused(id.clone(), why)
        };
        self.tell(event);
    }

    /// It is no longer ours.
    pub(super) fn forget(&mut self, id: &LeaseId) {
        self.holdings.remove(id);
        self.timers.clear(id);
        self.tell(ClientEvent::Released(id.clone()));
    }

    /// Goes on holding, until there is something to do.
    pub(super) fn hold(&mut self, now: Instant, id: &LeaseId) {
        if let Some(holding) = self.holdings.get_mut(id) {
            holding.phase = Phase::Held;
            holding.asked = None;
        }
        self.reschedule(now, id);
    }

    /// Sets the time of the next renewal, or of the end.
    pub(super) fn reschedule(&mut self, now: Instant, id: &LeaseId) {
        let wall = self.wall(now);
        let Some(holding) = self.holdings.get_mut(id) else {
            return;
        };
        let (Phase::Held, Some(grant)) = (&holding.phase, &holding.grant) else {
            return;
        };
        let (need, window) = (holding.want.need, grant.window);
        let is_overdue = window.end <= wall && !need.is_over(wall);
        let is_news = is_overdue && !std::mem::replace(&mut holding.is_overdue, is_overdue);
        let renewal = if need.is_met_by(window) {
            need.until
        } else {
            let left = window.end.secs_since(wall.max(window.start));
            Some(wall.max(window.start).plus_secs(left / 2))
        };
        let at = renewal.and_then(|at| self.clock.instant(at.to_wall()));
        let soonest = now + Self::SOONEST_RENEWAL;
        // The end of the need is waited for to the second; a renewal that failed is not tried again at once.
        let at = if need.is_met_by(window) {
            at
        } else {
            at.map(|at| at.max(soonest))
        };
        match at {
            Some(at) => self.timers.set(id, at),
            None => self.timers.clear(id),
        }
        if is_news {
            self.tell(ClientEvent::Overdue(id.clone()));
        }
    }

    /// Renews, or lets go what is over.
    fn look_after(&mut self, now: Instant, id: &LeaseId) {
        let wall = self.wall(now);
        match self.holdings.get(id) {
            Some(holding) if holding.want.need.is_over(wall) => self.forget(id),
            Some(_) => self.renew(now, id),
            None => {}
        }
    }
}
