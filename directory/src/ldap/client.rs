//! One server of a directory, connected and logged in.
use std::sync::Arc;
use std::time::Duration;

use ldap3::Mod;
use ldap3::controls::{Assertion, MakeCritical as _, RawControl};
use tokio::sync::mpsc;

use super::active_directory::ActiveDirectory;
use super::detect::Features;
use super::dialect::{Attributes, Mapping, Refreshing};
use super::entry::RawEntry;
use super::ils::{self, Ils};
use super::result::code;
use super::session::{Fault, Search, Session};
use super::standard::{self, Standard};
use super::{DirectoryConfig, DirectoryUrl, connect, dialect, filter, login, refresh, watch};
use crate::directory::{
    Change, Dialect, Directory, DirectoryError, Lifetimes, Query, ServerInfo, Watching,
};
use crate::object::{Entry, Found, Kind, ObjectId, Principal, Published};

/// One server. A connection that broke is not mended: connect anew, or use [`super::Failover`].
pub struct Client {
    config: Arc<DirectoryConfig>,
    pub(super) session: Session,
    pub(super) mapping: Arc<dyn Mapping>,
    pub(super) features: Features,
    info: ServerInfo,
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
        };
        login::log_in(&config, &connection, &session).await?;
        let features = Features::ask(&session).await?;
        session.is_paging = features.has_control("1.2.840.113556.1.4.319");
        let identity = login::identity(&config, &session, &features).await?;
        let mapping = mapping(&config, url, &session, &features, identity.clone()).await?;
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
        };
        Ok(Self {
            config,
            session,
            mapping,
            features,
            info,
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

    /// Adds an entry that dies; where the server knows no such thing, one that stays.
    async fn add(
        &mut self,
        name: &str,
        entry: &Entry,
        lifetime: Option<Duration>,
    ) -> Result<(), Fault> {
        let lifetime = lifetime.filter(|_| self.info.lifetimes != Lifetimes::Permanent);
        let lifetime = lifetime.map(|lifetime| lifetime.max(self.mapping.min_lifetime()));
        let attributes = self.mapping.to_add(entry, lifetime);
        match self.session.add(name, attributes).await {
            Err(Fault::Server { code, .. })
                if lifetime.is_some() && is_about_lifetimes(code, self.mapping.dialect()) =>
            {
                let attributes = self.mapping.to_add(entry, None);
                self.session.add(name, attributes).await?;
                self.info.lifetimes = Lifetimes::Permanent;
                Ok(())
            }
            added => {
                added?;
                self.lengthen(name, lifetime).await
            }
        }
    }

    /// RFC 2589 has no way to say when adding how long an entry is to live.
    async fn lengthen(&self, name: &str, lifetime: Option<Duration>) -> Result<(), Fault> {
        match (self.mapping.refreshing(), lifetime) {
            (Refreshing::Extended, Some(lifetime)) => match self.extend(name, lifetime).await {
                // It then lives as long as the server has laid down, which is read and told.
                Err(fault) if fault.code().is_some() => Ok(()),
                extended => extended.map(drop),
            },
            _ => Ok(()),
        }
    }

    async fn extend(&self, name: &str, lifetime: Duration) -> Result<Duration, Fault> {
        let request = refresh::request(name, lifetime);
        let value = self.session.extended(request).await?;
        let granted = value.as_deref().and_then(refresh::response);
        Ok(granted.unwrap_or(lifetime))
    }

    async fn write_lifetime(&self, name: &str, lifetime: Duration) -> Result<Duration, Fault> {
        let secs = lifetime.as_secs().to_string().into_bytes();
        let change = Mod::Replace(b"entryTTL".to_vec(), [secs].into());
        self.session.modify(name, vec![change], Vec::new()).await?;
        Ok(lifetime)
    }

    async fn refresh_person(&self, uid: &str, lifetime: Duration) -> Result<Duration, Fault> {
        let (base, scope) = self.mapping.search_base(Kind::Person);
        let found = self
            .session
            .search(Search {
                base,
                scope,
                filter: ils::refresh_filter(uid, lifetime),
                attributes: vec!["cn"],
                limit: 16,
            })
            .await?;
        match found.is_empty() {
            true => Err(Fault::Server {
                code: code::NO_SUCH_OBJECT,
                text: String::new(),
            }),
            false => Ok(lifetime),
        }
    }

    /// How an entry stands now; where it may not be read, what is known of it.
    async fn published(&self, kind: Kind, name: &str) -> Result<Published, Fault> {
        let found = self.found(kind, name).await?;
        Ok(match found {
            Some((found, _)) => found.published,
            None => Published {
                name: name.to_owned(),
                lifetime: None,
                revision: None,
            },
        })
    }

    async fn found(&self, kind: Kind, name: &str) -> Result<Option<(Found, RawEntry)>, Fault> {
        let raw = self.session.read(name, &self.wanted()).await?;
        Ok(raw.and_then(|raw| Some((self.mapping.read(kind, &raw)?, raw))))
    }

    /// Replaces an entry only if it is what was expected, and stays so until it is replaced.
    async fn replace(
        &self,
        kind: Kind,
        name: &str,
        entry: &Entry,
        expected: &str,
    ) -> Result<(), DirectoryError> {
        let (found, raw) = self
            .found(kind, name)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        if found.published.revision.as_deref() != Some(expected) {
            return Err(DirectoryError::Changed {
                theirs: Box::new(found),
            });
        }
        let (changes, controls) = self.guarded(kind, entry, &raw);
        let replaced = self.session.modify(name, changes, controls).await;
        let code = replaced.as_ref().err().and_then(Fault::code);
        if matches!(code, Some(code::ASSERTION_FAILED | code::NO_SUCH_ATTRIBUTE)) {
            let theirs = self.found(kind, name).await?;
            let (theirs, _) = theirs.ok_or(DirectoryError::NotFound)?;
            return Err(DirectoryError::Changed {
                theirs: Box::new(theirs),
            });
        }
        Ok(replaced?)
    }

    /// Changes that the server makes only if the entry is still as it was read: by RFC 4528 where it knows that,
    /// else by taking away the very value that was read, which fails if it is another by then.
    fn guarded(
        &self,
        kind: Kind,
        entry: &Entry,
        raw: &RawEntry,
    ) -> (Vec<Mod<Vec<u8>>>, Vec<RawControl>) {
        let mut changes = changes(self.mapping.to_replace(entry));
        let revision = raw.text("entryCSN");
        if let Some(revision) = revision.filter(|_| self.features.has_control("1.3.6.1.1.12")) {
            let filter = filter::equals("entryCSN", revision);
            return (changes, vec![Assertion { filter }.critical().into()]);
        }
        let held = self.mapping.changing(kind);
        let old = held.and_then(|attribute| Some((attribute, raw.bytes(attribute).first()?)));
        if let Some((attribute, old)) = old {
            for change in &mut changes {
                if let Mod::Replace(name, values) = change
                    && name == attribute.as_bytes()
                {
                    *change = Mod::Add(name.clone(), std::mem::take(values));
                }
            }
            let taken = Mod::Delete(attribute.as_bytes().to_vec(), [old.clone()].into());
            changes.insert(0, taken);
        }
        (changes, Vec::new())
    }

    /// Reads what a search found; what cannot be understood is counted.
    fn understand(&mut self, query: &Query, raws: &[RawEntry]) -> Vec<Found> {
        let read = raws
            .iter()
            .filter_map(|raw| self.mapping.read(query.kind, raw));
        let all: Vec<Found> = read.collect();
        let missing = u64::try_from(raws.len() - all.len()).unwrap_or(u64::MAX);
        self.info.unreadable = self.info.unreadable.saturating_add(missing);
        let is_wanted = |found: &Found| {
            let pattern = query.name.as_deref();
            pattern.is_none_or(|pattern| filter::matches(pattern, found.entry.name()))
        };
        all.into_iter().filter(is_wanted).collect()
    }

    async fn search_raw(&self, query: &Query) -> Result<Vec<RawEntry>, Fault> {
        if let Some(id) = &query.id {
            let name = self.mapping.name_of(id);
            return Ok(self
                .session
                .read(&name, &self.wanted())
                .await?
                .into_iter()
                .collect());
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
            None => {
                let changes = changes(self.mapping.to_replace(entry));
                self.session.modify(&name, changes, Vec::new()).await?;
            }
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

    async fn search(&mut self, query: &Query) -> Result<Vec<Found>, DirectoryError> {
        if !query
            .attributes
            .iter()
            .all(|(name, _)| filter::is_attribute(name))
        {
            return Err(DirectoryError::Invalid("a filter that is none".to_owned()));
        }
        let raws = self.search_raw(query).await?;
        Ok(self.understand(query, &raws))
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
    identity: Option<Principal>,
) -> Result<Arc<dyn Mapping>, Fault> {
    let dialect = features.dialect(config, url);
    let laid_down = config.base.clone().or_else(|| url.base.clone());
    let base = match laid_down.or_else(|| features.base(dialect)) {
        Some(base) => base,
        None => find_base(session, features).await?,
    };
    Ok(match dialect {
        Dialect::Standard => Arc::new(Standard { base, identity }),
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
    Ok(features
        .naming_contexts()
        .next()
        .unwrap_or_default()
        .to_owned())
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

/// Whether a refusal may mean that entries cannot die there: OpenLDAP without dds says objectClassViolation,
/// Samba refuses entryTTL as an attribute that clients may not set.
fn is_about_lifetimes(refusal: u32, dialect: Dialect) -> bool {
    dialect != Dialect::Ils
        && matches!(
            refusal,
            code::CLASS_VIOLATION | code::UNWILLING | 16 | 17 | 19 | 69
        )
}

fn changes(attributes: Attributes) -> Vec<Mod<Vec<u8>>> {
    let replaced = attributes.into_iter().map(|(attribute, values)| {
        let values = values.into_iter().map(String::into_bytes).collect();
        Mod::Replace(attribute.as_bytes().to_vec(), values)
    });
    replaced.collect()
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
