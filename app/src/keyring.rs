//! Passwords of directories in the system's keyring: the Secret Service, macOS's keychain, Windows' credentials.
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use conf_core::directories::{DirectoryUrl, Secret};
use keyring::v1::{Entry, Error};

/// Under which the keyring shows them.
const SERVICE: &str = "Rendezvous";
/// A locked keyring asks the person for its own password, who needs time for that.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the keyring cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The system has none, or none that runs.
    #[error("there is no keyring here ({0})")]
    Absent(String),
    /// It stays locked, or refuses.
    #[error("the keyring does not open ({0})")]
    Closed(String),
    /// It says nothing.
    #[error("the keyring does not answer")]
    Silent,
}

/// Whose password it is: a name to log in with, and a server. Another way of reaching the server is another one,
/// so that a password kept for `ldaps` never goes out in clear.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account(String);

impl Account {
    /// The account of this name at this server, wherever its entries are.
    pub fn new(name: &str, url: &DirectoryUrl) -> Self {
        let server = url.clone().without_base();
        Self(format!("{name} at {server}"))
    }

    /// The password, if there is one.
    ///
    /// # Errors
    /// If the keyring cannot be used.
    pub fn password(&self) -> Result<Option<Secret>, KeyringError> {
        self.on_entry(|entry| entry.get_password())
            .map(|found| found.map(Secret::new))
    }

    /// Keeps a password, in the place of the one before.
    ///
    /// # Errors
    /// If the keyring cannot be used.
    pub fn keep(&self, password: &Secret) -> Result<(), KeyringError> {
        let password = password.clone();
        self.on_entry(move |entry| entry.set_password(password.reveal()))
            .map(|_| ())
    }

    /// Forgets the password; whether there was one.
    ///
    /// # Errors
    /// If the keyring cannot be used.
    pub fn forget(&self) -> Result<bool, KeyringError> {
        self.on_entry(|entry| entry.delete_credential())
            .map(|forgotten| forgotten.is_some())
    }

    /// On a thread of its own, since a keyring may hang; it is then left behind.
    fn on_entry<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, KeyringError> {
        let (sender, receiver) = sync_channel(1);
        let name = self.0.clone();
        let ask = move || {
            let entry = Entry::new(SERVICE, &name).map_err(|error| absent(&error));
            let answer = entry.and_then(|entry| answer(act(&entry)));
            // Whoever asked may have given up.
            sender.send(answer).ok();
        };
        let thread = Builder::new().name("keyring".to_owned()).spawn(ask);
        thread.map_err(|error| KeyringError::Absent(error.to_string()))?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Err(KeyringError::Silent)
            }
        }
    }
}

fn answer<T>(result: Result<T, Error>) -> Result<Option<T>, KeyringError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(KeyringError::Closed(error.to_string())),
    }
}

/// The library tells why there is none apart from that there is none.
fn absent(error: &Error) -> KeyringError {
    let why = Entry::store_status().as_ref().err().unwrap_or(error);
    KeyringError::Absent(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_belongs_to_one_name_and_one_way_to_reach_one_server() {
        let account = |name: &str, url: &str| Account::new(name, &url.parse().unwrap());
        let ann = account("cn=ann", "ldaps://a/dc=example");
        assert_eq!(ann, account("cn=ann", "ldaps://A:636"));
        assert_ne!(ann, account("cn=bob", "ldaps://a"));
        assert_ne!(ann, account("cn=ann", "ldap://a"));
        assert_ne!(ann, account("cn=ann", "ldaps://b"));
        assert_ne!(ann, account("cn=ann", "ldaps://a:1636"));
    }
}
