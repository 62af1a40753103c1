//! One thing to do in a directory, and doing it.
use std::time::Duration;

use directory::ledger::Basis;
use directory::{Directory, DirectoryError, Entry, Found, ObjectId, Published, Query};

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Job {
    /// Have this stand there.
    Put {
        entry: Box<Entry>,
        basis: Basis,
        /// Where what it replaces has died or was lost: somebody else may also have withdrawn theirs.
        may_add: bool,
        lifetime: Duration,
    },
    /// Have it stand there no longer.
    Withdraw(ObjectId),
    /// Let it live on.
    Refresh(ObjectId, Duration),
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Put(Published),
    Withdrawn,
    /// It lives for so long.
    Refreshed(Duration),
}

/// Does it. May be repeated when nobody knows whether it was done.
pub(super) async fn perform<D: Directory>(
    directory: &mut D,
    job: &Job,
) -> Result<Done, DirectoryError> {
    match job {
        Job::Put {
            entry,
            basis,
            may_add,
            lifetime,
        } => {
            let expected = match basis {
                Basis::New => return add(directory, entry, *lifetime).await.map(Done::Put),
                Basis::Revision(revision) => Some(revision.as_str()),
                Basis::Any => None,
            };
            match change(directory, entry, expected).await {
                Err(DirectoryError::NotFound) if *may_add => {
                    add(directory, entry, *lifetime).await.map(Done::Put)
                }
                result => result.map(Done::Put),
            }
        }
        Job::Withdraw(id) => match directory.withdraw(id).await {
            Ok(()) | Err(DirectoryError::NotFound) => Ok(Done::Withdrawn),
            Err(error) => Err(error),
        },
        Job::Refresh(id, lifetime) => directory.refresh(id, *lifetime).await.map(Done::Refreshed),
    }
}

async fn change<D: Directory>(
    directory: &mut D,
    entry: &Entry,
    expected: Option<&str>,
) -> Result<Published, DirectoryError> {
    match directory.modify(&entry.id(), entry, expected).await {
        // An earlier attempt did it.
        Err(DirectoryError::Changed { theirs }) if is_same(entry, &theirs) => Ok(theirs.published),
        result => result,
    }
}

async fn add<D: Directory>(
    directory: &mut D,
    entry: &Entry,
    lifetime: Duration,
) -> Result<Published, DirectoryError> {
    match directory.publish(entry, Some(lifetime)).await {
        Err(DirectoryError::AlreadyExists) => replace(directory, entry).await,
        result => result,
    }
}

/// An earlier attempt may have succeeded without anybody hearing of it; what else stands there is not ours to replace,
/// unless it is ours and older.
async fn replace<D: Directory>(
    directory: &mut D,
    entry: &Entry,
) -> Result<Published, DirectoryError> {
    let found = directory.search(&Query::one(entry.id())).await?;
    let Some(theirs) = found.into_iter().next() else {
        return Err(DirectoryError::AlreadyExists);
    };
    if is_same(entry, &theirs) {
        return Ok(theirs.published);
    }
    if theirs.is_mine == Some(true) && !is_newer(&theirs, entry) {
        let expected = theirs.published.revision.as_deref();
        return directory.modify(&entry.id(), entry, expected).await;
    }
    Err(DirectoryError::Changed {
        theirs: Box::new(theirs),
    })
}

/// Whether this is what was wanted. Permissions may be told in other words, so that only what they guard is compared.
fn is_same(entry: &Entry, found: &Found) -> bool {
    match (entry, &found.entry) {
        (Entry::Conference(wanted), Entry::Conference(there)) => {
            wanted.description == there.description
        }
        (wanted, there) => wanted == there,
    }
}

fn is_newer(found: &Found, entry: &Entry) -> bool {
    match (&found.entry, entry) {
        (Entry::Conference(there), Entry::Conference(wanted)) => {
            there.description.version() > wanted.description.version()
        }
        _ => false,
    }
}
