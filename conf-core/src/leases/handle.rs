//! This program's leases as its owner sees them: asked for, tied to conferences, given back.
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use directory::address::madcap::{
    Client, ClientEvent, ClientOptions, Held, HeldLeases, Lease, LeaseId, Need, Want,
};
use directory::{ConferenceId, Description};

use super::client_endpoint::LeasesEndpoint;
use super::writer::Writer;
use crate::conference::{Moment, Wake};
use crate::net::{EndpointHandle, InterfaceChoice, NetHandle, RegisterOptions};
use crate::queue::{DropOldest, Latest};

/// Who leases groups to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Madcap {
    /// Whoever answers on the network.
    Anyone,
    /// The first of these that answers.
    Servers(Vec<SocketAddr>),
}

/// What leasing starts with.
pub struct LeasesOptions {
    /// On which interfaces servers are looked for.
    pub interface: InterfaceChoice,
    /// Who is asked.
    pub servers: Madcap,
    /// How long to wait for each of them.
    pub patience: Duration,
    /// In which language scopes are named.
    pub language: Option<String>,
    /// The folder in which leases are kept; without, they are renewed by this run only.
    pub folder: Option<PathBuf>,
    /// Which of those that are kept there are this program's to renew. Of several running programs, one's.
    pub kept: Kept,
    /// Called when there is an event; must not wait.
    pub wake: Wake,
    /// Where all that is random comes from.
    pub seed: u64,
}

/// Which of the leases on disk are taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// None: only what is leased by this run.
    None,
    /// This conference's.
    Of(ConferenceId),
    /// All.
    All,
}

/// This program's leases.
pub struct Leases {
    shared: Arc<Shared>,
    endpoint: Option<EndpointHandle>,
    _writer: Option<Writer>,
}

/// Something that happened to a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseEvent {
    /// The conference whose groups it is about, where it is tied to one.
    pub conference: Option<ConferenceId>,
    /// What happened.
    pub what: ClientEvent,
}

impl Leases {
    /// Starts; what is kept on disk is confirmed by its servers at once. `moment` is now, on both clocks.
    ///
    /// # Errors
    /// When the net thread has ended or the system gives no thread.
    pub fn start(net: &NetHandle, options: LeasesOptions, moment: Moment) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(options.wake));
        let folder = options.folder.as_deref().map(HeldLeases::new);
        let kept = folder.as_ref().map(|folder| options.kept.read(folder));
        let client = Client::new(
            ClientOptions {
                servers: match options.servers {
                    Madcap::Anyone => Vec::new(),
                    Madcap::Servers(servers) => servers,
                },
                patience: options.patience,
                language: options.language,
            },
            fastrand::Rng::with_seed(options.seed),
            moment.now,
            moment.wall,
        );
        let (mut writer, mut jobs) = (None, None);
        if let Some(folder) = folder {
            let (thread, sender) = Writer::start("leases", move |batch: Vec<Keep>| {
                batch.into_iter().for_each(|job| job.run(&folder));
            })?;
            (writer, jobs) = (Some(thread), Some(sender));
        }
        let endpoint = LeasesEndpoint::with_disk(
            client,
            Arc::clone(&shared),
            jobs,
            kept.unwrap_or_default(),
            moment.now,
        );
        let register = RegisterOptions {
            interface: options.interface,
            loopback: true,
        };
        let endpoint = net.register(Box::new(endpoint), register);
        let endpoint = endpoint.map_err(io::Error::other)?;
        Ok(Self {
            shared,
            endpoint: Some(endpoint),
            _writer: writer,
        })
    }

    /// Asks for groups; what comes of it is told by an event with the want's name.
    pub fn lease(&self, want: Want) {
        self.send(Command::Lease(want));
    }

    /// From now on a lease is a conference's: kept on disk, renewed, and moved when its times change.
    /// What the conference had leased before is given back.
    pub fn assign(&self, lease: LeaseId, conference: ConferenceId) {
        self.send(Command::Assign(lease, conference));
    }

    /// A conference has these times now.
    pub fn follow(&self, description: &Description) {
        self.send(Command::Follow(description.id(), Need::of(description)));
    }

    /// Gives back what a conference has leased, if it has.
    pub fn release(&self, conference: ConferenceId) {
        self.send(Command::Release(conference));
    }

    /// Gives back a lease that no conference came to have.
    pub fn give_back(&self, lease: LeaseId) {
        self.send(Command::GiveBack(lease));
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<LeaseEvent> {
        self.shared.events.pop()
    }

    /// What conferences have leased.
    pub fn held(&self) -> Arc<Vec<Held>> {
        self.shared.held.get()
    }

    fn send(&self, command: Command) {
        self.shared.commands.push(command);
        if let Some(endpoint) = &self.endpoint {
            endpoint.wake();
        }
    }
}

impl Drop for Leases {
    /// The endpoint goes first: its end lets the writer end.
    fn drop(&mut self) {
        self.endpoint = None;
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").finish_non_exhaustive()
    }
}

impl Kept {
    fn read(self, folder: &HeldLeases) -> Vec<Held> {
        if self == Self::None {
            return Vec::new();
        }
        let mut kept = folder.load().unwrap_or_else(|error| {
            tracing::warn!(%error, "kept leases cannot be read");
            Vec::new()
        });
        if let Self::Of(conference) = self {
            kept.retain(|held| held.conference == conference);
        }
        kept
    }
}

/// What the owner wants.
#[derive(Debug)]
pub(super) enum Command {
    Lease(Want),
    Assign(LeaseId, ConferenceId),
    Follow(ConferenceId, Need),
    Release(ConferenceId),
    GiveBack(LeaseId),
}

/// What is to be kept on disk.
#[derive(Debug)]
pub(super) enum Keep {
    Put(ConferenceId, Lease),
    Remove(ConferenceId),
}

impl Keep {
    fn run(self, folder: &HeldLeases) {
        let done = match self {
            Self::Put(conference, lease) => folder.put(conference, &lease),
            Self::Remove(conference) => folder.remove(conference).map(drop),
        };
        if let Err(error) = done {
            tracing::error!(%error, "a lease cannot be kept");
        }
    }
}

/// Commands one way, events and what is held the other.
pub(super) struct Shared {
    pub(super) commands: DropOldest<Command>,
    pub(super) events: DropOldest<LeaseEvent>,
    pub(super) held: Latest<Vec<Held>>,
    wake_user: Wake,
}

impl Shared {
    /// All of one's own conferences at once.
    const COMMANDS: usize = 4096;
    const EVENTS: usize = 4096;

    pub(super) fn new(wake_user: Wake) -> Self {
        Self {
            commands: DropOldest::new(Self::COMMANDS),
            events: DropOldest::new(Self::EVENTS),
            held: Latest::new(Vec::new()),
            wake_user,
        }
    }

    pub(super) fn tell(&self, event: LeaseEvent) {
        self.events.push(event);
        (self.wake_user)();
    }
}
