//! The thread `keeper`: what has to be on disk is written there, so that neither the network nor the window waits for a disk.
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use directory::cache::Cache;
use directory::sap::Restored;
use directory::store::Store;
use directory::{ConferenceId, Description};

use super::StationEvent;
use super::shared::Shared;

/// One thing to write.
#[derive(Debug)]
enum Job {
    /// Everything heard, whole.
    Cache(Vec<Restored>),
    /// One of our own conferences.
    Put(Arc<Description>),
    /// It is ours no longer.
    Remove(ConferenceId),
}

/// Gives jobs to the keeper. Without a place to keep things in, they are forgotten.
#[derive(Clone, Debug)]
pub(super) struct Keep(Option<SyncSender<Job>>);

/// The thread; whoever holds this owns it, and dropping it waits until all has been written.
#[derive(Debug)]
pub(super) struct Keeper {
    keep: Keep,
    thread: Option<JoinHandle<()>>,
}

/// Where it is written; a place that another running program owns is missing.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) cache: Option<Cache>,
    pub(super) store: Option<Store>,
}

impl Keep {
    /// Writes the cache, unless the disk is so slow that an earlier one still waits: then a later one will do.
    pub(super) fn cache(&self, heard: Vec<Restored>) {
        if let Some(jobs) = &self.0 {
            match jobs.try_send(Job::Cache(heard)) {
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }

    /// Keeps one of our own conferences; waits for room, since nothing of ours may be lost.
    pub(super) fn put(&self, description: Arc<Description>) {
        self.send(Job::Put(description));
    }

    /// Forgets it.
    pub(super) fn remove(&self, id: ConferenceId) {
        self.send(Job::Remove(id));
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.0
            && jobs.send(job).is_err()
        {
            tracing::error!("the keeper thread has ended");
        }
    }
}

impl Keeper {
    /// As many clicks as a slow disk may lag behind.
    const JOBS: usize = 64;

    pub(super) fn start(places: Places, shared: Arc<Shared>) -> io::Result<Self> {
        if places.cache.is_none() && places.store.is_none() {
            return Ok(Self {
                keep: Keep(None),
                thread: None,
            });
        }
        let (sender, jobs) = sync_channel(Self::JOBS);
        let thread = Builder::new()
            .name("keeper".to_owned())
            .spawn(move || run(places, &shared, &jobs))?;
        Ok(Self {
            keep: Keep(Some(sender)),
            thread: Some(thread),
        })
    }

    pub(super) fn keep(&self) -> Keep {
        self.keep.clone()
    }
}

impl Drop for Keeper {
    /// The thread ends when the last [`Keep`] is gone: the endpoint's went with the endpoint.
    fn drop(&mut self) {
        self.keep = Keep(None);
        let result = self.thread.take().map(JoinHandle::join);
        if matches!(result, Some(Err(_))) {
            tracing::error!("the keeper thread panicked");
        }
    }
}

fn run(places: Places, shared: &Shared, jobs: &Receiver<Job>) {
    for job in jobs {
        if let Err(error) = places.write(job) {
            shared.tell(StationEvent::NotKept(error.to_string()));
        }
    }
}

impl Places {
    fn write(&self, job: Job) -> io::Result<()> {
        match (job, &self.cache, &self.store) {
            (Job::Cache(heard), Some(cache), _) => cache.write(heard),
            (Job::Put(description), _, Some(store)) => store.put(&description),
            (Job::Remove(id), _, Some(store)) => store.remove(id).map(drop),
            _ => Ok(()),
        }
    }
}
