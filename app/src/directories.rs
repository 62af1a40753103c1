//! Which directories are used, and how this user logs in to each: from the settings, or as the command line says.
use std::path::PathBuf;
use std::sync::Arc;

use conf_core::directories::{
    Bind, Dialect, DirectoryConfig, DirectoryUrl, InstallationKey, Protocol, Secret,
};
use conf_core::server::{DEFAULT_PORT, TOKEN_FILE};
use serde::{Deserialize, Serialize};

use crate::keyring::{Account, KeyringError};
use crate::paths;

/// One directory, as it is kept in the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectorySetting {
    /// Its servers, the first that answers being used.
    pub urls: Vec<String>,
    /// As whom to log in; see [`DirectorySetting::config`].
    pub bind: Option<String>,
    /// A file with the password, which nobody else may read.
    pub password_file: Option<PathBuf>,
    /// Certificates in PEM that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Encrypt what is not encrypted from the start.
    pub start_tls: bool,
    /// `standard`, `active-directory` or `ils`, where that is not to be found out.
    pub dialect: Option<String>,
}

/// Where the password for a directory is looked for; never on the command line, which others can read.
pub const PASSWORD: &str = "RENDEZVOUS_DIRECTORY_PASSWORD";

impl DirectorySetting {
    /// What is needed to connect.
    ///
    /// `bind` is a distinguished name, whose password is in the file, else in the environment, else in the keyring;
    /// `key` for the key of this installation; `gssapi` for a Kerberos ticket. Without it, our own server on this computer is told that we
    /// are its local user, and all others nothing.
    ///
    /// # Errors
    /// What is wrong, in the user's words.
    pub fn config(&self) -> Result<DirectoryConfig, String> {
        self.config_with(Account::password)
    }

    /// The same with another keyring.
    ///
    /// # Errors
    /// What is wrong, in the user's words.
    pub fn config_with(
        &self,
        keyring: impl Fn(&Account) -> Result<Option<Secret>, KeyringError>,
    ) -> Result<DirectoryConfig, String> {
        let urls: Result<Vec<DirectoryUrl>, String> =
            self.urls.iter().map(|url| parse(url)).collect();
        let urls = urls?;
        if urls.is_empty() {
            return Err("a directory needs a URL, such as ldap://directory.example".to_owned());
        }
        let dialect = self
            .dialect
            .as_deref()
            .map(str::parse::<Dialect>)
            .transpose();
        Ok(DirectoryConfig {
            bind: self.login(&urls, keyring)?,
            dialect: dialect.map_err(|error| error.to_string())?,
            start_tls: self.start_tls,
            ca_file: self.ca_file.clone(),
            ..DirectoryConfig::new(urls)
        })
    }

    /// Whether a password would cross the network for everybody to read.
    pub fn sends_password_in_clear(&self) -> bool {
        self.goes_in_clear() && !self.start_tls
    }

    /// Whether a password would, but for StartTLS.
    pub fn goes_in_clear(&self) -> bool {
        let urls = self.urls.iter().filter_map(|url| parse(url).ok());
        let mut elsewhere = urls.filter(|url| !url.is_here());
        self.account_name().is_some() && elsewhere.any(|url| url.protocol != Protocol::Ldaps)
    }

    /// Whose passwords the keyring is asked for.
    pub fn accounts(&self) -> Vec<Account> {
        let is_said = self.password_file.is_some() || std::env::var_os(PASSWORD).is_some();
        let Some(name) = self.account_name().filter(|_| !is_said) else {
            return Vec::new();
        };
        let urls = self.urls.iter().filter_map(|url| parse(url).ok());
        urls.map(|url| Account::new(name, &url)).collect()
    }

    /// The name that a password belongs to.
    fn account_name(&self) -> Option<&str> {
        let name = self.bind.as_deref();
        name.filter(|name| !matches!(*name, "key" | "gssapi"))
    }

    fn login(
        &self,
        urls: &[DirectoryUrl],
        keyring: impl Fn(&Account) -> Result<Option<Secret>, KeyringError>,
    ) -> Result<Bind, String> {
        match self.bind.as_deref() {
            None => Ok(local_token(urls).map_or(Bind::Anonymous, Bind::Token)),
            Some("key") => key().map(Bind::Key),
            Some("gssapi") => Ok(Bind::Gssapi),
            Some(dn) => Ok(Bind::Simple {
                dn: dn.to_owned(),
                password: self.password(dn, keyring)?,
            }),
        }
    }

    fn password(
        &self,
        name: &str,
        keyring: impl Fn(&Account) -> Result<Option<Secret>, KeyringError>,
    ) -> Result<Secret, String> {
        if let Some(path) = &self.password_file {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
            return Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        if let Ok(password) = std::env::var(PASSWORD) {
            return Ok(Secret::new(password));
        }
        let mut why = "the keyring has none".to_owned();
        for account in self.accounts() {
            match keyring(&account) {
                Ok(Some(password)) => return Ok(password),
                Ok(None) => {}
                Err(error) => why = error.to_string(),
            }
        }
        Err(format!(
            "there is no password for {name}: none is in the environment, as {PASSWORD}, and {why}; \
             “rendezvous directory password” keeps one"
        ))
    }
}

/// The URLs of one directory, separated by commas or spaces.
///
/// # Errors
/// Which of them is none.
pub fn parse_list(text: &str) -> Result<Vec<DirectoryUrl>, String> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(parse).collect()
}

fn parse(url: &str) -> Result<DirectoryUrl, String> {
    url.parse()
        .map_err(|error| format!("“{url}” is no directory: {error}"))
}

/// Where our own server keeps what proves the user of this computer, if that is the server.
fn local_token(urls: &[DirectoryUrl]) -> Option<PathBuf> {
    let is_ours = |url: &DirectoryUrl| url.is_here() && url.port == DEFAULT_PORT;
    let token = server_data()?.join(TOKEN_FILE);
    (urls.iter().all(is_ours) && token.exists()).then_some(token)
}

/// The folder of our own server's data.
pub fn server_data() -> Option<PathBuf> {
    paths::data_dir().map(|folder| folder.join("directory"))
}

fn key() -> Result<Arc<InstallationKey>, String> {
    let folder = paths::data_dir().ok_or("there is no place for the key of this installation")?;
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let key = InstallationKey::open(&folder.join("key.pem"));
    key.map(Arc::new).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_of_urls_is_one_directory() {
        let urls = parse_list("ldap://a, ldaps://b ils://c").unwrap();
        let hosts: Vec<&str> = urls.iter().map(|url| url.host.as_str()).collect();
        assert_eq!(hosts, ["a", "b", "c"]);
        assert!(
            parse_list("ldap://a,nonsense")
                .unwrap_err()
                .contains("“nonsense”")
        );
    }

    #[test]
    fn password_is_read_from_its_file_and_shown_nowhere() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "swordfish\n").unwrap();
        let setting = DirectorySetting {
            urls: vec!["ldap://a".to_owned()],
            bind: Some("cn=ann".to_owned()),
            password_file: Some(file.path().to_owned()),
            ..DirectorySetting::default()
        };
        let config = setting.config().unwrap();
        assert!(
            matches!(&config.bind, Bind::Simple { password, .. } if password.reveal() == "swordfish")
        );
        assert!(!format!("{config:?}").contains("swordfish"));
    }

    #[test]
    fn password_is_the_keyrings_for_one_of_the_servers() {
        let setting = DirectorySetting {
            urls: vec!["ldap://a".to_owned(), "ldap://b/dc=example".to_owned()],
            bind: Some("cn=ann".to_owned()),
            ..DirectorySetting::default()
        };
        let second = Account::new("cn=ann", &"ldap://b".parse().unwrap());
        let kept = |account: &Account| {
            Ok((*account == second).then(|| Secret::new("swordfish".to_owned())))
        };
        let config = setting.config_with(kept).unwrap();
        assert!(
            matches!(&config.bind, Bind::Simple { password, .. } if password.reveal() == "swordfish")
        );
        let closed = KeyringError::Absent("no bus".to_owned());
        let error = setting.config_with(|_| Err(closed.clone())).unwrap_err();
        assert!(
            error.contains(PASSWORD) && error.contains("there is no keyring here (no bus)"),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let setting = |url: &str, dialect: Option<&str>| DirectorySetting {
            urls: vec![url.to_owned()],
            dialect: dialect.map(str::to_owned),
            ..DirectorySetting::default()
        };
        assert!(setting("http://a", None).config().is_err());
        assert!(setting("ldap://a", Some("x.500")).config().is_err());
        assert!(DirectorySetting::default().config().is_err());
        assert!(setting("ldap://a", Some("ils")).config().is_ok());
    }
}
