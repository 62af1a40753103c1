//! What a directory server is and what may be done with it, found out by trying: `rendezvous directory check`.
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client::Client;
use super::{DirectoryConfig, DirectoryUrl};
use crate::description::Description;
use crate::directory::{Dialect, Directory as _, DirectoryError, Lifetimes, Query, Watching};
use crate::object::{ConferenceEntry, Entry, Kind, Published};

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `server`, `dialect`, `base`, `identity`, `encryption`, `schema`, `conferences`, `people`,
    /// `publish`, `lifetime`, `change`, `withdraw`, `watch`.
    pub subject: &'static str,
    /// What was found, for people to read.
    pub text: String,
    /// Whether that is as it should be.
    pub is_good: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_good { "" } else { "! " };
        write!(f, "{:<12} {mark}{}", self.subject, self.text)
    }
}

/// Looks at a server. Whether one may publish is found out as Microsoft's dialer did (MS-TAIL section 4.7.2):
/// a conference is published, changed, kept alive and withdrawn at once. Its time is long past, so nobody joins it.
pub async fn check(config: Arc<DirectoryConfig>, url: &DirectoryUrl) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    match Client::connect(config, url).await {
        Ok(mut client) => {
            report.about(&client);
            report.schema(&client).await;
            report.contents(&mut client).await;
            report.rights(&mut client).await;
        }
        Err(error) => report.bad("server", &error),
    }
    report.0
}

struct Report(Vec<Finding>);

impl Report {
    fn good(&mut self, subject: &'static str, text: impl Into<String>) {
        self.0.push(Finding {
            subject,
            text: text.into(),
            is_good: true,
        });
    }

    fn bad(&mut self, subject: &'static str, text: &impl ToString) {
        self.0.push(Finding {
            subject,
            text: text.to_string(),
            is_good: false,
        });
    }

    fn about(&mut self, client: &Client) {
        let info = client.info();
        let vendor = info
            .vendor
            .as_deref()
            .unwrap_or("it does not say what it is");
        self.good("server", format!("{}: {vendor}", info.url));
        self.good("dialect", info.dialect.name());
        self.good("base", info.base.clone());
        self.good("identity", info.identity.as_deref().unwrap_or("anonymous"));
        match info.is_encrypted {
            true => self.good("encryption", "the connection is encrypted"),
            false => self.bad("encryption", &"the connection is in clear"),
        }
        match info.watching {
            Watching::Live => self.good("watch", "changes are told at once"),
            Watching::Polling { every } => {
                self.good(
                    "watch",
                    format!("changes are looked for every {} s", every.as_secs()),
                );
            }
        }
    }

    async fn schema(&mut self, client: &Client) {
        let Some(name) = client.features.schema() else {
            return self.good("schema", "it does not show its schema");
        };
        let read = client.session.read(name, &["objectClasses"]).await;
        let classes = match read {
            Ok(Some(schema)) => schema,
            Ok(None) => return self.good("schema", "it does not show its schema"),
            Err(fault) => return self.bad("schema", &DirectoryError::from(fault)),
        };
        for class in classes_of(client.info().dialect) {
            let quoted = format!("'{class}'").to_ascii_lowercase();
            let mut known = classes.texts("objectClasses");
            match known.any(|known| known.to_ascii_lowercase().contains(&quoted)) {
                true => self.good("schema", format!("it knows {class}")),
                false => self.bad(
                    "schema",
                    &format!("it does not know {class}: see assets/ldap"),
                ),
            }
        }
    }

    async fn contents(&mut self, client: &mut Client) {
        for (kind, subject) in [(Kind::Conference, "conferences"), (Kind::Person, "people")] {
            match client.search(&Query::all(kind)).await {
                Ok(found) => {
                    let more = if found.is_partial { ", and more" } else { "" };
                    self.good(subject, format!("{} to be seen{more}", found.len()));
                }
                Err(error) => self.bad(subject, &error),
            }
        }
        match client.info().unreadable {
            0 => {}
            count => self.bad(
                "conferences",
                &format!("{count} entries cannot be understood"),
            ),
        }
    }

    async fn rights(&mut self, client: &mut Client) {
        let Some(entry) = trial() else { return };
        let published = match client.publish(&entry, Some(LIFETIME)).await {
            Ok(published) => published,
            Err(error) => return self.bad("publish", &error),
        };
        self.good("publish", "allowed");
        self.lifetime(client, &entry, &published).await;
        match client
            .modify(&entry.id(), &entry, published.revision.as_deref())
            .await
        {
            Ok(_) => self.good("change", "allowed"),
            Err(error) => self.bad("change", &error),
        }
        match client.withdraw(&entry.id()).await {
            Ok(()) => self.good("withdraw", "allowed"),
            Err(error) => self.bad("withdraw", &error),
        }
    }

    async fn lifetime(&mut self, client: &mut Client, entry: &Entry, published: &Published) {
        if client.info().lifetimes == Lifetimes::Permanent || published.lifetime.is_none() {
            return self.good("lifetime", "entries stay until they are deleted");
        }
        match client.refresh(&entry.id(), LIFETIME).await {
            Ok(granted) => self.good(
                "lifetime",
                format!(
                    "entries die unless they are refreshed; {} s granted",
                    granted.as_secs()
                ),
            ),
            Err(error) => self.bad("lifetime", &error),
        }
    }
}

/// What is asked for: what a server that has to be told twice still allows.
const LIFETIME: Duration = Duration::from_secs(600);

/// The conference that is published for a moment: its id is that of no other.
fn trial() -> Option<Entry> {
    const TEXT: &str = "v=0\r\no=rendezvous-check 1 1 IN IP4 192.0.2.1\r\ns=Rendezvous looks at this directory\r\n\
                        t=2208988800 2208988801\r\n";
    let description = Description::parse(TEXT.as_bytes()).ok()?;
    Some(Entry::Conference(ConferenceEntry::new(description.into())))
}

fn classes_of(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Standard => &["rtConference", "rtPerson", "rendezvousEntry"],
        Dialect::ActiveDirectory => &["msTAPI-RtConference", "msTAPI-RtPerson"],
        Dialect::Ils => &["rtConference", "rtPerson"],
    }
}
