//! One connection: bytes in, requests in turn, answers out, and changes as they happen to who watches.
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::select;
use tokio::sync::oneshot;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{Instant, sleep_until, timeout};

use super::commit::Order;
use super::{Shared, now};
use crate::server::operation::bind::{self, Proof};
use crate::server::operation::search::{Progress, Search};
use crate::server::operation::sync::Watch;
use crate::server::operation::write::Write;
use crate::server::protocol::answer::{self, Code, Outcome};
use crate::server::protocol::request::{decode, frame};
use crate::server::session::{Link, Next, Session};
use crate::server::watch::Mailbox;

/// Answers are written when they have grown so long.
const FLUSH: usize = 32 * 1024;

/// How much is read at once; a longer request leaves no more room than that behind.
const CHUNK: usize = 4 * 1024;

/// One connection.
pub(super) struct Connection {
    shared: Shared,
    session: Session,
    watches: Vec<Watch>,
    mailbox: Option<Rc<Mailbox>>,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The connection is to be closed.
    Closed,
    /// It is to be encrypted.
    StartTls,
}

/// What wakes a connection.
enum Awakened {
    Received(std::io::Result<usize>),
    Changed,
    TooLate,
}

impl Connection {
    pub(super) fn new(shared: Shared, link: Link) -> Self {
        Self {
            shared,
            session: Session::new(link),
            watches: Vec::new(),
            mailbox: None,
            input: Vec::new(),
            output: Vec::new(),
        }
    }

    /// Converses until one of the two ends it.
    pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> End {
        let mut begun = Instant::now();
        loop {
            match self.answer_received(stream).await {
                Ok(None) => {}
                Ok(Some(end)) => {
                    // Best effort: the other side may be gone already.
                    drop(self.flush(stream).await);
                    return end;
                }
                Err(_) => return End::Closed,
            }
            if self.flush(stream).await.is_err() {
                return End::Closed;
            }
            if self.input.is_empty() {
                begun = Instant::now();
            }
            let deadline = self.deadline(begun);
            match self.wait(stream, deadline).await {
                Awakened::Received(Ok(1..)) => {}
                Awakened::Received(_) => return End::Closed,
                Awakened::Changed if self.is_orphaned() => {
                    // RFC 4511 section 4.4.1: what the connection rests on has failed.
                    let message = "the account was removed";
                    let code = Code::StrongerAuthRequired;
                    answer::disconnection(&mut self.output, code, message);
                    drop(self.flush(stream).await);
                    return End::Closed;
                }
                Awakened::Changed => self.tell_changes(),
                Awakened::TooLate => {
                    self.shared.counters.timed_out.add(1);
                    answer::disconnection(
                        &mut self.output,
                        Code::Busy,
                        "too slow, or too long silent",
                    );
                    drop(self.flush(stream).await);
                    return End::Closed;
                }
            }
        }
    }

    /// Until when something has to arrive: the rest of a request soon, another in good time, of a watcher nothing.
    fn deadline(&self, begun: Instant) -> Option<Instant> {
        let limits = &self.shared.core.borrow().limits;
        match (self.input.is_empty(), self.watches.is_empty()) {
            (false, _) => Some(begun + limits.patience),
            (true, true) => Some(begun + limits.idle),
            (true, false) => None,
        }
    }

    async fn wait<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        deadline: Option<Instant>,
    ) -> Awakened {
        let mailbox = self.mailbox.clone().filter(|_| !self.watches.is_empty());
        let changed = async {
            match &mailbox {
                Some(mailbox) => mailbox.raised.notified().await,
                None => std::future::pending().await,
            }
        };
        let late = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        self.input.reserve(CHUNK);
        select! {
            received = stream.read_buf(&mut self.input) => Awakened::Received(received),
            () = changed => Awakened::Changed,
            () = late => Awakened::TooLate,
        }
    }

    /// Answers every whole request that has arrived.
    async fn answer_received<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> std::io::Result<Option<End>> {
        let (limit, depth) = {
            let limits = &self.shared.core.borrow().limits;
            (limits.message, limits.depth)
        };
        let mut used = 0;
        let mut end = None;
        while end.is_none() {
            let rest = self.input.get(used..).unwrap_or_default();
            let next = match frame(rest, limit) {
                Ok(None) => break,
                Ok(Some(length)) => {
                    used += length;
                    let message = rest.get(..length).unwrap_or_default();
                    match decode(message, depth) {
                        Ok(request) => {
                            self.shared.counters.requests.add(1);
                            let core = self.shared.core.borrow();
                            self.session.handle(&core, now(), request, &mut self.output)
                        }
                        Err(error) => self.refuse(error),
                    }
                }
                Err(error) => self.refuse(error),
            };
            end = self.follow(stream, next).await?;
            if self.output.len() >= FLUSH {
                self.flush(stream).await?;
            }
        }
        // What follows a StartTLS in the clear is not to be believed (RFC 4511 section 4.14.1).
        self.input.drain(..used);
        if self.input.is_empty() && self.input.capacity() > 16 * CHUNK {
            self.input = Vec::new();
        }
        Ok(end)
    }

    fn refuse(&mut self, error: crate::server::protocol::request::DecodeError) -> Next {
        self.shared.counters.malformed.add(1);
        Session::handle_broken(error, &mut self.output)
    }

    /// Does what a request has come to.
    async fn follow<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        next: Next,
    ) -> std::io::Result<Option<End>> {
        match next {
            Next::Answered => {}
            Next::Search(search) => self.search(stream, *search).await?,
            Next::Write(write) => self.write(stream, write).await?,
            Next::Bound => self.watches.clear(),
            Next::Prove(proof) => {
                self.watches.clear();
                return Ok(self.prove(proof).await);
            }
            Next::Abandon(id) => self.watches.retain(|watch| watch.id != id),
            Next::StartTls if self.watches.is_empty() => return Ok(Some(End::StartTls)),
            Next::StartTls | Next::Close => return Ok(Some(End::Closed)),
        }
        Ok(None)
    }

    /// Searches step by step; others have their turn in between, and a client that does not read is waited for.
    async fn search<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        mut search: Search,
    ) -> std::io::Result<()> {
        if search
            .refresh
            .as_ref()
            .is_some_and(|refresh| refresh.is_persistent())
        {
            if !self.may_watch() {
                let outcome = Outcome::new(Code::AdminLimitExceeded, "too many watches");
                answer::done(&mut self.output, search.id, answer::SEARCH_DONE, &outcome);
                return Ok(());
            }
            self.join();
        }
        loop {
            let progress = search.step(&self.shared.core.borrow(), now(), &mut self.output);
            match progress {
                Progress::More => {}
                Progress::Done => return Ok(()),
                Progress::PageFull => {
                    let id = search.id;
                    let limit = self.shared.core.borrow().limits.pages;
                    let cookie = self.session.pages.keep(search, limit);
                    Search::end_page(id, &cookie, &mut self.output);
                    return Ok(());
                }
                Progress::Watching => {
                    self.watches.push(Watch::new(search.id, search.subject));
                    // What has changed meanwhile is waiting.
                    self.tell_changes();
                    return Ok(());
                }
            }
            if self.output.len() >= FLUSH {
                self.flush(stream).await?;
            }
            yield_now().await;
        }
    }

    /// Has something changed, and answers when it is.
    async fn write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        write: Box<Write>,
    ) -> std::io::Result<()> {
        let (answer, answered) = oneshot::channel();
        let order = Order { write, answer };
        let gone = |_| std::io::Error::other("the server stops");
        self.shared.orders.send(order).await.map_err(|_| gone(()))?;
        let (write, result) = answered.await.map_err(|_| gone(()))?;
        if let Some(search) = write.then {
            return self.search(stream, *search).await;
        }
        write.put_result(result, &mut self.output);
        Ok(())
    }

    async fn prove(&mut self, proof: Proof) -> Option<End> {
        // Neither can fail: the semaphore is never closed, and checking a password does not panic.
        let permit = self.shared.checks.clone().acquire_owned().await.ok()?;
        let checked = spawn_blocking(move || {
            let is_right = proof.is_right();
            drop(permit);
            (proof, is_right)
        });
        let (proof, is_right) = checked.await.ok()?;
        match bind::conclude(&mut self.session, proof, is_right, &mut self.output) {
            Next::Close => Some(End::Closed),
            _ => None,
        }
    }

    fn may_watch(&self) -> bool {
        self.watches.len() < self.shared.core.borrow().limits.watches
    }

    fn join(&mut self) {
        if self.mailbox.is_none() {
            let mut core = self.shared.core.borrow_mut();
            let limit = core.limits.watch_queue;
            self.mailbox = Some(core.watchers.join(limit));
        }
    }

    /// Whether somebody watches whose account was removed.
    fn is_orphaned(&self) -> bool {
        let core = self.shared.core.borrow();
        self.watches.iter().any(|watch| watch.is_orphaned(&core))
    }

    /// Writes what has changed for each watch; all of them begin anew if too much has.
    fn tell_changes(&mut self) {
        let Some(mailbox) = self.mailbox.clone() else {
            return;
        };
        if mailbox.take_overrun() {
            self.shared.counters.overruns.add(1);
            for watch in self.watches.drain(..) {
                watch.put_lost(&mut self.output);
            }
            return;
        }
        let core = self.shared.core.borrow();
        let now = now();
        while self.output.len() < FLUSH {
            let Some(change) = mailbox.take() else {
                return;
            };
            for watch in &self.watches {
                watch.put(&core, now, &change, &mut self.output);
            }
        }
        // There may be more: after this has been written.
        mailbox.raised.notify_one();
    }

    /// Writes what there is to say; a client that does not read it in time is dropped.
    async fn flush<S: AsyncWrite + Unpin>(&mut self, stream: &mut S) -> std::io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let patience: Duration = self.shared.core.borrow().limits.patience;
        let written = async {
            stream.write_all(&self.output).await?;
            stream.flush().await
        };
        let written = timeout(patience, written).await;
        self.output.clear();
        written.unwrap_or_else(|_| {
            self.shared.counters.timed_out.add(1);
            Err(std::io::ErrorKind::TimedOut.into())
        })
    }
}
