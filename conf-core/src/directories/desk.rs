//! What is to be done in one directory, and when: changes that wait, and entries that die unless they are refreshed.
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use directory::catalogue::differences;
use directory::ledger::Basis;
use directory::{ConferenceId, DirectoryError, Entry, Found, ObjectId, Published, sap};

use super::event::{Conflict, Happening};
use super::job::{Done, Job};
use crate::conference::Moment;

/// What is to be done. It never waits itself: give it the time, and what became of its jobs.
#[derive(Debug, Default)]
pub(super) struct Desk {
    items: BTreeMap<Subject, Item>,
    /// The directory is away until then.
    retry_at: Option<Instant>,
    failures: u32,
}

/// What a job is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Conference(ConferenceId),
    /// The person at this computer.
    Me,
}

/// What somebody wants to stand in the directory.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// This.
    Put(Box<Entry>, Basis),
    /// Nothing.
    Withdraw(ObjectId),
}

#[derive(Debug, Default)]
struct Item {
    wish: Option<Wish>,
    /// Somebody has to decide first.
    is_held: bool,
    has_told: bool,
    may_add: bool,
    kept: Option<Kept>,
}

/// An entry of ours that stands there.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) entry: Entry,
    pub(super) published: Published,
    /// When it dies.
    pub(super) until: Option<SystemTime>,
    refresh_at: Option<Instant>,
}

impl Desk {
    /// What MS-TAIL allows at least, and T-15.
    pub(super) const MIN_LIFETIME: Duration = Duration::from_secs(300);
    /// For what has no end. Long enough for a night without this computer.
    const UNBOUNDED_LIFETIME: Duration = Duration::from_secs(86_400);
    /// RFC 2589 section 4.2 allows one year at most.
    const MAX_LIFETIME: Duration = Duration::from_secs(31_557_600);
    /// Who has gone without a word is not shown for longer than this.
    const PERSON_LIFETIME: Duration = Duration::from_secs(600);
    /// Longest silence towards a directory that is away.
    const MAX_RETRY: Duration = Duration::from_secs(60);

    /// Takes a wish, in place of an earlier one for the same.
    pub(super) fn wish(&mut self, subject: Subject, wish: Wish) {
        let item = self.items.entry(subject).or_default();
        if item.wish.as_ref() != Some(&wish) {
            let before = item.wish.replace(wish);
            // Nobody knows whether that was done, or it was not: then what it would have added is still missing.
            item.may_add |= matches!(before, Some(Wish::Put(_, Basis::New)));
            item.is_held = false;
            item.has_told = false;
        }
    }

    /// Gives a wish up.
    pub(super) fn give_up(&mut self, subject: Subject) {
        if let Some(item) = self.items.get_mut(&subject) {
            item.wish = None;
            item.is_held = false;
        }
    }

    /// Shows the person at this computer.
    pub(super) fn introduce(&mut self, wish: Wish) {
        // Nothing stands there after a restart, or what an earlier run left.
        self.items.entry(Subject::Me).or_default().may_add = true;
        self.wish(Subject::Me, wish);
    }

    /// Shows the person no longer.
    pub(super) fn withdraw_me(&mut self) {
        let Some(item) = self.items.get_mut(&Subject::Me) else {
            return;
        };
        let standing = item.kept.take().map(|kept| Wish::Withdraw(kept.entry.id()));
        match standing {
            Some(wish) => self.wish(Subject::Me, wish),
            None => drop(self.items.remove(&Subject::Me)),
        }
    }

    /// The conferences of ours that stand there, as far as is known.
    pub(super) fn kept_conferences(&self) -> Vec<ConferenceId> {
        let of_conference = |(subject, item): (&Subject, &Item)| match subject {
            Subject::Conference(id) => item.kept.is_some().then_some(*id),
            Subject::Me => None,
        };
        self.items.iter().filter_map(of_conference).collect()
    }

    /// What is wished of a conference.
    pub(super) fn wished(&self, subject: Subject) -> Option<&Wish> {
        self.items.get(&subject)?.wish.as_ref()
    }

    /// How many wishes wait.
    pub(super) fn waiting(&self) -> usize {
        let of_conferences = self.items.range(..Subject::Me);
        of_conferences
            .filter(|(_, item)| item.wish.is_some())
            .count()
    }

    /// Keeps alive what an earlier run of the program published.
    pub(super) fn keep(
        &mut self,
        now: Instant,
        subject: Subject,
        entry: Entry,
        until: Option<SystemTime>,
    ) {
        let kept = Kept {
            entry,
            published: Published {
                name: String::new(),
                lifetime: None,
                revision: None,
            },
            until,
            refresh_at: until.map(|_| now),
        };
        self.items
            .entry(subject)
            .or_default()
            .kept
            .get_or_insert(kept);
    }

    /// What of ours stands there.
    pub(super) fn kept(&self, subject: Subject) -> Option<&Kept> {
        self.items.get(&subject)?.kept.as_ref()
    }

    /// The next job, if one is due.
    pub(super) fn next(&mut self, moment: Moment) -> Option<(Subject, Job)> {
        if self.retry_at.is_some_and(|at| moment.now < at) {
            return None;
        }
        self.forget_the_past(moment.wall);
        let wishes = self.items.iter().filter(|(_, item)| !item.is_held);
        let mut wishes =
            wishes.filter_map(|(subject, item)| Some((*subject, item.job(moment.wall)?)));
        if let Some(next) = wishes.next() {
            return Some(next);
        }
        let mut refreshes = self.items.iter().filter_map(|(subject, item)| {
            let kept = item.kept.as_ref()?;
            (kept.refresh_at? <= moment.now).then_some((*subject, kept))
        });
        let (subject, kept) = refreshes.next()?;
        let lifetime = lifetime(&kept.entry, moment.wall);
        Some((subject, Job::Refresh(kept.entry.id(), lifetime)))
    }

    /// When there may be a job next.
    pub(super) fn due(&self) -> Option<Instant> {
        let refreshes = self
            .items
            .values()
            .filter_map(|item| item.kept.as_ref()?.refresh_at);
        let has_wish = self
            .items
            .values()
            .any(|item| item.wish.is_some() && !item.is_held);
        let retry = self.retry_at.filter(|_| has_wish);
        let refresh = refreshes
            .min()
            .map(|at| self.retry_at.map_or(at, |retry| at.max(retry)));
        [retry, refresh].into_iter().flatten().min()
    }

    /// Takes what became of a job; gives what is worth telling.
    pub(super) fn finish(
        &mut self,
        moment: Moment,
        subject: Subject,
        job: Job,
        result: Result<Done, DirectoryError>,
    ) -> Option<Happening> {
        match result {
            Ok(done) => {
                self.reconnected();
                self.succeed(moment, subject, job, done)
            }
            Err(error) => self.fail(moment, subject, job, error),
        }
    }

    /// The directory is back: nothing has to wait.
    pub(super) fn reconnected(&mut self) {
        self.retry_at = None;
        self.failures = 0;
    }

    /// The directory tells what stands there; somebody else may have changed it.
    pub(super) fn present(&mut self, subject: Subject, found: &Found) {
        if let Some(kept) = self
            .items
            .get_mut(&subject)
            .and_then(|item| item.kept.as_mut())
        {
            kept.entry = found.entry.clone();
            kept.published.name.clone_from(&found.published.name);
            kept.published
                .revision
                .clone_from(&found.published.revision);
        }
    }

    /// The directory has it no longer, though nobody here wanted that. What died while we slept, and what the server lost
    /// while it was away, is published again; what somebody deleted is not.
    pub(super) fn gone(
        &mut self,
        moment: Moment,
        subject: Subject,
        is_live: bool,
    ) -> Option<Happening> {
        let item = self.items.get_mut(&subject)?;
        let kept = item.kept.take()?;
        let is_dead = kept
            .until
            .is_some_and(|until| until <= moment.wall + CLOCK_TOLERANCE);
        match subject {
            Subject::Conference(id) if is_live && !is_dead => {
                // An edit that waits will be refused, and said so.
                if item.wish.is_none() {
                    self.items.remove(&subject);
                }
                Some(Happening::Removed(id))
            }
            _ => {
                item.restore(kept);
                None
            }
        }
    }

    fn succeed(
        &mut self,
        moment: Moment,
        subject: Subject,
        job: Job,
        done: Done,
    ) -> Option<Happening> {
        match (job, done) {
            (Job::Put { entry, .. }, Done::Put(published)) => {
                let item = self.items.entry(subject).or_default();
                item.wish = None;
                item.may_add = subject == Subject::Me;
                item.kept = Some(Kept::new(moment, *entry, published.clone()));
                let Subject::Conference(id) = subject else {
                    return None;
                };
                Some(Happening::Published(id, published))
            }
            (Job::Refresh(..), Done::Refreshed(lifetime)) => {
                let item = self.items.get_mut(&subject)?;
                item.kept.as_mut()?.lives_for(moment, lifetime);
                None
            }
            _ => {
                self.items.remove(&subject);
                let Subject::Conference(id) = subject else {
                    return None;
                };
                Some(Happening::Withdrawn(id))
            }
        }
    }

    fn fail(
        &mut self,
        moment: Moment,
        subject: Subject,
        job: Job,
        error: DirectoryError,
    ) -> Option<Happening> {
        if is_for_later(&error) {
            self.back_off(moment.now);
        }
        if let Job::Refresh(..) = job {
            self.fail_to_refresh(subject, &error);
            return None;
        }
        let item = self.items.get_mut(&subject)?;
        if is_for_later(&error) {
            let has_told = std::mem::replace(&mut item.has_told, true);
            return match subject {
                Subject::Conference(id) if !has_told => Some(Happening::Queued(id, error)),
                _ => None,
            };
        }
        let Subject::Conference(id) = subject else {
            item.wish = None;
            return None;
        };
        match (error, job) {
            (DirectoryError::Changed { theirs }, Job::Put { entry, .. }) => {
                item.is_held = true;
                conflict(id, *entry, *theirs)
            }
            (error, _) => {
                item.wish = None;
                Some(Happening::Failed(id, error))
            }
        }
    }

    fn fail_to_refresh(&mut self, subject: Subject, error: &DirectoryError) {
        let Some(item) = self.items.get_mut(&subject) else {
            return;
        };
        match error {
            // It died: we slept too long, or the clock of the server runs ahead.
            DirectoryError::NotFound => {
                if let Some(kept) = item.kept.take() {
                    item.restore(kept);
                }
            }
            error if is_for_later(error) => {}
            // It lives until it is deleted, or is no longer ours to keep alive.
            _ => {
                if let Some(kept) = &mut item.kept {
                    (kept.refresh_at, kept.until) = (None, None);
                }
            }
        }
    }

    fn back_off(&mut self, now: Instant) {
        let wait = Duration::from_secs(1 << self.failures.min(6));
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + wait.min(Self::MAX_RETRY));
    }

    /// What is over may die.
    fn forget_the_past(&mut self, wall: SystemTime) {
        let is_over = |entry: &Entry| match entry {
            Entry::Conference(conference) => {
                sap::end(&conference.description).is_some_and(|end| end <= wall)
            }
            Entry::Person(_) => false,
        };
        self.items.retain(|_, item| {
            item.kept = item.kept.take().filter(|kept| !is_over(&kept.entry));
            item.kept.is_some() || item.wish.is_some()
        });
    }
}

impl Item {
    /// What stood there is to stand there again, unless something else is wished by now.
    fn restore(&mut self, kept: Kept) {
        self.may_add = true;
        self.wish
            .get_or_insert_with(|| Wish::Put(Box::new(kept.entry), Basis::New));
    }

    fn job(&self, wall: SystemTime) -> Option<Job> {
        Some(match self.wish.as_ref()? {
            Wish::Put(entry, basis) => Job::Put {
                lifetime: lifetime(entry, wall),
                may_add: self.may_add || self.kept.is_some(),
                entry: entry.clone(),
                basis: basis.clone(),
            },
            Wish::Withdraw(id) => Job::Withdraw(id.clone()),
        })
    }
}

impl Kept {
    fn new(moment: Moment, entry: Entry, published: Published) -> Self {
        let mut kept = Self {
            entry,
            until: None,
            refresh_at: None,
            published,
        };
        if let Some(lifetime) = kept.published.lifetime {
            kept.lives_for(moment, lifetime);
        }
        kept
    }

    /// Refreshed at half its time, so that one refresh may be lost.
    fn lives_for(&mut self, moment: Moment, lifetime: Duration) {
        self.refresh_at = moment.now.checked_add(lifetime / 2);
        self.until = moment.wall.checked_add(lifetime);
    }
}

/// To the end of the conference.
pub(super) fn lifetime(entry: &Entry, wall: SystemTime) -> Duration {
    let Entry::Conference(conference) = entry else {
        return Desk::PERSON_LIFETIME;
    };
    let left =
        sap::end(&conference.description).map(|end| end.duration_since(wall).unwrap_or_default());
    let left = left.unwrap_or(Desk::UNBOUNDED_LIFETIME);
    left.clamp(Desk::MIN_LIFETIME, Desk::MAX_LIFETIME)
}

fn conflict(id: ConferenceId, mine: Entry, theirs: Found) -> Option<Happening> {
    let (Entry::Conference(mine), Entry::Conference(there)) = (mine, &theirs.entry) else {
        return None;
    };
    let fields = differences(&mine.description, &there.description);
    Some(Happening::Conflict(Box::new(Conflict {
        id,
        mine,
        fields,
        theirs,
    })))
}

/// Whether the same may work when the directory is back, or its settings are put right.
pub(super) fn is_for_later(error: &DirectoryError) -> bool {
    error.is_temporary()
        || matches!(
            error,
            DirectoryError::Tls { .. }
                | DirectoryError::BadCredentials
                | DirectoryError::NotPrepared(_)
        )
}

/// By so much the server may count faster than we do before its entry's death looks like a deletion.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);
