//! Which directories a command uses: those that it names, else those of the settings.
use std::path::PathBuf;

use clap::Args;
use conf_core::directories::{DirectoryConfig, DirectoryUrl, name_of};

use super::failure::{Failure, FailureKind};
use crate::directories::{DirectorySetting, parse_list};
use crate::{paths, settings_file};

/// Options of all commands that use directories.
#[derive(Args, Clone, Debug, Default)]
pub struct DirectoryChoice {
    /// Directory to use, as often as wanted: ldap://HOST[:PORT][/BASE], ldaps://… or ils://…; several, separated by commas, are one that fails over [default: those of the settings]
    #[arg(long, value_name = "URL", value_parser = parse_urls)]
    pub directory: Vec<String>,
    /// And how
    #[command(flatten)]
    pub login: Login,
}

/// How a directory is reached; only together with an argument `directory`, which says which.
#[derive(Args, Clone, Debug, Default)]
pub struct Login {
    /// Log in with this name, the password being in RENDEZVOUS_DIRECTORY_PASSWORD or in the keyring (see "directory password"); or with "key", that of this installation, or "gssapi", a Kerberos ticket
    #[arg(long, value_name = "DN", requires = "directory")]
    pub bind: Option<String>,
    /// Trust the certificates in this file too
    #[arg(long, value_name = "FILE.pem", requires = "directory")]
    pub ca: Option<PathBuf>,
    /// Encrypt the connection, or use none
    #[arg(long, requires = "directory")]
    pub start_tls: bool,
    /// How the directory is spoken to: standard, active-directory or ils [default: found out]
    #[arg(long, value_name = "D", requires = "directory", value_parser = ["standard", "active-directory", "ils"])]
    pub dialect: Option<String>,
}

impl Login {
    /// Several URLs, separated by commas, are one directory.
    fn setting(&self, urls: &str) -> DirectorySetting {
        let urls = urls.split([',', ' ']).filter(|url| !url.is_empty());
        DirectorySetting {
            urls: urls.map(str::to_owned).collect(),
            bind: self.bind.clone(),
            password_file: None,
            ca_file: self.ca.clone(),
            start_tls: self.start_tls,
            dialect: self.dialect.clone(),
        }
    }

    /// This one directory.
    pub(super) fn config(&self, urls: &str) -> Result<DirectoryConfig, Failure> {
        self.setting(urls).config().map_err(|error| usage(&error))
    }
}

/// Checked here, and used as it is: the list is one directory.
pub(super) fn parse_urls(text: &str) -> Result<String, String> {
    match parse_list(text)?.is_empty() {
        true => Err("give a URL, such as ldap://directory.example".to_owned()),
        false => Ok(text.to_owned()),
    }
}

impl DirectoryChoice {
    /// All of them; there may be none.
    pub(super) fn configs(&self) -> Result<Vec<DirectoryConfig>, Failure> {
        let settings = self.settings();
        for setting in &settings {
            warn_in_clear(setting);
        }
        let configs = settings.iter().map(DirectorySetting::config);
        let configs: Result<Vec<DirectoryConfig>, String> = configs.collect();
        configs.map_err(|error| Failure::new(FailureKind::Usage, error))
    }

    /// The one that is meant where only one can be.
    pub(super) fn config(&self) -> Result<DirectoryConfig, Failure> {
        let mut configs = self.configs()?;
        match (configs.pop(), configs.len()) {
            (Some(config), 0) => Ok(config),
            (None, _) => Err(usage("say which directory: --directory ldap://HOST")),
            (Some(_), _) => Err(usage(
                "there are several directories: say which, with --directory",
            )),
        }
    }

    fn settings(&self) -> Vec<DirectorySetting> {
        if self.directory.is_empty() {
            let settings = paths::data_dir().map(|dir| settings_file::load(&dir));
            return settings.unwrap_or_default().directories;
        }
        let urls = self.directory.iter();
        urls.map(|urls| self.login.setting(urls)).collect()
    }
}

/// Passwords are not sent in clear without a word.
fn warn_in_clear(setting: &DirectorySetting) {
    if setting.sends_password_in_clear() {
        let urls = setting.urls.join(",");
        eprintln!("The password goes to {urls} in clear: use ldaps:// or --start-tls.");
    }
}

/// As whom the settings log in at a directory with one of these servers.
pub(super) fn name_in_settings(urls: &[DirectoryUrl]) -> Option<String> {
    let settings = settings_file::load(&paths::data_dir()?);
    let is_meant = |setting: &&DirectorySetting| {
        let known = setting.urls.iter().filter_map(|url| url.parse().ok());
        let mut known = known.map(DirectoryUrl::without_base);
        known.any(|known| urls.iter().any(|url| url.clone().without_base() == known))
    };
    settings.directories.iter().find(is_meant)?.bind.clone()
}

/// What a directory is called.
pub(super) fn name(config: &DirectoryConfig) -> String {
    name_of(config)
        .map(|name| name.to_string())
        .unwrap_or_default()
}

fn usage(message: &str) -> Failure {
    Failure::new(FailureKind::Usage, message)
}
