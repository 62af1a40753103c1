//! The MADCAP server as its owner sees it: started with a folder, stopped by dropping.
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use directory::OpenError;
use directory::address::madcap::{
    Change, Journal, Record, Server, ServerCounters, ServerInput, ServerOptions,
};

use super::server_endpoint::MadcapServerEndpoint;
use super::writer::Writer;
use crate::conference::Moment;
use crate::net::{
    EndpointHandle, EndpointWaker, InterfaceChoice, NetHandle, NetStopped, RegisterOptions,
};

/// What a MADCAP server starts with.
#[derive(Clone, Debug)]
pub struct MadcapServerOptions {
    /// On which interfaces it serves.
    pub interface: InterfaceChoice,
    /// UDP port, [`PORT`](directory::address::madcap::PORT) unless clients are told another.
    pub port: u16,
    /// The file of its leases, in a folder that is made if need be. Without one, a restart forgets them.
    pub leases: Option<PathBuf>,
    /// What it leases, and how much to whom.
    pub server: ServerOptions,
    /// Where all that is random comes from.
    pub seed: u64,
}

/// A MADCAP server on a net thread. Dropping it stops it, after all that was granted is on disk.
#[derive(Debug)]
pub struct MadcapServer {
    endpoint: Option<EndpointHandle>,
    shared: Arc<ServerShared>,
    _writer: Option<Writer>,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum MadcapServerError {
    /// Its leases cannot be read, or another server has them.
    #[error(transparent)]
    Leases(#[from] OpenError),
    /// The system gives no thread.
    #[error("no thread for the leases: {0}")]
    Thread(#[from] io::Error),
    /// The net thread has ended.
    #[error(transparent)]
    Net(#[from] NetStopped),
}

impl MadcapServer {
    /// Starts serving; `moment` is now, on both clocks.
    ///
    /// # Errors
    /// When the leases cannot be read or the system gives no thread. A port that is taken is none: see [`is_port_taken`](Self::is_port_taken).
    pub fn start(
        net: &NetHandle,
        options: MadcapServerOptions,
        moment: Moment,
    ) -> Result<Self, MadcapServerError> {
        let rng = fastrand::Rng::with_seed(options.seed);
        let mut server = Server::new(options.server, rng, moment.now, moment.wall);
        let shared = Arc::new(ServerShared::default());
        let (mut writer, mut jobs) = (None, None);
        if let Some(path) = options.leases {
            let journal = Journal::open(&path)?;
            let known: Vec<Record> = journal.leases().cloned().collect();
            server.handle_input(moment.now, ServerInput::Restore(known));
            let (thread, sender) = start_writer(journal, Arc::clone(&shared))?;
            (writer, jobs) = (Some(thread), Some(sender));
        }
        shared.set_counters(server.counters(), server.leases().count());
        let endpoint =
            MadcapServerEndpoint::with_disk(server, options.port, Arc::clone(&shared), jobs);
        let register = RegisterOptions {
            interface: options.interface,
            loopback: true,
        };
        let endpoint = net.register(Box::new(endpoint), register)?;
        if shared.waker.set(endpoint.waker()).is_ok() {
            endpoint.wake();
        }
        Ok(Self {
            endpoint: Some(endpoint),
            shared,
            _writer: writer,
        })
    }

    /// What it has done.
    pub fn counters(&self) -> ServerCounters {
        lock(&self.shared.state).counters
    }

    /// How many leases there are now.
    pub fn leases(&self) -> usize {
        lock(&self.shared.state).leases
    }

    /// Whether another program has its port, and gets what is meant for it.
    pub fn is_port_taken(&self) -> bool {
        self.shared.is_port_taken.load(Ordering::Relaxed)
    }

    /// Tells which groups others announce conferences with: they are not leased anew.
    pub fn set_taken(&self, groups: BTreeSet<IpAddr>) {
        lock(&self.shared.state).taken = Some(groups);
        self.shared.wake();
    }
}

impl Drop for MadcapServer {
    /// The endpoint goes first: its end lets the writer end.
    fn drop(&mut self) {
        self.endpoint = None;
    }
}

/// One change to be written.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) number: u64,
    pub(super) change: Change,
}

/// What the endpoint, the writer and the owner tell each other.
#[derive(Debug, Default)]
pub(super) struct ServerShared {
    state: Mutex<State>,
    is_port_taken: AtomicBool,
    waker: OnceLock<EndpointWaker>,
}

#[derive(Debug, Default)]
struct State {
    counters: ServerCounters,
    leases: usize,
    taken: Option<BTreeSet<IpAddr>>,
    /// Up to which number all is on disk, or could not be put there.
    outcomes: Vec<Result<u64, u64>>,
}

impl ServerShared {
    pub(super) fn take_taken(&self) -> Option<BTreeSet<IpAddr>> {
        lock(&self.state).taken.take()
    }

    pub(super) fn take_outcomes(&self) -> Vec<Result<u64, u64>> {
        std::mem::take(&mut lock(&self.state).outcomes)
    }

    pub(super) fn set_counters(&self, counters: ServerCounters, leases: usize) {
        let mut state = lock(&self.state);
        (state.counters, state.leases) = (counters, leases);
    }

    pub(super) fn set_port_taken(&self, is_taken: bool) {
        self.is_port_taken.store(is_taken, Ordering::Relaxed);
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake();
        }
    }
}

/// Each batch is synced once.
fn start_writer(
    mut journal: Journal,
    shared: Arc<ServerShared>,
) -> io::Result<(Writer, super::writer::Jobs<Stored>)> {
    Writer::start("leases", move |batch: Vec<Stored>| {
        let last = batch.last().map(|stored| stored.number).unwrap_or_default();
        let changes = batch.into_iter().map(|stored| stored.change).collect();
        let outcome = journal.write(changes).map(|()| last).map_err(|error| {
            tracing::error!(%error, "leases cannot be kept");
            last
        });
        lock(&shared.state).outcomes.push(outcome);
        shared.wake();
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
