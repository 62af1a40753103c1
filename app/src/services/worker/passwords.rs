//! Passwords of directories: asked of the keyring, and kept there, without ever waiting for it.
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::Builder;

use conf_core::Wake;
use conf_core::directories::{DirectoryConfig, DirectoryUrl, Secret};

use super::Worker;
use super::directories::host_of;
use crate::directories::{DirectorySetting, parse_list};
use crate::keyring::{Account, KeyringError};
use crate::model::{Done, Event, Failure};

/// What the keyring has told so far.
pub(super) struct Passwords {
    known: HashMap<Account, Known>,
    sender: SyncSender<Answer>,
    answers: Receiver<Answer>,
    wake: Wake,
}

type Found = Result<Option<Secret>, KeyringError>;

enum Known {
    Asked,
    Told(Found),
}

enum Answer {
    Found(Account, Found),
    Kept(String, Result<(), KeyringError>),
}

/// Each person logs in at a few directories.
const ANSWERS: usize = 64;

impl Passwords {
    pub(super) fn new(wake: Wake) -> Self {
        let (sender, answers) = sync_channel(ANSWERS);
        Self {
            known: HashMap::new(),
            sender,
            answers,
            wake,
        }
    }

    /// What is needed to connect; nothing while the keyring is still being asked.
    pub(super) fn config(
        &mut self,
        setting: &DirectorySetting,
    ) -> Option<Result<DirectoryConfig, String>> {
        let accounts = setting.accounts();
        for account in &accounts {
            self.ask(account);
        }
        let is_asked = |account: &Account| matches!(self.known.get(account), Some(Known::Asked));
        if accounts.iter().any(is_asked) {
            return None;
        }
        Some(
            setting.config_with(|account| match self.known.get(account) {
                Some(Known::Told(found)) => found.clone(),
                Some(Known::Asked) | None => Ok(None),
            }),
        )
    }

    fn ask(&mut self, account: &Account) {
        if self.known.contains_key(account) {
            return;
        }
        self.known.insert(account.clone(), Known::Asked);
        let account = account.clone();
        self.start(move || {
            let found = account.password();
            Answer::Found(account, found)
        });
    }

    /// From now on this is the password, whether or not the keyring takes it.
    fn keep(&mut self, host: String, accounts: Vec<Account>, password: Secret) {
        for account in &accounts {
            let found = Ok(Some(password.clone()));
            self.known.insert(account.clone(), Known::Told(found));
        }
        self.start(move || {
            let kept = accounts
                .iter()
                .try_for_each(|account| account.keep(&password));
            Answer::Kept(host, kept)
        });
    }

    fn forget(&mut self, accounts: Vec<Account>) {
        for account in accounts {
            self.known.remove(&account);
            self.start(move || {
                let forgotten = account.forget().map(|_| None);
                Answer::Found(account, forgotten)
            });
        }
    }

    /// On a thread that is left behind if the keyring hangs.
    fn start(&self, act: impl FnOnce() -> Answer + Send + 'static) {
        let (sender, wake) = (self.sender.clone(), self.wake.clone());
        let run = move || {
            if let Err(TrySendError::Full(_)) = sender.try_send(act()) {
                tracing::warn!("answers of the keyring are not taken");
            }
            wake();
        };
        let started = Builder::new().name("password".to_owned()).spawn(run);
        if let Err(error) = started {
            tracing::warn!("the keyring is not asked: {error}");
        }
    }
}

impl Worker {
    /// Uses the directories that have waited for the keyring, and tells what became of a password.
    pub(super) fn take_passwords(&mut self) {
        let mut is_new = false;
        while let Ok(answer) = self.passwords.answers.try_recv() {
            match answer {
                Answer::Found(account, found) => {
                    self.passwords.known.insert(account, Known::Told(found));
                    is_new = true;
                }
                Answer::Kept(host, Ok(())) => {
                    self.outbox.push(Event::Done(Done::PasswordKept(host)));
                }
                Answer::Kept(host, Err(error)) => {
                    self.fail(Failure::Keyring(host, error.to_string()));
                }
            }
        }
        if is_new {
            self.connect_directories();
        }
    }

    /// Logs in with this password from now on, and keeps it.
    pub(super) fn keep_password(&mut self, urls: &str, name: &str, password: Secret) {
        let urls = parse_list(urls).unwrap_or_default();
        let Some(first) = urls.first() else { return };
        let host = host_of(&first.to_string());
        self.passwords.keep(host, accounts(name, &urls), password);
        self.connect_directories();
    }

    /// Forgets the password of this name.
    pub(super) fn forget_password(&mut self, urls: &str, name: &str) {
        let urls = parse_list(urls).unwrap_or_default();
        self.passwords.forget(accounts(name, &urls));
    }
}

fn accounts(name: &str, urls: &[DirectoryUrl]) -> Vec<Account> {
    urls.iter().map(|url| Account::new(name, url)).collect()
}
