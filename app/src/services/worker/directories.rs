//! The directories that the window uses: those of the settings, and one of its own.
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use conf_core::directories::{
    Basis, ConferenceEntry, DirectoryConfig, DirectoryEvent, DirectoryState, DirectoryStatus,
    DirectoryUrl, Entry, Found, Happening,
};
use conf_core::server::{
    Access, DEFAULT_PORT, Listener, SUFFIX, Server, ServerHandle, ServerOptions,
};
use conf_core::{ConferenceId, Description, Station};

use super::{Worker, convert, entry_id};
use crate::directories::{DirectorySetting, server_data};
use crate::host;
use crate::model::{self, DirectoryProblem, Done, EntryId, Event, Failure, Settings};

impl Worker {
    /// Those that can be used; what is wrong with the others is told, and some wait for their password.
    fn directories(&mut self) -> Vec<DirectoryConfig> {
        let ours = self.settings.has_directory.then(|| DirectorySetting {
            urls: vec![our_url()],
            ..DirectorySetting::default()
        });
        let mut configs = Vec::new();
        for setting in ours.iter().chain(&self.settings.directories) {
            match self.passwords.config(setting) {
                None => {}
                Some(Ok(config)) => configs.push(config),
                Some(Err(reason)) => {
                    let name = setting.urls.first().map_or("", String::as_str);
                    self.fail(Failure::UseDirectory(host_of(name), reason));
                }
            }
        }
        configs
    }

    /// What was chosen anew holds at once.
    pub(super) fn use_directories(&mut self, before: &Settings) {
        let ours = |settings: &Settings| (settings.has_directory, settings.is_directory_shared);
        if ours(before) != ours(&self.settings)
            && let Some(server) = self.server.take()
        {
            server.stop();
        }
        self.start_server();
        // The token that proves us to our own is there once that has run.
        self.connect_directories();
    }

    /// What did not change stays connected.
    pub(super) fn connect_directories(&mut self) {
        let configs = self.directories();
        if let Some(station) = &self.station {
            station.directories().set_in_use(configs);
        }
    }

    /// Runs our own directory, unless another window of this user does. Others on the network may read it.
    pub(super) fn start_server(&mut self) {
        if !self.settings.has_directory || self.server.is_some() {
            return;
        }
        let Some(data) = server_data() else { return };
        let mut options = ServerOptions::local(data);
        if self.settings.is_directory_shared {
            let shared = self
                .station
                .as_ref()
                .map(host::address)
                .filter(|ip| !ip.is_loopback());
            options.listen.extend(shared.map(read_only));
        }
        self.server = start(options);
    }

    pub(super) fn publish_in(&self, id: &EntryId, url: &str) {
        let (Some(entry), Some(station)) = (self.entry(id), &self.station) else {
            return;
        };
        let wanted = self.entry_of(&entry.description);
        if let Err(error) = station.directories().publish(url, wanted) {
            self.refuse(entry.id, url, DirectoryProblem::Refused(error.to_string()));
        }
    }

    pub(super) fn withdraw_from(&self, id: &EntryId, url: &str) {
        let (Some(entry), Some(station)) = (self.entry(id), &self.station) else {
            return;
        };
        if let Err(error) = station.directories().withdraw(url, entry.id) {
            self.refuse(entry.id, url, DirectoryProblem::Refused(error.to_string()));
        }
    }

    /// What is ours goes into our own directory, and its new version wherever it is published.
    pub(super) fn publish_everywhere(&self, station: &Station, description: &Arc<Description>) {
        let id = description.id();
        for status in station.directories().statuses() {
            let found = station.directories().found(&status.url, id);
            let (entry, basis) = match found.as_deref() {
                Some(found) if found.is_mine == Some(true) => next_version(found, description),
                None if is_ours(&status.url) => (self.entry_of(description), Basis::New),
                _ => continue,
            };
            if let Err(error) = station.directories().edit(&status.url, entry, basis) {
                self.refuse(
                    id,
                    &status.url,
                    DirectoryProblem::Refused(error.to_string()),
                );
            }
        }
    }

    fn entry_of(&self, description: &Arc<Description>) -> ConferenceEntry {
        ConferenceEntry {
            originator: Some(self.settings.name.clone()),
            ..ConferenceEntry::new(Arc::clone(description))
        }
    }

    /// Takes it out of every directory that has it from here.
    pub(super) fn withdraw_everywhere(&self, station: &Station, id: ConferenceId) {
        for status in station.directories().statuses() {
            let found = station.directories().found(&status.url, id);
            if found.is_some_and(|found| found.is_mine == Some(true))
                && let Err(error) = station.directories().withdraw(&status.url, id)
            {
                self.refuse(
                    id,
                    &status.url,
                    DirectoryProblem::Refused(error.to_string()),
                );
            }
        }
    }

    pub(super) fn report_directories(&self) {
        let Some(station) = &self.station else { return };
        let (mut is_changed, mut has_people) = (false, false);
        while let Some(event) = station.directories().poll_event() {
            is_changed |= matches!(event.what, Happening::Status);
            has_people |= matches!(event.what, Happening::People);
            self.report_happening(event);
        }
        if has_people {
            let people = station.directories().people();
            let people = people.iter().filter_map(convert::contactable);
            let mut people: Vec<model::Contactable> = people.collect();
            people.sort_by_cached_key(|person| person.name.to_lowercase());
            self.outbox.push(Event::People(people));
        }
        if is_changed {
            let statuses = station.directories().statuses();
            let directories = statuses.iter().map(directory).collect();
            self.outbox.push(Event::Directories(directories));
        }
    }

    fn report_happening(&self, event: DirectoryEvent) {
        if is_ours(&event.url) {
            return tracing::debug!(?event, "our directory");
        }
        let url = &event.url;
        match event.what {
            Happening::Status | Happening::People => {}
            Happening::Published(id, _) => {
                let done = Done::PublishedIn(self.name_of(id), host_of(url));
                self.outbox.push(Event::Done(done));
            }
            Happening::Withdrawn(id) => {
                let done = Done::WithdrawnFrom(self.name_of(id), host_of(url));
                self.outbox.push(Event::Done(done));
            }
            Happening::Queued(id, error) => {
                self.refuse(id, url, DirectoryProblem::Queued(error.to_string()))
            }
            Happening::Failed(id, error) => {
                self.refuse(id, url, DirectoryProblem::Refused(error.to_string()))
            }
            Happening::Removed(id) => self.refuse(id, url, DirectoryProblem::Removed),
            Happening::Conflict(conflict) => {
                let fields: Vec<&str> = conflict.fields.iter().map(|field| field.name()).collect();
                self.refuse(
                    conflict.id,
                    url,
                    DirectoryProblem::Conflict(fields.join(", ")),
                );
            }
            Happening::NotKept(reason) => self.fail(Failure::Settings(reason)),
        }
    }

    fn refuse(&self, id: ConferenceId, url: &str, problem: DirectoryProblem) {
        self.fail(Failure::Directory {
            name: self.name_of(id),
            directory: host_of(url),
            problem,
        });
    }

    fn name_of(&self, id: ConferenceId) -> String {
        let entry = self.entry(&entry_id(id));
        entry.map_or_else(
            || "the conference".to_owned(),
            |entry| entry.description.name.clone(),
        )
    }
}

/// What stands there with another description, and what that is made from.
fn next_version(found: &Found, description: &Arc<Description>) -> (ConferenceEntry, Basis) {
    let entry = match &found.entry {
        Entry::Conference(there) => ConferenceEntry {
            description: Arc::clone(description),
            ..there.clone()
        },
        Entry::Person(_) => ConferenceEntry::new(Arc::clone(description)),
    };
    let revision = found.published.revision.clone();
    (entry, revision.map_or(Basis::Any, Basis::Revision))
}

fn directory(status: &DirectoryStatus) -> model::Directory {
    model::Directory {
        url: status.url.to_string(),
        name: host_of(&status.url),
        state: match &status.state {
            DirectoryState::Connecting => model::DirectoryState::Connecting,
            DirectoryState::Connected(info) if info.is_partial || status.omitted > 0 => {
                model::DirectoryState::Partial
            }
            DirectoryState::Connected(_) => model::DirectoryState::Connected,
            DirectoryState::Away(reason) => model::DirectoryState::Away(reason.to_string()),
        },
        conferences: status.conferences,
        waiting: status.waiting,
        is_ours: is_ours(&status.url),
    }
}

/// Without the network, it still serves this computer; a port that is taken is served by another window.
fn start(options: ServerOptions) -> Option<ServerHandle> {
    let local = ServerOptions {
        listen: options.listen.iter().take(1).copied().collect(),
        ..options.clone()
    };
    let started = Server::start(options).or_else(|_| Server::start(local));
    started
        .map_err(|error| tracing::info!("no directory of our own: {error}"))
        .ok()
}

fn read_only(ip: IpAddr) -> Listener {
    Listener {
        access: Access::ReadOnly,
        ..Listener::new(SocketAddr::new(ip, DEFAULT_PORT))
    }
}

fn our_url() -> String {
    format!("ldap://127.0.0.1:{DEFAULT_PORT}/{SUFFIX}")
}

fn is_ours(url: &str) -> bool {
    url.parse::<DirectoryUrl>().ok() == our_url().parse().ok()
}

pub(super) fn host_of(url: &str) -> String {
    let parsed: Result<DirectoryUrl, _> = url.parse();
    parsed.map_or_else(|_| url.to_owned(), |url| url.host)
}
