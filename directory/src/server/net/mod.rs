//! The shell: sockets, threads, the clock.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the world comes in"
)]

mod commit;
mod connection;
mod gate;
mod listen;
mod thread;
mod tls;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{Semaphore, mpsc};

pub use self::thread::{Server, ServerHandle, StartError};

use self::commit::Order;
use super::core::Core;
use super::counters::Counters;
use super::entry::moment::Moment;

/// What all tasks of a server share.
#[derive(Clone)]
struct Shared {
    core: Rc<RefCell<Core>>,
    orders: mpsc::Sender<Order>,
    /// How many passwords are checked at once: each takes 32 MiB.
    checks: Arc<Semaphore>,
    counters: Arc<Counters>,
    tls: tokio_rustls::TlsAcceptor,
}

/// The time.
fn now() -> Moment {
    Moment::from_system(SystemTime::now())
}
