//! One directory on the directory thread: listens to what changes there, does what is to be done.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use directory::catalogue::MAX_OF_DIRECTORY;
use directory::ledger::Record;
use directory::runtime::{JoinHandle, mpsc, select, time};
use directory::{
    Change, ConferenceId, Directory, DirectoryError, Entry, Found, Kind, ObjectId, ServerInfo,
};

use super::board::Board;
use super::desk::{Desk, Subject, Wish};
use super::event::Happening;
use super::job::{Done, Job, perform};
use super::papers::Papers;
use super::status::{DirectoryState, DirectoryStatus};
use crate::conference::Moment;

/// What is wanted of one directory.
#[derive(Debug)]
pub(super) enum Order {
    /// Have this stand there, or nothing.
    Change(Record),
    /// Give a change up that waits.
    GiveUp(ConferenceId),
    /// Keep alive what was published before.
    Keep(Record),
    /// Show this person there, or nobody.
    Me(Option<Box<Entry>>),
}

/// Both clocks; the thread reads them, nothing below it does.
pub(super) type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// One directory, as this program sees it.
pub(super) struct Seat {
    url: Arc<str>,
    board: Arc<Board>,
    papers: Arc<Papers>,
    clock: Clock,
    desk: Desk,
    state: DirectoryState,
    /// The conferences listed, by their names in lower case.
    names: HashMap<String, ConferenceId>,
    omitted: usize,
    /// Whether what was told is all that it has now.
    is_live: bool,
}

/// What changes in a directory, while it can be watched.
struct Watch {
    kind: Kind,
    changes: mpsc::Receiver<Change>,
    task: Option<JoinHandle<Result<(), DirectoryError>>>,
    again_at: Option<Instant>,
}

/// Attends to a directory until nobody gives orders any more; then says goodbye.
pub(super) async fn attend<D: Directory>(
    mut directory: D,
    mut seat: Seat,
    mut orders: mpsc::Receiver<Order>,
) {
    let mut conferences = Watch::start(&directory, Kind::Conference);
    let mut people = Watch::start(&directory, Kind::Person);
    seat.tell_status();
    loop {
        let moment = (seat.clock)();
        conferences.revive(&directory, moment.now);
        people.revive(&directory, moment.now);
        if let Some((subject, job)) = seat.desk.next(moment) {
            let result = perform(&mut directory, &job).await;
            seat.finish(subject, job, result);
            continue;
        }
        let due = [seat.desk.due(), conferences.again_at, people.again_at];
        let due = due.into_iter().flatten().min();
        select! {
            biased;
            order = orders.recv() => match order {
                Some(order) => seat.take(order),
                None => break,
            },
            change = conferences.next() => match change {
                Ok(change) => seat.hear(change),
                Err(error) => seat.lose(error, &mut conferences),
            },
            change = people.next() => match change {
                Ok(change) => seat.hear_of_person(change),
                Err(_) => people.again_at = Some((seat.clock)().now + Watch::AGAIN),
            },
            () = sleep_until(due) => {}
        }
    }
    seat.say_goodbye(&mut directory).await;
}

impl Seat {
    pub(super) fn new(url: Arc<str>, board: Arc<Board>, papers: Arc<Papers>, clock: Clock) -> Self {
        Self {
            url,
            board,
            papers,
            clock,
            desk: Desk::default(),
            state: DirectoryState::Connecting,
            names: HashMap::new(),
            omitted: 0,
            is_live: false,
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Change(record) => {
                let wish = match record.entry {
                    Some(entry) => Wish::Put(Box::new(Entry::Conference(entry)), record.basis),
                    None => Wish::Withdraw(ObjectId::Conference(record.id)),
                };
                self.desk.wish(Subject::Conference(record.id), wish);
            }
            Order::GiveUp(id) => {
                self.forget_pending(Subject::Conference(id));
                self.desk.give_up(Subject::Conference(id));
            }
            Order::Keep(record) => {
                let now = (self.clock)().now;
                if let Some(entry) = record.entry {
                    let subject = Subject::Conference(record.id);
                    self.desk
                        .keep(now, subject, Entry::Conference(entry), record.until);
                }
            }
            Order::Me(Some(entry)) => {
                let wish = Wish::Put(entry, directory::ledger::Basis::Any);
                self.desk.introduce(wish);
            }
            Order::Me(None) => self.desk.withdraw_me(),
        }
        self.tell_status();
    }

    fn finish(&mut self, subject: Subject, job: Job, result: Result<Done, DirectoryError>) {
        let moment = (self.clock)();
        let before = self.record_of_wish(subject);
        let kept = self.record_of_kept(subject);
        if let Err(error) = &result
            && super::desk::is_for_later(error)
            && !self.is_live
        {
            self.state = DirectoryState::Away(error.clone());
        }
        let happening = self.desk.finish(moment, subject, job, result);
        if self.desk.wished(subject).is_none()
            && let Some(record) = before
        {
            self.note(self.papers.remove_pending(&record));
        }
        match (self.record_of_kept(subject), kept) {
            (Some(record), before) if before.as_ref() != Some(&record) => {
                self.note(self.papers.put_published(&record));
            }
            (None, Some(record)) => self.note(self.papers.remove_published(&record)),
            _ => {}
        }
        if let Some(happening) = happening {
            self.board.tell(&self.url, happening);
            self.tell_status();
        }
    }

    fn hear(&mut self, change: Change) {
        match change {
            Change::Present(found) => self.list(*found),
            Change::Gone(name) => self.unlist(&name),
            Change::Resynced(info) => self.resynced(info),
            Change::Away { reason, .. } => {
                self.is_live = false;
                self.state = DirectoryState::Away(reason);
                self.tell_status();
            }
        }
    }

    fn hear_of_person(&self, change: Change) {
        match change {
            Change::Present(found) if found.entry.kind() == Kind::Person => {
                let is_new = self.board.people_count(&self.url) < MAX_OF_DIRECTORY;
                if is_new {
                    self.board.set_person(&self.url, *found);
                }
            }
            Change::Gone(name) => self.board.remove_person(&self.url, &name),
            Change::Present(_) | Change::Away { .. } => return,
            Change::Resynced(_) => {}
        }
        self.board.tell(&self.url, Happening::People);
    }

    fn resynced(&mut self, info: Box<ServerInfo>) {
        self.is_live = true;
        let is_whole = !info.is_partial;
        self.state = DirectoryState::Connected(info);
        self.desk.reconnected();
        // Of a part, nobody can tell what is missing.
        if is_whole {
            self.republish_what_was_lost();
        }
        self.tell_status();
    }

    /// What of ours the directory did not tell is there no longer: it died while we slept, or its server lost it.
    fn republish_what_was_lost(&mut self) {
        let there: std::collections::HashSet<ConferenceId> = self.names.values().copied().collect();
        let moment = (self.clock)();
        for id in self.desk.kept_conferences() {
            if !there.contains(&id) && self.omitted == 0 {
                self.desk.gone(moment, Subject::Conference(id), false);
            }
        }
    }

    fn lose(&mut self, error: DirectoryError, watch: &mut Watch) {
        watch.again_at = Some((self.clock)().now + Watch::AGAIN);
        self.is_live = false;
        self.state = DirectoryState::Away(error);
        self.tell_status();
    }

    fn list(&mut self, found: Found) {
        let Entry::Conference(conference) = &found.entry else {
            return;
        };
        let description = Arc::clone(&conference.description);
        let (id, key) = (description.id(), found.published.name.to_lowercase());
        if self.names.len() >= MAX_OF_DIRECTORY && !self.names.contains_key(&key) {
            self.omitted += 1;
            return;
        }
        self.desk.present(Subject::Conference(id), &found);
        if let Some(before) = self.names.insert(key, id).filter(|before| *before != id) {
            self.board
                .remove_found(&self.url, before, &found.published.name);
        }
        self.board
            .set_found(&self.url, id, Arc::new(found), description);
        if self.is_live {
            self.tell_status();
        }
    }

    fn unlist(&mut self, name: &str) {
        let Some(id) = self.names.remove(&name.to_lowercase()) else {
            return;
        };
        self.board.remove_found(&self.url, id, name);
        let subject = Subject::Conference(id);
        let kept = self.record_of_kept(subject);
        let happening = self.desk.gone((self.clock)(), subject, self.is_live);
        if let Some(happening) = happening {
            if let Some(record) = kept {
                self.note(self.papers.remove_published(&record));
            }
            self.board.tell(&self.url, happening);
        }
        if self.is_live {
            self.tell_status();
        }
    }

    fn forget_pending(&self, subject: Subject) {
        if let Some(record) = self.record_of_wish(subject) {
            self.note(self.papers.remove_pending(&record));
        }
    }

    fn record_of_wish(&self, subject: Subject) -> Option<Record> {
        let Subject::Conference(id) = subject else {
            return None;
        };
        let (entry, basis) = match self.desk.wished(subject)? {
            Wish::Put(entry, basis) => match &**entry {
                Entry::Conference(entry) => (Some(entry.clone()), basis.clone()),
                Entry::Person(_) => return None,
            },
            Wish::Withdraw(_) => (None, directory::ledger::Basis::New),
        };
        Some(Record {
            directory: self.url.to_string(),
            id,
            entry,
            basis,
            until: None,
        })
    }

    fn record_of_kept(&self, subject: Subject) -> Option<Record> {
        let Subject::Conference(id) = subject else {
            return None;
        };
        let kept = self.desk.kept(subject)?;
        let Entry::Conference(entry) = &kept.entry else {
            return None;
        };
        Some(Record {
            directory: self.url.to_string(),
            id,
            entry: Some(entry.clone()),
            basis: directory::ledger::Basis::New,
            until: kept.until,
        })
    }

    fn note(&self, kept: Result<(), directory::ledger::LedgerError>) {
        if let Err(error) = kept {
            self.board
                .tell(&self.url, Happening::NotKept(error.to_string()));
        }
    }

    fn tell_status(&self) {
        self.board.set_status(DirectoryStatus {
            url: Arc::clone(&self.url),
            state: self.state.clone(),
            conferences: self.names.len(),
            omitted: self.omitted,
            waiting: self.desk.waiting(),
        });
    }

    /// Whoever leaves is shown as here no longer; what else can be done at once is done.
    async fn say_goodbye<D: Directory>(&mut self, directory: &mut D) {
        self.desk.withdraw_me();
        let goodbye = async {
            while let Some((subject, job)) = self.desk.next((self.clock)()) {
                let result = perform(directory, &job).await;
                self.finish(subject, job, result);
            }
        };
        let is_done = time::timeout(GOODBYE, goodbye).await.is_ok();
        tracing::debug!(is_done, "goodbye to a directory");
    }
}

impl Watch {
    /// What could not be watched is tried again after so long: somebody may have put it right.
    const AGAIN: Duration = Duration::from_secs(60);
    /// A server tells faster than this program lists; then it waits.
    const CHANGES: usize = 256;

    fn start<D: Directory>(directory: &D, kind: Kind) -> Self {
        let (sender, changes) = mpsc::channel(Self::CHANGES);
        let task = directory::runtime::Handle::current().spawn(directory.watch(kind, sender));
        Self {
            kind,
            changes,
            task: Some(task),
            again_at: None,
        }
    }

    fn revive<D: Directory>(&mut self, directory: &D, now: Instant) {
        if self.again_at.is_some_and(|at| at <= now) {
            *self = Self::start(directory, self.kind);
        }
    }

    /// The next change, or why there will be none; after that it waits for ever.
    async fn next(&mut self) -> Result<Change, DirectoryError> {
        if let Some(change) = self.changes.recv().await {
            return Ok(change);
        }
        let Some(task) = self.task.take() else {
            return std::future::pending().await;
        };
        Err(match task.await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => DirectoryError::Unavailable("it ended the watch".to_owned()),
            Err(_) => DirectoryError::Invalid("its answers could not be read".to_owned()),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => time::sleep_until(time::Instant::from_std(due)).await,
        None => std::future::pending().await,
    }
}

/// How long the program waits for directories when it ends.
pub(super) const GOODBYE: Duration = Duration::from_secs(2);
