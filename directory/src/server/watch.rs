//! Telling watchers what has changed (RFC 4533 section 3.4.2): one bounded queue for each connection that watches.
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use tokio::sync::Notify;

use super::tree::change::Change;

/// All connections that watch.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    mailboxes: Vec<Weak<Mailbox>>,
    /// How often one fell behind so far that it has to begin anew.
    pub(super) overruns: u64,
}

/// What a connection has still to be told.
#[derive(Debug)]
pub(super) struct Mailbox {
    waiting: RefCell<VecDeque<Arc<Change>>>,
    limit: usize,
    is_overrun: Cell<bool>,
    /// Raised when there is something.
    pub(super) raised: Notify,
}

impl Watchers {
    /// A mailbox for a connection, for as long as it is kept.
    pub(super) fn join(&mut self, limit: usize) -> Rc<Mailbox> {
        let mailbox = Rc::new(Mailbox {
            waiting: RefCell::default(),
            limit,
            is_overrun: Cell::new(false),
            raised: Notify::new(),
        });
        self.mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        self.mailboxes.push(Rc::downgrade(&mailbox));
        mailbox
    }

    /// Tells everybody.
    pub(super) fn publish(&mut self, changes: &[Arc<Change>]) {
        for mailbox in self.mailboxes.iter().filter_map(Weak::upgrade) {
            for change in changes {
                self.overruns += u64::from(mailbox.put(change));
            }
            mailbox.raised.notify_one();
        }
    }

    /// Has everybody look whether they may still watch.
    pub(super) fn wake(&self) {
        for mailbox in self.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.raised.notify_one();
        }
    }
}

impl Mailbox {
    /// Adds a change; whether that was one too many, so that all were dropped.
    fn put(&self, change: &Arc<Change>) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        if self.is_overrun.get() {
            return false;
        }
        if waiting.len() >= self.limit {
            waiting.clear();
            self.is_overrun.set(true);
            return true;
        }
        waiting.push_back(Arc::clone(change));
        false
    }

    /// The oldest change.
    pub(super) fn take(&self) -> Option<Arc<Change>> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Whether changes were dropped; after this it is as new.
    pub(super) fn take_overrun(&self) -> bool {
        self.is_overrun.replace(false)
    }
}
