//! Keeps the settings from one start to the next, in `settings.toml`.
use std::fs;
use std::io;
use std::path::Path;

use crate::model::Settings;

/// Reads the settings; gives the defaults where there are none yet, and where they cannot be read
/// (they are then written anew with the next change; what cannot be understood is kept beside them).
pub fn load(dir: &Path) -> Settings {
    let path = dir.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|error| {
            let kept = dir.join(BROKEN);
            tracing::warn!("{} is not used: {error}", path.display());
            match fs::copy(&path, &kept) {
                Ok(_) => tracing::warn!("it is kept as {}", kept.display()),
                Err(error) => tracing::warn!("it is not kept: {error}"),
            }
            Settings::default()
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Settings::default(),
        Err(error) => {
            tracing::warn!("{} is not used: {error}", path.display());
            Settings::default()
        }
    }
}

/// Writes the settings, whole or not at all.
pub fn save(dir: &Path, settings: &Settings) -> io::Result<()> {
    let text = toml::to_string_pretty(settings).map_err(io::Error::other)?;
    fs::create_dir_all(dir)?;
    let draft = dir.join(format!("{FILE}.new"));
    fs::write(&draft, text)?;
    fs::rename(draft, dir.join(FILE))
}

const FILE: &str = "settings.toml";
/// What somebody wrote by hand and got wrong is not lost.
const BROKEN: &str = "settings.toml.broken";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            name: "Ana".to_owned(),
            ..Settings::default()
        };
        save(dir.path(), &settings).unwrap();
        assert_eq!(load(dir.path()), settings);
    }

    #[test]
    fn broken_file_gives_the_defaults_and_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "name = [").unwrap();
        assert_eq!(load(dir.path()), Settings::default());
        save(dir.path(), &Settings::default()).unwrap();
        let kept = fs::read_to_string(dir.path().join(BROKEN)).unwrap();
        assert_eq!(kept, "name = [");
    }
}
