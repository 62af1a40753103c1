//! One directory on several servers: the next takes over when one dies.
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::client::Client;
use super::{DirectoryConfig, DirectoryUrl, watch};
use crate::directory::{Change, Directory, DirectoryError, Listing, Query, ServerInfo};
use crate::object::{Entry, Kind, ObjectId, Published};

/// All servers of one directory as one. Connects when it is first needed, and again when a connection broke.
pub struct Failover {
    config: Arc<DirectoryConfig>,
    client: Option<Client>,
    /// Which server is in use, or is asked first.
    current: usize,
    last: Option<ServerInfo>,
}

impl Failover {
    /// A directory, not connected yet.
    pub fn new(config: DirectoryConfig) -> Self {
        Self {
            config: Arc::new(config),
            client: None,
            current: 0,
            last: None,
        }
    }

    /// Connects now, to the first server that answers.
    pub async fn connect(&mut self) -> Result<(), DirectoryError> {
        self.client().await.map(drop)
    }

    /// The connection in use, or a new one to the first server from the current one on that answers.
    async fn client(&mut self) -> Result<&mut Client, DirectoryError> {
        if self.client.is_none() {
            let (index, client) = connect_any(&self.config, self.current).await?;
            self.current = index;
            self.last = client.about();
            self.client = Some(client);
        }
        self.client.as_mut().ok_or(DirectoryError::NotFound)
    }

    /// Notes how an operation ended; whether it may be tried with the next server.
    fn is_to_repeat<T>(&mut self, ended: &Result<T, DirectoryError>, attempt: usize) -> bool {
        self.last = self
            .client
            .as_ref()
            .and_then(Directory::about)
            .or_else(|| self.last.take());
        let is_lost = ended.as_ref().is_err_and(is_of_server);
        if is_lost {
            self.client = None;
            // One that said no to a fresh connection is not asked again before the others.
            if attempt > 0 {
                self.current = (self.current + 1) % self.config.urls.len().max(1);
            }
        }
        is_lost && attempt < self.config.urls.len()
    }
}

/// Does it, and once more with each server while they die under it.
macro_rules! with_any_server {
    ($failover:ident, $client:ident => $operation:expr) => {{
        let mut attempt = 0;
        loop {
            let ended = match $failover.client().await {
                Ok($client) => $operation.await,
                Err(error) => return Err(error),
            };
            if !$failover.is_to_repeat(&ended, attempt) {
                break (ended, attempt > 0);
            }
            attempt += 1;
        }
    }};
}

impl Directory for Failover {
    async fn publish(
        &mut self,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> Result<Published, DirectoryError> {
        let (ended, is_repeated) =
            with_any_server!(self, client => client.publish(entry, lifetime));
        match ended {
            // The server that died had done it, and told the others.
            Err(DirectoryError::AlreadyExists) if is_repeated => {
                self.modify(&entry.id(), entry, None).await
            }
            ended => ended,
        }
    }

    async fn modify(
        &mut self,
        what: &ObjectId,
        entry: &Entry,
        expected: Option<&str>,
    ) -> Result<Published, DirectoryError> {
        let (ended, is_repeated) =
            with_any_server!(self, client => client.modify(what, entry, expected));
        match ended {
            // So it was we who changed it, with the server that died.
            Err(DirectoryError::Changed { theirs }) if is_repeated && theirs.entry == *entry => {
                Ok(theirs.published)
            }
            ended => ended,
        }
    }

    async fn withdraw(&mut self, what: &ObjectId) -> Result<(), DirectoryError> {
        let (ended, is_repeated) = with_any_server!(self, client => client.withdraw(what));
        match ended {
            Err(DirectoryError::NotFound) if is_repeated => Ok(()),
            ended => ended,
        }
    }

    async fn refresh(
        &mut self,
        what: &ObjectId,
        lifetime: Duration,
    ) -> Result<Duration, DirectoryError> {
        with_any_server!(self, client => client.refresh(what, lifetime)).0
    }

    async fn search(&mut self, query: &Query) -> Result<Listing, DirectoryError> {
        with_any_server!(self, client => client.search(query)).0
    }

    fn watch(
        &self,
        kind: Kind,
        changes: mpsc::Sender<Change>,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send + 'static {
        watch_any(Arc::clone(&self.config), kind, changes)
    }

    fn about(&self) -> Option<ServerInfo> {
        let current = self.client.as_ref().and_then(Directory::about);
        current.or_else(|| self.last.clone())
    }
}

/// Whether another server of the same directory may do better.
fn is_of_server(error: &DirectoryError) -> bool {
    error.is_temporary()
        || matches!(
            error,
            DirectoryError::Tls { .. } | DirectoryError::UnknownKey { .. }
        )
}

/// The first server that answers, from this one on, and which it is.
async fn connect_any(
    config: &Arc<DirectoryConfig>,
    first: usize,
) -> Result<(usize, Client), DirectoryError> {
    let mut failed = DirectoryError::Invalid("the directory has no address".to_owned());
    for (index, url) in in_turn(&config.urls, first) {
        match Client::connect(Arc::clone(config), url).await {
            Ok(client) => return Ok((index, client)),
            Err(error) if is_of_server(&error) => failed = error,
            Err(error) => return Err(error),
        }
    }
    Err(failed)
}

/// All servers, beginning with this one.
fn in_turn(urls: &[DirectoryUrl], first: usize) -> impl Iterator<Item = (usize, &DirectoryUrl)> {
    let numbered = urls.iter().enumerate();
    numbered.cycle().skip(first).take(urls.len())
}

/// Watches at one server after the other, for as long as somebody listens.
async fn watch_any(
    config: Arc<DirectoryConfig>,
    kind: Kind,
    changes: mpsc::Sender<Change>,
) -> Result<(), DirectoryError> {
    let mut known = watch::Known::default();
    let mut pause = FIRST_PAUSE;
    loop {
        for url in &config.urls {
            let started = tokio::time::Instant::now();
            match watch::server(Arc::clone(&config), url, kind, &mut known, &changes).await {
                Ok(()) => return Ok(()),
                Err(reason) if is_of_server(&reason) => {
                    let url = url.clone();
                    if changes.send(Change::Away { url, reason }).await.is_err() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
            if started.elapsed() > LAST_PAUSE {
                pause = FIRST_PAUSE;
            }
        }
        if config.urls.is_empty() {
            return Err(DirectoryError::Invalid(
                "the directory has no address".to_owned(),
            ));
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LAST_PAUSE),
            () = changes.closed() => return Ok(()),
        }
    }
}

/// How long to wait when no server answers: a restart takes about this long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// What that grows to, doubling.
const LAST_PAUSE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_turn_once() {
        let urls: Vec<DirectoryUrl> = ["ldap://a", "ldap://b", "ldap://c"]
            .iter()
            .map(|url| url.parse().unwrap())
            .collect();
        let order = |first| {
            in_turn(&urls, first)
                .map(|(index, _)| index)
                .collect::<Vec<_>>()
        };
        assert_eq!(order(0), [0, 1, 2]);
        assert_eq!(order(2), [2, 0, 1]);
        assert_eq!(in_turn(&[], 0).count(), 0);
    }
}
