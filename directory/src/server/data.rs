//! The server's folder: its database, the local user's token, its certificate. Nobody else may read any of it.
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::account::{Accounts, Hash};
use super::account_file::AccountFile;
use super::core::Core;
use super::entry::matching::folded;
use super::entry::moment::Moment;
use super::entry::schema::Schema;
use super::options::ServerOptions;
use super::store::{Store, StoreError, first_entries};
use super::watch::Watchers;
use crate::disk::{self, OpenError};
use crate::key::InstallationKey;

/// The file of the local user's token, in the folder of the data.
pub const TOKEN_FILE: &str = "token";
/// The file of the server's certificate, which clients may be given to know it by.
pub const CERTIFICATE_FILE: &str = "server.crt";
/// The file of the same certificate with its key, which nobody is given.
const KEY_FILE: &str = "server.pem";
const DATABASE_FILE: &str = "directory.redb";

/// Why the server's data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] OpenError),
    /// A name or password that cannot be used.
    #[error("{0}")]
    Password(&'static str),
}

/// What was found in the folder.
pub(super) struct Opened {
    pub(super) core: Core,
    pub(super) store: Store,
    pub(super) key: InstallationKey,
    pub(super) accounts: AccountFile,
}

/// Opens the folder; what is missing is made.
pub(super) fn open(options: &ServerOptions, now: Moment) -> Result<Opened, DataError> {
    let store = open_store(&options.data)?;
    let instance = store.instance(fastrand::u64(..))?;
    let mut tree = store.load()?;
    if tree.len() == 0 {
        let changes = first_entries(&tree, now, fastrand::u64(..));
        store.commit(&changes)?;
        changes.iter().for_each(|change| tree.apply(change));
    }
    let mut accounts = Accounts::new(token(&options.data.join(TOKEN_FILE))?);
    let mut file = AccountFile::new(&options.data);
    accounts.replace(file.changed().unwrap_or_default());
    let core = Core {
        schema: Arc::new(Schema::new()),
        tree,
        accounts,
        watchers: Watchers::default(),
        limits: options.limits.clone(),
        is_open: options.is_open,
        instance,
    };
    Ok(Opened {
        core,
        store,
        key: server_key(options)?,
        accounts: file,
    })
}

/// Reads the server's key and certificate, made at the first start.
fn server_key(options: &ServerOptions) -> Result<InstallationKey, DataError> {
    let path = options.data.join(KEY_FILE);
    let failed = |source| DataError::Io {
        path: path.clone(),
        source,
    };
    let listeners = options.listen.iter().map(|listener| listener.address.ip());
    let addresses = listeners.filter(|address| !address.is_unspecified());
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(addresses.map(|address| address.to_string()));
    names.extend(options.names.iter().cloned());
    names.sort();
    names.dedup();
    let key = InstallationKey::open_named(&path, &names).map_err(failed)?;
    let pem = String::from_utf8(disk::read(&path, 1 << 16).map_err(failed)?);
    let pem = pem.map_err(io::Error::other).map_err(failed)?;
    let certificate = pem
        .find("-----BEGIN CERTIFICATE-----")
        .and_then(|at| pem.get(at..));
    let public = options.data.join(CERTIFICATE_FILE);
    disk::replace(&public, certificate.unwrap_or_default().as_bytes()).map_err(failed)?;
    Ok(key)
}

/// Adds an account, or gives it another password; a server that runs knows it within a second.
///
/// # Errors
/// If the file cannot be written, or name or password is empty.
pub fn put_account(data: &Path, name: &str, password: &str) -> Result<(), DataError> {
    if password.is_empty() {
        return Err(DataError::Password("an empty password proves nothing"));
    }
    if name.trim().is_empty() || name.contains(char::is_control) {
        return Err(DataError::Password("an account has a name, in one line"));
    }
    let mut salt = [0; 16];
    random(&mut salt).map_err(DataError::Password)?;
    let hash = Hash::new(password, salt).ok_or(DataError::Password("it cannot be hashed"))?;
    make_data_folder(data)?;
    AccountFile::new(data).change(|list| {
        list.retain(|(known, _)| !is_same(known, name));
        list.push((name.to_owned(), hash));
    })?;
    Ok(())
}

/// Removes an account; whether there was one. A server that runs lets nobody do anything in its name within a second.
///
/// # Errors
/// If the file cannot be written.
pub fn remove_account(data: &Path, name: &str) -> Result<bool, DataError> {
    make_data_folder(data)?;
    let removed = AccountFile::new(data).change(|list| {
        let before = list.len();
        list.retain(|(known, _)| !is_same(known, name));
        list.len() < before
    })?;
    Ok(removed)
}

/// Names are compared without regard to case.
fn is_same(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

fn open_store(data: &Path) -> Result<Store, DataError> {
    make_data_folder(data)?;
    Ok(Store::open(&data.join(DATABASE_FILE))?)
}

fn make_data_folder(data: &Path) -> Result<(), DataError> {
    make_folder(data).map_err(|source| DataError::Io {
        path: data.to_owned(),
        source,
    })
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Reads the token; 32 random bytes in hexadecimal, made at the first start.
fn token(path: &Path) -> Result<String, DataError> {
    let failed = |source| DataError::Io {
        path: path.to_owned(),
        source,
    };
    match disk::read(path, 1024) {
        Ok(token) => {
            let token = String::from_utf8(token).map_err(io::Error::other);
            Ok(token.map_err(failed)?.trim().to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            random(&mut bytes).map_err(DataError::Password)?;
            let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            disk::replace(path, token.as_bytes()).map_err(failed)?;
            Ok(token)
        }
        Err(error) => Err(failed(error)),
    }
}

fn random(bytes: &mut [u8]) -> Result<(), &'static str> {
    let source = ring::rand::SystemRandom::new();
    ring::rand::SecureRandom::fill(&source, bytes).map_err(|_| "the system has no randomness")
}
