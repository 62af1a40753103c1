//! What other threads hold of the audio worker: bounded queues both ways and the newest snapshot.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::queue::PacketQueue;
use super::{AudioPacket, AudioSnapshot, EncodedPacket, EngineCommand};
use crate::device::Terminal;

/// What can be asked of a running audio worker.
#[derive(Clone, Debug, PartialEq)]
pub enum AudioCommand {
    /// Something for the engine.
    Engine(EngineCommand),
    /// Take sound from another microphone.
    SetMicrophone(Terminal),
    /// Play on these speakers; those that were playing already go on without a gap.
    SetSpeakers(Vec<Terminal>),
}

impl From<EngineCommand> for AudioCommand {
    fn from(command: EngineCommand) -> Self {
        Self::Engine(command)
    }
}

/// A way to the audio worker that any thread may use; it outlives the worker harmlessly.
#[derive(Clone)]
pub struct AudioHandle {
    shared: Arc<Shared>,
    commands: SyncSender<AudioCommand>,
}

impl AudioHandle {
    /// A handle, and the worker's ends of its queues.
    pub(super) fn new(now: Instant) -> (Self, Arc<Shared>, Receiver<AudioCommand>) {
        let (commands, receiver) = sync_channel(COMMAND_QUEUE);
        let shared = Arc::new(Shared {
            received: Mutex::new(PacketQueue::new(now)),
            encoded: Mutex::new(VecDeque::with_capacity(ENCODED_QUEUE)),
            encoded_dropped: AtomicU64::new(0),
            snapshot: Mutex::default(),
        });
        let handle = Self {
            shared: Arc::clone(&shared),
            commands,
        };
        (handle, shared, receiver)
    }

    /// Gives a received packet to the engine. If the worker is behind, the oldest waiting packet goes and is counted.
    pub fn push_packet(&self, packet: &AudioPacket<'_>) {
        lock(&self.shared.received).push(packet);
    }

    /// Takes the next packet to be sent.
    pub fn poll_encoded(&self) -> Option<EncodedPacket> {
        lock(&self.shared.encoded).pop_front()
    }

    /// Asks for something; it is done within a step, in the order of asking.
    ///
    /// A worker that has not come round for so long that 2048 commands wait loses the new one.
    pub fn apply(&self, command: impl Into<AudioCommand>) {
        if let Err(TrySendError::Full(command)) = self.commands.try_send(command.into()) {
            tracing::warn!(?command, "the audio worker does not take commands");
        }
    }

    /// How everything is doing, at most 50 ms ago.
    pub fn snapshot(&self) -> Arc<AudioSnapshot> {
        Arc::clone(&lock(&self.shared.snapshot))
    }
}

/// What the handles and the worker share. Every lock is held for a copy or a swap only.
pub(super) struct Shared {
    received: Mutex<PacketQueue>,
    encoded: Mutex<VecDeque<EncodedPacket>>,
    encoded_dropped: AtomicU64,
    snapshot: Mutex<Arc<AudioSnapshot>>,
}

impl Shared {
    /// Exchanges the queue of received packets for an empty one.
    pub(super) fn swap_received(&self, empty: &mut PacketQueue) {
        std::mem::swap(&mut *lock(&self.received), empty);
    }

    /// Queues a packet for the net thread; the oldest goes if nobody fetches them.
    pub(super) fn push_encoded(&self, packet: EncodedPacket) {
        let mut queue = lock(&self.encoded);
        if queue.len() >= ENCODED_QUEUE {
            queue.pop_front();
            self.encoded_dropped.fetch_add(1, Ordering::Relaxed);
        }
        queue.push_back(packet);
    }

    /// How many packets nobody fetched.
    pub(super) fn encoded_dropped(&self) -> u64 {
        self.encoded_dropped.load(Ordering::Relaxed)
    }

    /// Shows `snapshot` from now on and puts the one before in its place, so that its memory can be used again.
    pub(super) fn swap_snapshot(&self, snapshot: &mut Arc<AudioSnapshot>) {
        std::mem::swap(&mut *lock(&self.snapshot), snapshot);
    }
}

/// Nothing that these locks guard is left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More than a thousand people can be turned down in one go.
const COMMAND_QUEUE: usize = 2_048;
/// 640 ms of 10 ms packets: far longer than the net thread may ever be away.
const ENCODED_QUEUE: usize = 64;
