//! The net thread as others see it: started, given endpoints, woken, stopped.
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use mio::Waker;
use thiserror::Error;

use super::counters::NetCounters;
use super::driver::Driver;
use super::interface::InterfaceChoice;
use crate::endpoint::Endpoint;

/// The thread; whoever holds this owns it.
#[derive(Debug)]
pub struct NetThread {
    handle: NetHandle,
    thread: Option<JoinHandle<()>>,
}

/// Gives endpoints to the thread; clone it freely.
#[derive(Clone, Debug)]
pub struct NetHandle {
    commands: SyncSender<Register>,
    shared: Arc<NetShared>,
}

/// How an endpoint uses the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterOptions {
    /// On which interfaces it joins and sends.
    pub interface: InterfaceChoice,
    /// Whether this computer hears what it sends itself, in this program and in others.
    /// What goes by the loopback interface is always heard.
    pub loopback: bool,
}

/// An endpoint that has been registered. Dropping this wakes the endpoint and gives it two seconds to put out what
/// it still has and finish, after which it is removed either way. Dropping never blocks.
#[derive(Debug)]
pub struct EndpointHandle {
    waker: EndpointWaker,
}

/// Wakes an endpoint: costs a system call at most, and nothing where it has been woken already.
#[derive(Clone, Debug)]
pub struct EndpointWaker {
    signals: Arc<EndpointSignals>,
    shared: Arc<NetShared>,
}

/// The net thread has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the network thread has ended")]
pub struct NetStopped;

impl NetThread {
    /// Starts the thread, with nothing to do yet.
    ///
    /// # Errors
    /// When the system gives no poll, waker or thread.
    pub fn start() -> io::Result<Self> {
        let (commands, receiver) = mpsc::sync_channel(COMMANDS);
        let (driver, shared) = Driver::new(receiver)?;
        let thread = Builder::new().name("net".to_owned()).spawn(|| {
            media::urgency::go_early();
            driver.run();
        })?;
        Ok(Self {
            handle: NetHandle { commands, shared },
            thread: Some(thread),
        })
    }

    /// What others need to use the thread.
    pub fn handle(&self) -> NetHandle {
        self.handle.clone()
    }

    /// Gives every endpoint two seconds to finish, as if its handle were dropped, then ends the thread.
    pub fn shutdown(mut self) {
        self.handle.shared.is_closing.store(true, Ordering::Release);
        self.join();
    }

    fn join(&mut self) {
        self.handle.shared.wake();
        let result = self.thread.take().map(JoinHandle::join);
        if matches!(result, Some(Err(_))) {
            tracing::error!("the network thread panicked");
        }
    }
}

impl Drop for NetThread {
    /// Ends the thread at once: endpoints do not get to say goodbye. See [`shutdown`](Self::shutdown).
    fn drop(&mut self) {
        self.handle
            .shared
            .is_stopping
            .store(true, Ordering::Release);
        self.join();
    }
}

impl NetHandle {
    /// Hands over an endpoint, which is told of the network at once. Waits while the queue of
    /// registrations is full; must not be called by an endpoint.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn register(
        &self,
        endpoint: Box<dyn Endpoint>,
        options: RegisterOptions,
    ) -> Result<EndpointHandle, NetStopped> {
        let signals = Arc::new(EndpointSignals::default());
        let register = Register {
            endpoint,
            options,
            signals: Arc::clone(&signals),
        };
        self.commands.send(register).map_err(|_| NetStopped)?;
        self.shared.wake();
        let shared = Arc::clone(&self.shared);
        Ok(EndpointHandle {
            waker: EndpointWaker { signals, shared },
        })
    }

    /// What the thread has counted; at most a turn of its loop old.
    pub fn counters(&self) -> NetCounters {
        *self
            .shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl EndpointHandle {
    /// Has the endpoint given [`EndpointInput::Woken`](crate::endpoint::EndpointInput::Woken) soon.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// A waker for others to keep.
    pub fn waker(&self) -> EndpointWaker {
        self.waker.clone()
    }

    /// Whether the endpoint has finished and been dropped.
    pub fn is_finished(&self) -> bool {
        self.waker.signals.is_finished.load(Ordering::Acquire)
    }
}

impl Drop for EndpointHandle {
    fn drop(&mut self) {
        self.waker.signals.is_closing.store(true, Ordering::Release);
        self.waker.shared.wake();
    }
}

impl EndpointWaker {
    /// As [`EndpointHandle::wake`].
    pub fn wake(&self) {
        if !self.signals.is_woken.swap(true, Ordering::AcqRel) {
            self.shared.wake();
        }
    }
}

/// What goes through the queue.
pub(super) struct Register {
    pub(super) endpoint: Box<dyn Endpoint>,
    pub(super) options: RegisterOptions,
    pub(super) signals: Arc<EndpointSignals>,
}

/// What a handle and the thread tell each other about one endpoint.
#[derive(Debug, Default)]
pub(super) struct EndpointSignals {
    pub(super) is_woken: AtomicBool,
    pub(super) is_closing: AtomicBool,
    pub(super) is_finished: AtomicBool,
}

/// What handles and the thread tell each other.
pub(super) struct NetShared {
    pub(super) waker: Waker,
    pub(super) is_closing: AtomicBool,
    pub(super) is_stopping: AtomicBool,
    pub(super) counters: Mutex<NetCounters>,
}

impl NetShared {
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            waker,
            is_closing: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            counters: Mutex::default(),
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "the network thread cannot be woken");
        }
    }
}

impl fmt::Debug for NetShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetShared").finish_non_exhaustive()
    }
}

/// Registrations that may wait; the thread takes them at least every two milliseconds.
const COMMANDS: usize = 64;
