//! Storing changes: all that come in while the disk is busy go to it together, and are answered after it has them.
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::now;
use crate::server::core::Core;
use crate::server::counters::Counters;
use crate::server::operation::write::{Draft, Granted, Write};
use crate::server::protocol::answer::{Code, Outcome};
use crate::server::store::{Store, StoreError};
use crate::server::tree::change::Change;

/// A change, and where its answer goes.
pub(super) struct Order {
    pub(super) write: Box<Write>,
    pub(super) answer: oneshot::Sender<(Box<Write>, Result<Granted, Outcome>)>,
}

/// Changes that go to the disk together; entries that die at once.
const BATCH: usize = 512;
/// How long nothing happens at most, so that a clock that was set is noticed.
const NAP: Duration = Duration::from_secs(60);

type Batch = (Vec<Arc<Change>>, oneshot::Sender<Result<(), StoreError>>);

/// The thread that waits for the disk.
pub(super) struct Disk {
    batches: SyncSender<Batch>,
    thread: JoinHandle<()>,
}

impl Disk {
    /// Starts it.
    pub(super) fn start(store: Store) -> std::io::Result<Self> {
        let (batches, queue) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("directory-store".into())
            .spawn(move || serve(&store, &queue))?;
        Ok(Self { batches, thread })
    }

    /// Where batches go.
    pub(super) fn batches(&self) -> SyncSender<Batch> {
        self.batches.clone()
    }

    /// Ends it, after what it has begun.
    pub(super) fn stop(self) {
        drop(self.batches);
        if self.thread.join().is_err() {
            tracing::error!("directory: the store's thread died");
        }
    }
}

fn serve(store: &Store, queue: &Receiver<Batch>) {
    while let Ok((changes, done)) = queue.recv() {
        // Who asked may have gone.
        drop(done.send(store.commit(&changes)));
    }
}

/// Carries out orders for as long as there is somebody to give them.
pub(super) async fn run(
    core: Rc<RefCell<Core>>,
    batches: SyncSender<Batch>,
    counters: Arc<Counters>,
    mut orders: mpsc::Receiver<Order>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let nap = core.borrow().tree.next_expiry();
        let nap = nap.map_or(NAP, |expiry| now().until(expiry).min(NAP));
        if timeout(nap, orders.recv_many(&mut batch, BATCH)).await == Ok(0) {
            return;
        }
        settle(&core, &batches, &counters, &mut batch).await;
    }
}

/// Decides, stores, applies, tells, answers.
async fn settle(
    core: &Rc<RefCell<Core>>,
    batches: &SyncSender<Batch>,
    counters: &Counters,
    orders: &mut Vec<Order>,
) {
    let (changes, results) = decide(&core.borrow(), orders);
    let is_stored = changes.is_empty() || store(batches, &changes).await;
    if is_stored {
        let mut core = core.borrow_mut();
        for change in &changes {
            core.tree.apply(change);
        }
        let told: Vec<_> = changes
            .iter()
            .filter(|change| change.is_news())
            .cloned()
            .collect();
        core.watchers.publish(&told);
        counters.changes.add(changes.len() as u64);
        counters.commits.add(u64::from(!changes.is_empty()));
    }
    for (order, result) in orders.drain(..).zip(results) {
        let failed = || Outcome::new(Code::Unavailable, "it could not be stored");
        let result = if is_stored {
            result
        } else {
            Err(result.err().unwrap_or_else(failed))
        };
        // Who asked may have gone.
        drop(order.answer.send((order.write, result)));
    }
}

fn decide(core: &Core, orders: &[Order]) -> (Vec<Arc<Change>>, Vec<Result<Granted, Outcome>>) {
    let mut draft = Draft::new(core, now(), fastrand::u64(..));
    let results = orders
        .iter()
        .map(|order| draft.decide(&order.write))
        .collect();
    draft.expire(BATCH);
    (draft.into_changes(), results)
}

/// Whether the disk has them.
async fn store(batches: &SyncSender<Batch>, changes: &[Arc<Change>]) -> bool {
    let (done, answer) = oneshot::channel();
    if batches.try_send((changes.to_vec(), done)).is_err() {
        return false;
    }
    match answer.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!("{error}");
            false
        }
        Err(_) => false,
    }
}
