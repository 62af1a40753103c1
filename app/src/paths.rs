//! Where settings, own conferences and the cache are kept.
use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};

/// The folder for everything that is kept: `RENDEZVOUS_DATA_DIR`, else the place that the system gives to programs.
/// Nothing where the system has no such place, as for a user without a home; then nothing is kept.
pub fn data_dir() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("RENDEZVOUS_DATA_DIR").filter(|dir| !dir.is_empty()) {
        return Some(PathBuf::from(dir));
    }
    ProjectDirs::from("", "", "rendezvous").map(|dirs| dirs.data_dir().to_owned())
}

/// The folder for what the person takes away: that for downloads, else the home folder.
pub fn downloads() -> Option<PathBuf> {
    let dirs = UserDirs::new()?;
    let downloads = dirs.download_dir().unwrap_or_else(|| dirs.home_dir());
    Some(downloads.to_owned())
}
