//! This program's presence on the network: what is announced, what is heard, and the conferences taken part in.
mod endpoint;
mod event;
mod keeper;
mod known;
mod leasing;
mod network;
mod shared;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use directory::catalogue::Entry;
use directory::ldap::{DirectoryConfig, Failover};
use directory::{ConferenceId, Description};

use self::endpoint::StationEndpoint;
use self::keeper::Keeper;
use self::leasing::Leasing;
use self::shared::{Shared, StationCommand};
use crate::conference::{Conference, JoinError, JoinOptions, Moment, Wake};
use crate::directories::Directories;
use crate::leases::{Leases, Madcap};
use crate::net::{
    EndpointHandle, EndpointWaker, InterfaceChoice, NetCounters, NetThread, RegisterOptions,
    chosen_interfaces,
};

pub use event::StationEvent;
pub use network::{NetworkProblem, NetworkStatus};

/// What a station starts with.
pub struct StationOptions {
    /// Which interface to use.
    pub interface: InterfaceChoice,
    /// Where own conferences and the cache are kept; nothing is kept without.
    pub data_dir: Option<PathBuf>,
    /// Whether this program hosts the stored conferences of this user: announces them, and may change them.
    /// Of several running programs the first does.
    pub is_host: bool,
    /// Called when there is an event, a new catalogue, or a new state of the network; must not wait.
    pub wake: Wake,
    /// Where all that is random comes from.
    pub seed: u64,
    /// The directories to use.
    pub directories: Vec<DirectoryConfig>,
    /// Who leases groups to us, if somebody is to. What was leased earlier is renewed either way.
    pub madcap: Option<Madcap>,
}

/// This program on the network.
#[derive(Debug)]
pub struct Station {
    shared: Arc<Shared>,
    endpoint: EndpointHandle,
    net: NetThread,
    keeper: Keeper,
    directories: Directories,
    leasing: Leasing,
    leases: Option<Leases>,
    interface: InterfaceChoice,
}

/// Why a station cannot start at all. A missing network is none of these: it may come.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system gives no thread or no poll.
    #[error("the network cannot be used: {0}")]
    Net(#[source] io::Error),
    /// The network thread ended at once.
    #[error("the network thread has ended")]
    Stopped,
}

impl Station {
    /// Starts listening, and announcing what is stored; `moment` is now, on both clocks.
    ///
    /// # Errors
    /// When the system gives no thread or no sockets at all.
    pub fn start(options: StationOptions, moment: Moment) -> Result<Self, StartError> {
        let network = NetworkStatus {
            choice: options.interface.clone(),
            interfaces: chosen_interfaces(&options.interface),
            problem: None,
        };
        let shared = Arc::new(Shared::new(network, Arc::clone(&options.wake)));
        let dir = options.data_dir.as_deref();
        let known = dir.map(|dir| known::open(dir, options.is_host, moment.wall, &shared));
        let (known, places) = known.unwrap_or_default();
        let keeper = Keeper::start(places, Arc::clone(&shared)).map_err(StartError::Net)?;
        let endpoint = StationEndpoint::new(
            Arc::clone(&shared),
            keeper.keep(),
            known,
            moment,
            options.seed,
        );
        let net = NetThread::start().map_err(StartError::Net)?;
        let register = RegisterOptions {
            interface: options.interface.clone(),
            loopback: true,
        };
        let endpoint = net
            .handle()
            .register(Box::new(endpoint), register)
            .map_err(|_| StartError::Stopped)?;
        let directories = open_directories(&options, &shared, endpoint.waker())?;
        let leasing = Leasing::new(&options);
        let leases = leasing.open(options.madcap, &net.handle(), moment)?;
        Ok(Self {
            shared,
            endpoint,
            net,
            keeper,
            directories,
            leasing,
            leases,
            interface: options.interface,
        })
    }

    /// The directories in use.
    pub fn directories(&self) -> &Directories {
        &self.directories
    }

    /// Leased groups, where there are any or can be.
    pub fn leases(&self) -> Option<&Leases> {
        self.leases.as_ref()
    }

    /// From now on these lease groups, or nobody. What is leased already is renewed either way.
    ///
    /// # Errors
    /// When the system gives no sockets or no thread.
    pub fn lease_from(&mut self, madcap: Option<Madcap>, moment: Moment) -> Result<(), StartError> {
        // What is still to be kept is on disk before it is read again.
        self.leases = None;
        self.leases = self.leasing.open(madcap, &self.net.handle(), moment)?;
        Ok(())
    }

    /// Every conference known: what is on by name, then what is to come by its start, then what is over.
    pub fn catalogue(&self) -> Arc<Vec<Arc<Entry>>> {
        self.shared.catalogue.get()
    }

    /// The network as it is now.
    pub fn network(&self) -> Arc<NetworkStatus> {
        self.shared.network.get()
    }

    /// What the net thread has counted.
    pub fn net_counters(&self) -> NetCounters {
        self.net.handle().counters()
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<StationEvent> {
        self.shared.events.pop()
    }

    /// Asks the announcers on this network to repeat themselves now.
    pub fn query(&self) {
        self.send(StationCommand::Query);
    }

    /// Announces a conference as our own, from now on and after each start; a higher version replaces an earlier one.
    /// Leased groups are kept for its times.
    pub fn publish(&self, description: Description) -> ConferenceId {
        if let Some(leases) = &self.leases {
            leases.follow(&description);
        }
        let description = Arc::new(description);
        let id = description.id();
        self.keeper.keep().put(Arc::clone(&description));
        self.send(StationCommand::Publish(description));
        id
    }

    /// Announces a conference as our own for as long as this program runs.
    pub fn announce(&self, description: Description) -> ConferenceId {
        let description = Arc::new(description);
        let id = description.id();
        self.send(StationCommand::Publish(description));
        id
    }

    /// Announces one of our own no longer, tells the others so, and forgets it. Leased groups are given back.
    pub fn withdraw(&self, id: ConferenceId) {
        if let Some(leases) = &self.leases {
            leases.release(id);
        }
        self.keeper.keep().remove(id);
        self.send(StationCommand::Withdraw(id));
    }

    /// Shows what a file tells, among the conferences known.
    pub fn add_file(&self, path: &Path, description: Arc<Description>) {
        self.send(StationCommand::AddFile(path.to_owned(), description));
    }

    /// Shows it no longer.
    pub fn remove_file(&self, id: ConferenceId) {
        self.send(StationCommand::RemoveFile(id));
    }

    /// Joins a conference; `wake` is called when something happens in it.
    ///
    /// # Errors
    /// See [`Conference::join`].
    pub fn join(
        &self,
        description: Arc<Description>,
        options: JoinOptions,
        moment: Moment,
        wake: Wake,
    ) -> Result<Conference, JoinError> {
        let interface = self.interface.clone();
        Conference::join(
            &self.net.handle(),
            interface,
            description,
            options,
            moment,
            wake,
        )
    }

    /// Says what is still to be said, and ends. Waits for that: a few seconds at most, for networks and directories that
    /// are there no time at all.
    pub fn shutdown(self) {
        let Self {
            endpoint,
            net,
            keeper,
            directories,
            leases,
            ..
        } = self;
        drop(directories);
        drop(leases);
        drop(endpoint);
        net.shutdown();
        drop(keeper);
    }

    fn send(&self, command: StationCommand) {
        self.shared.commands.push(command);
        self.endpoint.wake();
    }
}

/// What they list goes to the endpoint, which has the catalogue.
fn open_directories(
    options: &StationOptions,
    shared: &Arc<Shared>,
    endpoint: EndpointWaker,
) -> Result<Directories, StartError> {
    let listed = Arc::clone(shared);
    let sink = Box::new(move |entry| {
        listed.list(entry);
        endpoint.wake();
    });
    let directories = Directories::start(
        options.data_dir.as_deref(),
        sink,
        Arc::clone(&options.wake),
        Failover::new,
    );
    let directories = directories.map_err(StartError::Net)?;
    if !options.directories.is_empty() {
        directories.set_in_use(options.directories.clone());
    }
    Ok(directories)
}
