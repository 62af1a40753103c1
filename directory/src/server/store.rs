//! Entries on disk. What was committed is there after a crash, and opening needs no repair.
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition,
};

use super::entry::record;
use super::entry::{Entry, EntryId};
use super::tree::change::Change;
use super::tree::{GRAVES, Grave, Tree};

/// Entries by their number.
const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
/// Deleted entries' UUIDs, by the number of the change.
const DELETED: TableDefinition<'_, u64, [u8; 16]> = TableDefinition::new("deleted");
/// Single numbers.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

const INSTANCE: &str = "instance";
const REVISION: &str = "revision";
const LAST_ID: &str = "last id";
const FORGOTTEN: &str = "forgotten";

/// All entries are in memory as well, so that the store reads only at start-up.
const CACHE: usize = 8 << 20;

/// The database file, which one process has at a time.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    /// The file was not as a commit leaves it, so that all of it had to be gone through.
    pub(super) is_repaired: bool,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another server uses it.
    #[error("the directory's data are in use by another server")]
    InUse,
    /// The disk, or what is on it.
    #[error("the directory's data: {0}")]
    Broken(#[from] redb::Error),
    /// The file cannot be made.
    #[error("the directory's data: {0}")]
    Io(#[from] io::Error),
    /// An entry is damaged, or written by a later version.
    #[error("the directory's data: entry {0} cannot be read")]
    Unreadable(u64),
}

impl Store {
    /// Opens the file, which is made if it is not there; others may not read it.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let backend = FileBackend::new(file).map_err(redb::Error::from)?;
        let repairs = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&repairs);
        let database = Builder::new()
            .set_cache_size(CACHE)
            .set_repair_callback(move |_| noted.store(true, Ordering::Relaxed))
            .create_with_backend(backend);
        let database = match database {
            Ok(database) => database,
            Err(redb::DatabaseError::DatabaseAlreadyOpen) => return Err(StoreError::InUse),
            Err(error) => return Err(redb::Error::from(error).into()),
        };
        let is_repaired = repairs.load(Ordering::Relaxed);
        if is_repaired {
            tracing::warn!("directory: the data had to be repaired");
        }
        Ok(Self {
            database,
            is_repaired,
        })
    }

    /// Tells this store from all others; `fresh` is what it is called from now on if it is new.
    pub(super) fn instance(&self, fresh: u64) -> Result<u64, StoreError> {
        Ok(self.write(|transaction| {
            transaction.open_table(ENTRIES)?;
            transaction.open_table(DELETED)?;
            let mut numbers = transaction.open_table(NUMBERS)?;
            let known = numbers.get(INSTANCE)?.map(|known| known.value());
            if known.is_none() {
                numbers.insert(INSTANCE, fresh)?;
            }
            Ok(known.unwrap_or(fresh))
        })?)
    }

    /// Reads everything.
    pub(super) fn load(&self) -> Result<Tree, StoreError> {
        let read = || -> Result<_, redb::Error> {
            let transaction = self.database.begin_read()?;
            Ok((
                transaction.open_table(ENTRIES)?,
                transaction.open_table(DELETED)?,
                transaction.open_table(NUMBERS)?,
            ))
        };
        let (entries, deleted, numbers) = read()?;
        let mut tree = Tree::default();
        for row in entries.iter().map_err(redb::Error::from)? {
            let (id, bytes) = row.map_err(redb::Error::from)?;
            let entry = record::unpack(EntryId(id.value()), bytes.value());
            let entry = entry.ok_or_else(|| StoreError::Unreadable(id.value()))?;
            tree.put(&Arc::new(entry));
        }
        for row in deleted.iter().map_err(redb::Error::from)? {
            let (revision, uuid) = row.map_err(redb::Error::from)?;
            tree.bury(Grave {
                revision: revision.value(),
                uuid: uuid.value(),
            });
        }
        let number = |name| -> Result<u64, redb::Error> {
            Ok(numbers.get(name)?.map_or(0, |number| number.value()))
        };
        tree.set_past(
            number(FORGOTTEN)?,
            number(REVISION)?,
            EntryId(number(LAST_ID)?),
        );
        Ok(tree)
    }

    /// Stores changes, all or none; they are on disk when this returns.
    pub(super) fn commit(&self, changes: &[Arc<Change>]) -> Result<(), StoreError> {
        Ok(self.write(|transaction| {
            let mut entries = transaction.open_table(ENTRIES)?;
            let mut deleted = transaction.open_table(DELETED)?;
            let (mut last_id, mut last_revision) = (0, 0);
            for change in changes {
                match &**change {
                    Change::Put { after, .. } => {
                        entries.insert(after.id.0, record::pack(after).as_slice())?;
                        last_id = last_id.max(after.id.0);
                        last_revision = last_revision.max(after.revision);
                    }
                    Change::Gone { before, revision } => {
                        entries.remove(before.id.0)?;
                        deleted.insert(*revision, before.uuid)?;
                        last_revision = last_revision.max(*revision);
                    }
                }
            }
            let mut numbers = transaction.open_table(NUMBERS)?;
            while redb::ReadableTableMetadata::len(&deleted)? > GRAVES as u64 {
                let oldest = deleted.pop_first()?.map(|(revision, _)| revision.value());
                keep_highest(&mut numbers, FORGOTTEN, oldest.unwrap_or_default())?;
            }
            keep_highest(&mut numbers, LAST_ID, last_id)?;
            keep_highest(&mut numbers, REVISION, last_revision)
        })?)
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        // The allocator's state goes with each commit, so that none has to be found again after a crash.
        transaction.set_quick_repair(true);
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

fn keep_highest(
    numbers: &mut redb::Table<'_, &str, u64>,
    name: &str,
    number: u64,
) -> Result<(), redb::Error> {
    let known = numbers.get(name)?.map_or(0, |known| known.value());
    if number > known {
        numbers.insert(name, number)?;
    }
    Ok(())
}

/// What a first start puts there: the suffix and the containers.
pub(super) fn first_entries(
    tree: &Tree,
    now: super::entry::moment::Moment,
    seed: u64,
) -> Vec<Arc<Change>> {
    use super::entry::attributes::{Attributes, Loose};
    use super::entry::place::{Kind, Place};
    let mut rng = fastrand::Rng::with_seed(seed);
    let places = [Place::Suffix]
        .into_iter()
        .chain(Kind::ALL.map(Place::Container));
    let mut changes: Vec<Arc<Change>> = Vec::new();
    for (number, place) in (1u64..).zip(places) {
        let (dn, class, name) = match place {
            Place::Container(kind) => (kind.container(), "organizationalUnit", "ou"),
            _ => (super::entry::SUFFIX, "organization", "o"),
        };
        let value = dn.split(['=', ',']).nth(1).unwrap_or_default();
        let loose = |name: &str, values: &[&str]| Loose {
            name: name.to_owned(),
            values: values
                .iter()
                .map(|value| value.as_bytes().to_vec())
                .collect(),
        };
        let list = [loose("objectClass", &["top", class]), loose(name, &[value])];
        let after = Entry {
            id: EntryId(tree.last_id().0 + number),
            uuid: rng.u128(..).to_be_bytes(),
            dn: dn.into(),
            place,
            attributes: Attributes::pack(&list),
            created: now,
            creator: super::access::LOCAL.into(),
            modified: now,
            modifier: super::access::LOCAL.into(),
            revision: tree.revision() + number,
            expiry: None,
        };
        changes.push(Arc::new(Change::Put {
            before: None,
            after: Arc::new(after),
            is_refresh: false,
        }));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of a file in use is what a crash leaves.
    #[test]
    fn a_crash_needs_no_repair_and_one_that_is_needed_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, copy) = (folder.path().join("kept"), folder.path().join("copy"));
        let store = Store::open(&kept).unwrap();
        assert_eq!(store.instance(7).unwrap(), 7);
        std::fs::copy(&kept, &copy).unwrap();
        let after = Store::open(&copy).unwrap();
        assert!(!after.is_repaired);
        assert_eq!(after.instance(8).unwrap(), 7);
        drop(after);

        let mut transaction = store.database.begin_write().unwrap();
        transaction.set_quick_repair(false);
        let mut numbers = transaction.open_table(NUMBERS).unwrap();
        numbers.insert(INSTANCE, 9).unwrap();
        drop(numbers);
        transaction.commit().unwrap();
        std::fs::copy(&kept, &copy).unwrap();
        assert!(Store::open(&copy).unwrap().is_repaired);
    }
}
