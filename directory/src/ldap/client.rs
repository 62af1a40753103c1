//! One server of a directory, connected and logged in.
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::active_directory::ActiveDirectory;
use super::detect::Features;
use super::dialect::{Mapping, Refreshing};
use super::entry::RawEntry;
use super::ils::Ils;
use super::result::code;
use super::security::Lookup;
use super::session::{Fault, Raws, Search, Session};
use super::standard::{self, Standard};
use super::{DirectoryConfig, DirectoryUrl, connect, dialect, filter, login, refresh, watch};
use crate::directory::{
    Change, Dialect, Directory, DirectoryError, Lifetimes, Listing, Query, ServerInfo, Watching,
};
use crate::object::{Entry, Found, Kind, ObjectId, Principal, Published};

/// One server. A connection that broke is not mended: connect anew, or use [`super::Failover`].
pub struct Client {
    config: Arc<DirectoryConfig>,
    pub(super) session: Session,
    pub(super) mapping: Arc<dyn Mapping>,
    pub(super) features: Features,
    pub(super) info: ServerInfo,
    /// Who is who in an Active Directory.
    pub(super) lookup: Option<Lookup>,
}

impl Client {
    /// Connects to one of the directory's servers, logs in, and finds out what it is.
    pub async fn connect(
        config: Arc<DirectoryConfig>,
        url: &DirectoryUrl,
    ) -> Result<Self, DirectoryError> {
        let dialect = config.dialect;
        let as_version_2 = match dialect {
            Some(dialect) => dialect == Dialect::Ils,
            None => url.protocol == super::Protocol::Ils,
        };
        let connection = connect::open(&config, url, as_version_2).await?;
        let mut session = Session {
            ldap: connection.ldap.clone(),
            url: url.clone(),
            is_paging: false,
            has_descriptors: false,
        };
        login::log_in(&config, &connection, &session).await?;
        let features = Features::ask(&session).await?;
        session.is_paging = features.has_control("1.2.840.113556.1.4.319");
        let identity = login::identity(&config, &session, &features).await?;
        let identities = login::identities(&config, identity.clone());
        let mapping = mapping(&config, url, &session, &features, identities).await?;
        session.has_descriptors = mapping.dialect() == Dialect::ActiveDirectory;
        let (mut lookup, mut identity) = (None, identity);
        if session.has_descriptors {
            let lookup = lookup.insert(Lookup::ask(&session).await?);
            if identity.is_none() {
                identity = lookup.myself(&session).await?;
            }
        }
        let info = ServerInfo {
            url: url.clone(),
            dialect: mapping.dialect(),
            vendor: features.vendor(),
            base: mapping.base().to_owned(),
            identity: identity.map(|identity| identity.to_string()),
            lifetimes: lifetimes(mapping.as_ref(), &features),
            watching: watching(&features),
            is_encrypted: connection.is_encrypted,
            unreadable: 0,
            is_partial: false,
        };
        Ok(Self {
            config,
            session,
            mapping,
            features,
            info,
            lookup,
        })
    }

    /// What is known of the server.
    pub(super) fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// The server knows the control for watching, yet does not let us use it.
    pub(super) fn give_up_live(&mut self) {
        self.info.watching = Watching::Polling { every: POLL };
    }

    /// What to ask for when entries are read.
    pub(super) fn wanted(&self) -> Vec<&'static str> {
        let operational = self.mapping.operational().iter().copied();
        ["*"].into_iter().chain(operational).collect()
    }

    /// Reads what a search found; what cannot be understood is counted.
    async fn understand(&mut self, query: &Query, raws: &[RawEntry]) -> Result<Vec<Found>, Fault> {
        let (mut all, mut asked) = (Vec::new(), 0);
        for raw in raws {
            let Some(mut found) = self.mapping.read(query.kind, raw) else {
                self.info.unreadable = self.info.unreadable.saturating_add(1);
                continue;
            };
            if !query.admits(found.entry.name()) {
                continue;
            }
            if let Some(lookup) = &mut self.lookup {
                let session = &self.session;
                lookup
                    .complete(session, &mut found, raw, &mut asked)
                    .await?;
            }
            all.push(found);
        }
        Ok(all)
    }

    async fn search_raw(&self, query: &Query) -> Result<Raws, Fault> {
        if let Some(id) = &query.id {
            let name = self.mapping.name_of(id);
            let found = self.session.read(&name, &self.wanted()).await?;
            return Ok(Raws {
                entries: found.into_iter().collect(),
                is_partial: false,
            });
        }
        let (base, scope) = self.mapping.search_base(query.kind);
        let search = Search {
            base,
            scope,
            filter: self.mapping.filter(query),
            attributes: self.wanted(),
            limit: limit(query),
        };
        self.session.search(search).await
    }
}

impl Directory for Client {
    async fn publish(
        &mut self,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> Result<Published, DirectoryError> {
        check(entry)?;
        let name = self.mapping.name_of(&entry.id());
        self.add(&name, entry, lifetime).await.map_err(|fault| {
            // What is missing is the entry above.
            match fault.code() {
                Some(code::NO_SUCH_OBJECT) => {
                    DirectoryError::NotPrepared(format!("{} is missing", self.info.base))
                }
                _ => fault.into(),
            }
        })?;
        Ok(self.published(entry.kind(), &name).await?)
    }

    async fn modify(
        &mut self,
        what: &ObjectId,
        entry: &Entry,
        expected: Option<&str>,
    ) -> Result<Published, DirectoryError> {
        check(entry)?;
        let name = self.mapping.name_of(what);
        match expected {
            Some(expected) => self.replace(entry.kind(), &name, entry, expected).await?,
            None => self.overwrite(entry.kind(), &name, entry).await?,
        }
        Ok(self.published(entry.kind(), &name).await?)
    }

    async fn withdraw(&mut self, what: &ObjectId) -> Result<(), DirectoryError> {
        let name = self.mapping.name_of(what);
        Ok(self.session.delete(&name).await?)
    }

    async fn refresh(
        &mut self,
        what: &ObjectId,
        lifetime: Duration,
    ) -> Result<Duration, DirectoryError> {
        let name = self.mapping.name_of(what);
        let lifetime = lifetime.max(self.mapping.min_lifetime());
        let refreshed = match (self.mapping.refreshing(), what) {
            (Refreshing::Extended, _) => self.extend(&name, lifetime).await,
            (Refreshing::SearchOrModify, ObjectId::Person(uid)) => {
                self.refresh_person(uid, lifetime).await
            }
            _ => self.write_lifetime(&name, lifetime).await,
        };
        refreshed.map_err(|fault| match fault.code() {
            // protocolError for an unknown operation, and what servers say of an entry that does not die.
            Some(2 | code::UNWILLING | code::CLASS_VIOLATION | 19 | 16 | 17) => {
                DirectoryError::Unsupported("its entries stay until they are deleted")
            }
            _ => fault.into(),
        })
    }

    async fn search(&mut self, query: &Query) -> Result<Listing, DirectoryError> {
        if !query
            .attributes
            .iter()
            .all(|(name, _)| filter::is_attribute(name))
        {
            return Err(DirectoryError::Invalid("a filter that is none".to_owned()));
        }
        let raws = self.search_raw(query).await?;
        self.info.is_partial = raws.is_partial;
        Ok(Listing {
            entries: self.understand(query, &raws.entries).await?,
            is_partial: raws.is_partial,
        })
    }

    fn watch(
        &self,
        kind: Kind,
        changes: mpsc::Sender<Change>,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send + 'static {
        let (config, url) = (Arc::clone(&self.config), self.session.url.clone());
        async move {
            let mut known = watch::Known::default();
            watch::server(config, &url, kind, &mut known, &changes).await
        }
    }

    fn about(&self) -> Option<ServerInfo> {
        Some(self.info.clone())
    }
}

/// From one search to the next, where changes are not told.
pub(super) const POLL: Duration = Duration::from_secs(15);

/// The mapping for a server, and where ours is on it.
async fn mapping(
    config: &DirectoryConfig,
    url: &DirectoryUrl,
    session: &Session,
    features: &Features,
    identities: Vec<Principal>,
) -> Result<Arc<dyn Mapping>, Fault> {
    let dialect = features.dialect(config, url);
    let laid_down = config.base.clone().or_else(|| url.base.clone());
    let base = match laid_down.or_else(|| features.base(dialect)) {
        Some(base) => base,
        None => find_base(session, features).await?,
    };
    Ok(match dialect {
        Dialect::Standard => Arc::new(Standard { base, identities }),
        Dialect::ActiveDirectory => Arc::new(ActiveDirectory { base }),
        Dialect::Ils => Arc::new(Ils { base }),
    })
}

/// The first of what the server holds that has our container, or else just the first.
async fn find_base(session: &Session, features: &Features) -> Result<String, Fault> {
    for context in features.naming_contexts() {
        let container = dialect::below("ou", standard::container(Kind::Conference), context);
        match session.read(&container, &["1.1"]).await {
            Ok(Some(_)) => return Ok(context.to_owned()),
            Ok(None) => {}
            Err(fault) if fault.code().is_some() => {}
            Err(fault) => return Err(fault),
        }
    }
    let first = features.naming_contexts().next().map(str::to_owned);
    first.ok_or_else(|| {
        let text = "it does not say what it holds: name the base in its address".to_owned();
        Fault::Lost(DirectoryError::NotPrepared(text))
    })
}

fn lifetimes(mapping: &dyn Mapping, features: &Features) -> Lifetimes {
    let min = mapping.min_lifetime();
    let is_dynamic = features.has_extension(refresh::OID) || features.is_dynamic(mapping.base());
    match mapping.dialect() {
        Dialect::Ils => Lifetimes::Limited { min },
        Dialect::Standard if is_dynamic => Lifetimes::Limited { min },
        Dialect::Standard | Dialect::ActiveDirectory => Lifetimes::Unknown,
    }
}

fn watching(features: &Features) -> Watching {
    match features.has_control(super::sync::REQUEST_OID) {
        true => Watching::Live,
        false => Watching::Polling { every: POLL },
    }
}

/// What no directory could hold.
fn check(entry: &Entry) -> Result<(), DirectoryError> {
    match entry {
        Entry::Person(person) if person.uid.trim().is_empty() || person.uid.len() > 256 => Err(
            DirectoryError::Invalid("a person's uid has 1 to 256 bytes".to_owned()),
        ),
        _ => Ok(()),
    }
}

fn limit(query: &Query) -> usize {
    match query.limit {
        0 => Query::MAX_FOUND,
        limit => limit.min(Query::MAX_FOUND),
    }
}
