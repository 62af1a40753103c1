//! The operations of LDAP on one connection: each bounded in time, and apart from whatever the library panics at.
use std::collections::HashSet;

use ldap3::controls::{PagedResults, RawControl};
use ldap3::exop::{Exop, WhoAmI};
use ldap3::result::LdapError;
use ldap3::{Ldap, LdapResult, Mod, Scope};

use super::ber::{Element, tag};
use super::dialect::Attributes;
use super::entry::RawEntry;
use super::result::{self, code};
use super::{DirectoryUrl, TIMEOUT, security};
use crate::directory::DirectoryError;

/// A connection that is ready for operations.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) ldap: Ldap,
    pub(super) url: DirectoryUrl,
    /// Whether the server gives results in pages (RFC 2696).
    pub(super) is_paging: bool,
    /// Whether it keeps who may do what in security descriptors, as an Active Directory does.
    pub(super) has_descriptors: bool,
}

/// Why an operation failed.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The server says no.
    Server {
        /// RFC 4511 appendix A.
        code: u32,
        /// What it adds.
        text: String,
    },
    /// No answer, or none that can be understood.
    Lost(DirectoryError),
}

/// What to search, and where.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) base: String,
    pub(super) scope: Scope,
    pub(super) filter: String,
    pub(super) attributes: Vec<&'static str>,
    /// How many entries at most.
    pub(super) limit: usize,
}

/// What a search gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Raws {
    pub(super) entries: Vec<RawEntry>,
    /// Whether there are more.
    pub(super) is_partial: bool,
}

/// A part of it.
struct Page {
    entries: Vec<RawEntry>,
    /// The way to the next; empty where there is none.
    cookie: Vec<u8>,
    /// Whether the server gives no more of them.
    is_broken_off: bool,
}

impl Search {
    /// One entry.
    pub(super) fn one(base: &str, attributes: &[&'static str]) -> Self {
        Self {
            base: base.to_owned(),
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: attributes.to_vec(),
            limit: 1,
        }
    }
}

impl Fault {
    /// The server's result code.
    pub(super) fn code(&self) -> Option<u32> {
        match self {
            Self::Server { code, .. } => Some(*code),
            Self::Lost(_) => None,
        }
    }
}

impl From<Fault> for DirectoryError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Server { code, text } => result::error(code, &text),
            Fault::Lost(error) => error,
        }
    }
}

impl Session {
    /// Simple bind (RFC 4513 section 5.1).
    pub(super) async fn bind(&self, name: &str, password: &str) -> Result<(), Fault> {
        let mut ldap = self.ldap.clone();
        let (name, password) = (name.to_owned(), password.to_owned());
        let result = self
            .isolated(async move { ldap.simple_bind(&name, &password).await })
            .await?;
        done(result)
    }

    /// SASL EXTERNAL (RFC 4513 section 5.2.3).
    pub(super) async fn bind_external(&self) -> Result<(), Fault> {
        let mut ldap = self.ldap.clone();
        let result = self
            .isolated(async move { ldap.sasl_external_bind().await })
            .await?;
        done(result)
    }

    /// As whom the server knows us (RFC 4532): `dn:…`, `u:…`, or nothing for anonymous.
    pub(super) async fn who_am_i(&self) -> Result<String, Fault> {
        let value = self.extended(WhoAmI.into()).await?;
        Ok(String::from_utf8(value.unwrap_or_default()).unwrap_or_default())
    }

    /// An extended operation; gives its value.
    pub(super) async fn extended(&self, request: Exop) -> Result<Option<Vec<u8>>, Fault> {
        let mut ldap = self.ldap.clone();
        let answer = self
            .isolated(async move { ldap.extended(request).await })
            .await?;
        done(answer.1)?;
        Ok(answer.0.val)
    }

    /// Adds an entry, with a security descriptor of its own where one is given.
    pub(super) async fn add(
        &self,
        name: &str,
        attributes: Attributes,
        descriptor: Option<Vec<u8>>,
    ) -> Result<(), Fault> {
        let mut ldap = self.ldap.clone();
        let name = name.to_owned();
        let written = |(attribute, values): (&str, Vec<String>)| {
            let values = values.into_iter().map(String::into_bytes).collect();
            (attribute.as_bytes().to_vec(), values)
        };
        let descriptor = descriptor.map(|value| {
            let values = HashSet::from([value]);
            (security::ATTRIBUTE.as_bytes().to_vec(), values)
        });
        let attributes = attributes.into_iter().map(written).chain(descriptor);
        let attributes: Vec<(Vec<u8>, HashSet<Vec<u8>>)> = attributes.collect();
        let result = self
            .isolated(async move { ldap.add(&name, attributes).await })
            .await?;
        done(result)
    }

    pub(super) async fn modify(
        &self,
        name: &str,
        changes: Vec<Mod<Vec<u8>>>,
        controls: Vec<RawControl>,
    ) -> Result<(), Fault> {
        let mut ldap = self.ldap.clone();
        let name = name.to_owned();
        let result = self
            .isolated(async move { with(&mut ldap, controls).modify(&name, changes).await })
            .await?;
        done(result)
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), Fault> {
        let mut ldap = self.ldap.clone();
        let name = name.to_owned();
        let result = self
            .isolated(async move { ldap.delete(&name).await })
            .await?;
        done(result)
    }

    /// One entry; nothing where it is not there or not to be seen.
    pub(super) async fn read(
        &self,
        name: &str,
        attributes: &[&'static str],
    ) -> Result<Option<RawEntry>, Fault> {
        match self.search(Search::one(name, attributes)).await {
            Ok(found) => Ok(found.entries.into_iter().next()),
            Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Searches page by page, until the limit or one of the server's is met.
    pub(super) async fn search(&self, search: Search) -> Result<Raws, Fault> {
        let mut found = Vec::new();
        let mut cookie = Vec::new();
        loop {
            let page = self.page(&search, cookie).await?;
            found.extend(page.entries);
            let is_over = found.len() > search.limit;
            found.truncate(search.limit);
            if is_over || page.is_broken_off || page.cookie.is_empty() {
                return Ok(Raws {
                    entries: found,
                    is_partial: is_over || page.is_broken_off,
                });
            }
            cookie = page.cookie;
        }
    }

    async fn page(&self, search: &Search, cookie: Vec<u8>) -> Result<Page, Fault> {
        let mut ldap = self.ldap.clone();
        let paged = PagedResults { size: PAGE, cookie };
        let paged = (self.is_paging && search.scope != Scope::Base).then(|| paged.into());
        let wants_descriptor = search.attributes.contains(&security::ATTRIBUTE);
        let flags = (self.has_descriptors && wants_descriptor).then(security::reading_control);
        let controls: Vec<RawControl> = paged.into_iter().chain(flags).collect();
        let Search {
            base,
            scope,
            filter,
            attributes,
            limit,
        } = search.clone();
        let (entries, result) = self
            .isolated(async move {
                let mut stream = with(&mut ldap, controls)
                    .streaming_search(&base, scope, &filter, attributes)
                    .await?;
                let mut entries = Vec::new();
                while let Some(item) = stream.next().await? {
                    entries.extend(RawEntry::from_result(item));
                    if entries.len() > limit {
                        break;
                    }
                }
                Ok((entries, stream.finish().await))
            })
            .await?;
        let cookie = page_cookie(&result);
        let is_broken_off = match result.rc {
            // We broke off ourselves: too many is found out by whoever counts.
            88 => false,
            // What came before the server had enough is worth having.
            code::TIME_LIMIT | code::SIZE_LIMIT | code::ADMIN_LIMIT if !entries.is_empty() => true,
            _ => {
                done(result)?;
                false
            }
        };
        Ok(Page {
            entries,
            cookie,
            is_broken_off,
        })
    }

    /// Runs an operation in a task of its own, where a panic is an error, and no longer than may be.
    pub(super) async fn isolated<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T, LdapError>> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut task = tokio::spawn(operation);
        match tokio::time::timeout(TIMEOUT, &mut task).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(error))) => Err(self.fault(&error)),
            Ok(Err(_panic)) => Err(self.unreachable("it sends what is not LDAP")),
            Err(_) => {
                task.abort();
                Err(Fault::Lost(DirectoryError::TimedOut {
                    url: self.url.clone(),
                }))
            }
        }
    }

    /// The connection ended by itself.
    pub(super) fn broken(&self) -> Fault {
        self.unreachable("the connection broke")
    }

    fn fault(&self, error: &LdapError) -> Fault {
        match error {
            LdapError::Io { source } => self.unreachable(&source.to_string()),
            LdapError::FilterParsing => {
                Fault::Lost(DirectoryError::Invalid("a filter that is none".to_owned()))
            }
            _ => self.broken(),
        }
    }

    fn unreachable(&self, reason: &str) -> Fault {
        Fault::Lost(DirectoryError::Unreachable {
            url: self.url.clone(),
            reason: reason.to_owned(),
        })
    }
}

/// Entries of one page: about what fits the two seconds after which people wonder.
const PAGE: i32 = 500;

/// Without any, the library would send an empty list, which is more than version 2 knows.
fn with(ldap: &mut Ldap, controls: Vec<RawControl>) -> &mut Ldap {
    match controls.is_empty() {
        true => ldap,
        false => ldap.with_controls(controls),
    }
}

fn done(result: LdapResult) -> Result<(), Fault> {
    match result.rc {
        code::SUCCESS => Ok(()),
        code => Err(Fault::Server {
            code,
            text: result.text,
        }),
    }
}

/// The way to the next page, empty where there is none (RFC 2696 section 2).
fn page_cookie(result: &LdapResult) -> Vec<u8> {
    let paged = result.ctrls.iter().map(|control| &control.1);
    let paged = paged.filter(|control| control.ctype == "1.2.840.113556.1.4.319");
    let mut cookies = paged.filter_map(|control| {
        let mut parts = Element::only(control.val.as_deref()?)?.open(tag::SEQUENCE)?;
        parts.nth(1)?.within(tag::OCTET_STRING).map(<[u8]>::to_vec)
    });
    cookies.next().unwrap_or_default()
}
