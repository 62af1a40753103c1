//! The server as a thread: started with its sockets bound, stopped with its data stored.
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

use super::commit::{self, Disk};
use super::{Shared, listen, now, tls};
use crate::server::account_file::AccountFile;
use crate::server::core::Core;
use crate::server::counters::Counters;
use crate::server::data::{self, DataError};
use crate::server::options::{Listener, ServerOptions};

/// The embedded directory server.
#[derive(Debug)]
pub struct Server;

/// A running server, which stops when this is dropped.
#[derive(Debug)]
pub struct ServerHandle {
    addresses: Vec<SocketAddr>,
    counters: Arc<Counters>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// It cannot listen there.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread, or the like.
    #[error("the directory server: {0}")]
    System(#[from] io::Error),
}

/// Orders that wait for the disk; a connection has one at a time.
const ORDERS: usize = 1024;
/// Passwords that are checked at once.
const CHECKS: usize = 2;
/// How often the file of accounts is looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Server {
    /// Starts a server; when this returns, it answers.
    ///
    /// # Errors
    /// If it cannot listen, or its data are in use or broken.
    pub fn start(options: ServerOptions) -> Result<ServerHandle, StartError> {
        let counters = Arc::new(Counters::default());
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = sync_channel(1);
        let shared_counters = Arc::clone(&counters);
        let thread = std::thread::Builder::new()
            .name("directory-server".into())
            .spawn(move || serve(&options, shared_counters, &ready, stopped))?;
        let died = || io::Error::other("its thread died");
        let addresses = started.recv().map_err(|_| died())??;
        Ok(ServerHandle {
            addresses,
            counters,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl ServerHandle {
    /// Where it listens, in the order of the options.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What has happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Stops it; what was acknowledged is stored.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("directory: the server's thread died");
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.end();
    }
}

type Ready = SyncSender<Result<Vec<SocketAddr>, StartError>>;

fn serve(
    options: &ServerOptions,
    counters: Arc<Counters>,
    ready: &Ready,
    stopped: oneshot::Receiver<()>,
) {
    let prepared = prepare(options);
    let Prepared {
        runtime,
        core,
        disk,
        acceptor,
        accounts,
        is_repaired,
    } = match prepared {
        Ok(prepared) => prepared,
        // Whoever starts it waits for this.
        Err(error) => return drop(ready.send(Err(error))),
    };
    counters.repairs.add(u64::from(is_repaired));
    let (orders, queue) = mpsc::channel(ORDERS);
    let shared = Shared {
        core: Rc::new(RefCell::new(core)),
        orders,
        checks: Arc::new(Semaphore::new(CHECKS)),
        counters,
        tls: acceptor,
    };
    let batches = disk.batches();
    LocalSet::new().block_on(&runtime, async move {
        let sockets = match bind_all(&options.listen).await {
            Ok(sockets) => sockets,
            Err(error) => return drop(ready.send(Err(error))),
        };
        let addresses: io::Result<_> = sockets.iter().map(TcpListener::local_addr).collect();
        drop(ready.send(addresses.map_err(StartError::from)));
        let core = Rc::clone(&shared.core);
        spawn_local(commit::run(
            core,
            batches,
            Arc::clone(&shared.counters),
            queue,
        ));
        spawn_local(follow(Rc::clone(&shared.core), accounts));
        let gate = Rc::default();
        for (socket, listener) in sockets.into_iter().zip(&options.listen) {
            spawn_local(listen::run(
                shared.clone(),
                Rc::clone(&gate),
                socket,
                *listener,
            ));
        }
        // Dropping the handle ends the wait as well.
        drop(stopped.await);
    });
    drop(runtime);
    disk.stop();
}

/// Follows the file of accounts.
async fn follow(core: Rc<RefCell<Core>>, mut file: AccountFile) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Some(accounts) = file.changed() {
            let mut core = core.borrow_mut();
            core.accounts.replace(accounts);
            core.watchers.wake();
        }
    }
}

struct Prepared {
    runtime: Runtime,
    core: Core,
    disk: Disk,
    acceptor: tokio_rustls::TlsAcceptor,
    accounts: AccountFile,
    is_repaired: bool,
}

fn prepare(options: &ServerOptions) -> Result<Prepared, StartError> {
    let opened = data::open(options, now())?;
    let acceptor = tls::acceptor(&opened.key)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(CHECKS)
        .thread_name("directory-password")
        .build()?;
    let is_repaired = opened.store.is_repaired;
    let disk = Disk::start(opened.store)?;
    Ok(Prepared {
        runtime,
        core: opened.core,
        disk,
        acceptor,
        accounts: opened.accounts,
        is_repaired,
    })
}

async fn bind_all(listeners: &[Listener]) -> Result<Vec<TcpListener>, StartError> {
    let mut sockets = Vec::with_capacity(listeners.len());
    for listener in listeners {
        let address = listener.address;
        let socket = TcpListener::bind(address).await;
        sockets.push(socket.map_err(|source| StartError::Listen { address, source })?);
    }
    Ok(sockets)
}
