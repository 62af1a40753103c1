//! The thread `directory`: a small runtime with a task for each directory.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the clocks come in"
)]
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use directory::ldap::DirectoryConfig;
use directory::ledger::Record;
use directory::runtime::{self, Runtime, mpsc, select, time};
use directory::{Directory, DirectoryError, Entry};

use super::board::Board;
use super::event::Happening;
use super::papers::Papers;
use super::seat::{Clock, GOODBYE, Order, Seat, attend};
use crate::conference::Moment;

/// What is wanted of the thread.
#[derive(Debug)]
pub(super) enum Command {
    /// Use these directories, and no others.
    Use(Vec<DirectoryConfig>),
    /// Something of one of them.
    Order(Arc<str>, Order),
    /// Show this person in all of them, or nobody.
    Me(Option<Box<Entry>>),
}

/// How many commands wait before the user's side is told to be patient.
pub(super) const COMMANDS: usize = 1_024;
/// Of each directory.
const ORDERS: usize = 1_024;
/// Other programs of the user may leave changes to be made.
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(super) struct Thread<D, C: Fn(DirectoryConfig) -> D> {
    pub(super) connect: C,
    pub(super) board: Arc<Board>,
    pub(super) papers: Papers,
}

/// The task of one directory.
struct Desk {
    orders: mpsc::Sender<Order>,
    task: runtime::JoinHandle<()>,
}

impl<D, C> Thread<D, C>
where
    D: Directory + 'static,
    C: Fn(DirectoryConfig) -> D + Send + 'static,
{
    pub(super) fn start(self, commands: mpsc::Receiver<Command>) -> io::Result<JoinHandle<()>> {
        let runtime = runtime::new()?;
        Builder::new()
            .name("directory".to_owned())
            .spawn(move || self.run(&runtime, commands))
    }

    fn run(self, runtime: &Runtime, commands: mpsc::Receiver<Command>) {
        let Self {
            connect,
            board,
            papers,
        } = self;
        let office = Office {
            board,
            papers: Arc::new(papers),
            clock: Arc::new(clock),
            desks: HashMap::new(),
            me: None,
        };
        runtime.block_on(office.run(connect, commands));
    }
}

/// All directories in use.
struct Office {
    board: Arc<Board>,
    papers: Arc<Papers>,
    clock: Clock,
    desks: HashMap<Arc<str>, Desk>,
    me: Option<Box<Entry>>,
}

impl Office {
    async fn run<D: Directory + 'static>(
        mut self,
        connect: impl Fn(DirectoryConfig) -> D,
        mut commands: mpsc::Receiver<Command>,
    ) {
        let mut look = time::interval(LOOK_EVERY);
        loop {
            select! {
                command = commands.recv() => match command {
                    Some(Command::Use(configs)) => self.set_in_use(configs, &connect),
                    Some(Command::Order(url, order)) => self.pass_on(&url, order),
                    Some(Command::Me(me)) => self.introduce(me),
                    None => break,
                },
                _ = look.tick() => self.hand_out_what_waits(),
            }
        }
        let all = self.desks.drain().map(|(_, desk)| desk.task);
        let tasks: Vec<_> = all.collect();
        // Half a second more than a task needs to give up.
        let goodbye = GOODBYE + Duration::from_millis(500);
        let waiting = async {
            for task in tasks {
                drop(task.await);
            }
        };
        if time::timeout(goodbye, waiting).await.is_err() {
            tracing::warn!("a directory did not end in time");
        }
    }

    fn set_in_use<D: Directory + 'static>(
        &mut self,
        configs: Vec<DirectoryConfig>,
        connect: &impl Fn(DirectoryConfig) -> D,
    ) {
        let named = configs
            .into_iter()
            .filter_map(|config| Some((super::name_of(&config)?, config)));
        let wanted: HashMap<Arc<str>, DirectoryConfig> = named.collect();
        let dropped: Vec<Arc<str>> = self
            .desks
            .keys()
            .filter(|url| !wanted.contains_key(*url))
            .cloned()
            .collect();
        for url in dropped {
            if let Some(desk) = self.desks.remove(&url) {
                desk.task.abort();
            }
            self.board.forget(&url);
        }
        for (url, config) in wanted {
            if !self.desks.contains_key(&url) {
                self.open(&url, connect(config));
            }
        }
        self.hand_out_what_waits();
    }

    fn open<D: Directory + 'static>(&mut self, url: &Arc<str>, directory: D) {
        self.papers.own();
        let (orders, receiver) = mpsc::channel(ORDERS);
        let seat = Seat::new(
            Arc::clone(url),
            Arc::clone(&self.board),
            Arc::clone(&self.papers),
            Arc::clone(&self.clock),
        );
        let task = runtime::Handle::current().spawn(attend(directory, seat, receiver));
        self.desks.insert(Arc::clone(url), Desk { orders, task });
        for record in self.papers.published((self.clock)().wall) {
            if *record.directory == **url {
                self.pass_on(url, Order::Keep(record));
            }
        }
        if let Some(me) = &self.me {
            self.pass_on(url, Order::Me(Some(me.clone())));
        }
    }

    fn introduce(&mut self, me: Option<Box<Entry>>) {
        self.me = me;
        let urls: Vec<Arc<str>> = self.desks.keys().cloned().collect();
        for url in urls {
            self.pass_on(&url, Order::Me(self.me.clone()));
        }
    }

    fn hand_out_what_waits(&self) {
        self.papers.own();
        for record in self.papers.pending() {
            let url = Arc::from(record.directory.as_str());
            if self.desks.contains_key(&url) {
                self.pass_on(&url, Order::Change(record));
            }
        }
    }

    fn pass_on(&self, url: &Arc<str>, order: Order) {
        let record = match &order {
            Order::Change(record) => Some(record.clone()),
            _ => None,
        };
        let Some(desk) = self.desks.get(url) else {
            return self.refuse(url, record, "it is not in use");
        };
        if desk.orders.try_send(order).is_err() {
            self.refuse(url, record, "too much is to be done there");
        }
    }

    /// What is on disk waits there; it is handed out again.
    fn refuse(&self, url: &Arc<str>, record: Option<Record>, reason: &str) {
        if let Some(record) = record {
            let error = DirectoryError::Unavailable(reason.to_owned());
            self.board.tell(url, Happening::Queued(record.id, error));
        }
    }
}

fn clock() -> Moment {
    Moment {
        now: Instant::now(),
        wall: SystemTime::now(),
    }
}
