//! What is on disk for directories: changes that wait for theirs, and entries of ours that have to be kept alive.
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use directory::ledger::{self, Ledger, LedgerError, Record};
use directory::sap;

/// The two folders. Any program of the user may leave a change; the one that owns them makes it.
#[derive(Debug, Default)]
pub(super) struct Papers {
    pending: Option<Place>,
    published: Option<Place>,
}

#[derive(Debug)]
struct Place {
    folder: PathBuf,
    ledger: Mutex<Option<Ledger>>,
}

impl Papers {
    /// Of several running programs the first owns what waits; see [`Self::own`].
    pub(super) fn new(data_dir: &Path) -> Self {
        let place = |folder| Place {
            folder,
            ledger: Mutex::default(),
        };
        Self {
            pending: Some(place(pending_folder(data_dir))),
            published: Some(place(data_dir.join("directories").join("published"))),
        }
    }

    /// Becomes the owner, unless another program is.
    pub(super) fn own(&self) {
        for place in [&self.pending, &self.published].into_iter().flatten() {
            let mut ledger = place.lock();
            if ledger.is_none() {
                *ledger = Ledger::open(&place.folder).ok();
            }
        }
    }

    pub(super) fn put_pending(&self, record: &Record) -> Result<(), LedgerError> {
        let place = self.pending.as_ref();
        place.map_or(Ok(()), |place| ledger::put(&place.folder, record))
    }

    pub(super) fn remove_pending(&self, record: &Record) -> Result<(), LedgerError> {
        self.pending
            .as_ref()
            .map_or(Ok(()), |place| place.remove(record))
    }

    /// All changes that wait, where they are for this program to make.
    pub(super) fn pending(&self) -> Vec<Record> {
        self.pending.as_ref().map(Place::read).unwrap_or_default()
    }

    pub(super) fn put_published(&self, record: &Record) -> Result<(), LedgerError> {
        match &self.published {
            Some(place) if place.lock().is_some() => ledger::put(&place.folder, record),
            _ => Ok(()),
        }
    }

    pub(super) fn remove_published(&self, record: &Record) -> Result<(), LedgerError> {
        self.published
            .as_ref()
            .map_or(Ok(()), |place| place.remove(record))
    }

    /// What was published and has to be kept alive, being not over by `wall`.
    pub(super) fn published(&self, wall: SystemTime) -> Vec<Record> {
        let mut records = self.published.as_ref().map(Place::read).unwrap_or_default();
        records.retain(|record| {
            let entry = record.entry.as_ref().filter(|_| record.until.is_some());
            entry.is_some_and(|entry| sap::end(&entry.description).is_none_or(|end| wall < end))
        });
        records
    }
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, Option<Ledger>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove(&self, record: &Record) -> Result<(), LedgerError> {
        match &*self.lock() {
            Some(ledger) => Ok(ledger.remove(record)?),
            None => Ok(()),
        }
    }

    fn read(&self) -> Vec<Record> {
        let ledger = self.lock();
        let records = ledger
            .as_ref()
            .map(|ledger| ledger.read().unwrap_or_default());
        records.unwrap_or_default()
    }
}

/// Leaves a change to be made by whoever next uses its directory.
///
/// # Errors
/// When it cannot be kept.
pub fn queue(data_dir: &Path, record: &Record) -> Result<(), LedgerError> {
    ledger::put(&pending_folder(data_dir), record)
}

fn pending_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("directories").join("pending")
}
