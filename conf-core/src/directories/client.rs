//! One directory for a program that waits: the command line.
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use directory::ldap::{DirectoryConfig, Failover, Finding, check};
use directory::ledger::Basis;
use directory::runtime::{self, Runtime, time};
use directory::{
    Directory, DirectoryError, Entry, Listing, ObjectId, Published, Query, ServerInfo,
};

use super::job::{Done, Job, perform};
use super::{desk, name_of};

/// Does one thing at a time, and waits for it, [`DirectoryClient::PATIENCE`] at most.
pub struct DirectoryClient {
    runtime: Runtime,
    directory: Failover,
    config: DirectoryConfig,
}

impl DirectoryClient {
    /// How long one operation may take, however many servers the directory has.
    pub const PATIENCE: Duration = Duration::from_secs(10);

    /// Prepares to use a directory; connects when there is something to do.
    ///
    /// # Errors
    /// When the system gives no poll.
    pub fn new(config: DirectoryConfig) -> io::Result<Self> {
        Ok(Self {
            runtime: runtime::new()?,
            directory: Failover::new(config.clone()),
            config,
        })
    }

    /// Has this stand there; lives to the end of the conference, seen from `wall`, where the server allows.
    pub fn put(
        &mut self,
        entry: &Entry,
        basis: Basis,
        wall: SystemTime,
    ) -> Result<Published, DirectoryError> {
        let job = Job::Put {
            lifetime: desk::lifetime(entry, wall),
            entry: Box::new(entry.clone()),
            basis,
            may_add: false,
        };
        match self.run(job)? {
            Done::Put(published) => Ok(published),
            Done::Withdrawn | Done::Refreshed(_) => Err(DirectoryError::NotFound),
        }
    }

    /// Has it stand there no longer.
    pub fn withdraw(&mut self, what: &ObjectId) -> Result<(), DirectoryError> {
        let directory = &mut self.directory;
        let withdrawal = directory.withdraw(what);
        patiently(&self.runtime, &self.config, withdrawal)
    }

    /// Lets it live on; for how long.
    pub fn refresh(
        &mut self,
        what: &ObjectId,
        lifetime: Duration,
    ) -> Result<Duration, DirectoryError> {
        let refresh = self.directory.refresh(what, lifetime);
        patiently(&self.runtime, &self.config, refresh)
    }

    /// Finds entries.
    pub fn search(&mut self, query: &Query) -> Result<Listing, DirectoryError> {
        let search = self.directory.search(query);
        patiently(&self.runtime, &self.config, search)
    }

    /// What is known of the server in use, once something was done.
    pub fn about(&self) -> Option<ServerInfo> {
        self.directory.about()
    }

    /// Looks at each server of the directory: what it is, and what may be done there.
    pub fn check(&self) -> Vec<Vec<Finding>> {
        let config = Arc::new(self.config.clone());
        let one = |url| self.runtime.block_on(check(Arc::clone(&config), url));
        config.urls.iter().map(one).collect()
    }

    fn run(&mut self, job: Job) -> Result<Done, DirectoryError> {
        let directory = &mut self.directory;
        let work = async move { perform(directory, &job).await };
        patiently(&self.runtime, &self.config, work)
    }
}

fn patiently<T>(
    runtime: &Runtime,
    config: &DirectoryConfig,
    work: impl Future<Output = Result<T, DirectoryError>>,
) -> Result<T, DirectoryError> {
    let limited = runtime.block_on(async { time::timeout(DirectoryClient::PATIENCE, work).await });
    limited.unwrap_or_else(|_| {
        Err(match config.urls.first() {
            Some(url) => DirectoryError::TimedOut { url: url.clone() },
            None => DirectoryError::Invalid(name_of(config).unwrap_or_default().to_string()),
        })
    })
}
