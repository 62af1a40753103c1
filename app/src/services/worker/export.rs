//! A conference as a file in the folder for downloads.
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Worker;
use crate::cli::link;
use crate::model::{Done, EntryId, Event, ExportFormat, Failure};
use crate::paths;

impl Worker {
    pub(super) fn export(&self, id: &EntryId, format: ExportFormat) {
        let Some(entry) = self.entry(id) else { return };
        let description = &entry.description;
        let contents = match format {
            ExportFormat::Sdp => Some(description.to_string()),
            ExportFormat::Calendar => {
                description.to_icalendar(&link(&description.id()), SystemTime::now())
            }
        };
        let written = contents
            .ok_or_else(|| "it has no beginning, so that it fits no calendar".to_owned())
            .and_then(|contents| write(&description.name, format, &contents));
        self.outbox.push(match written {
            Ok(path) => Event::Done(Done::Exported(description.name.clone(), path)),
            Err(reason) => Event::Failed(Failure::Export(description.name.clone(), reason)),
        });
    }
}

fn write(name: &str, format: ExportFormat, contents: &str) -> Result<PathBuf, String> {
    let folder = paths::downloads().ok_or("there is no folder for it")?;
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let path = free(&folder, &file_name(name), format.extension());
    let written = std::fs::write(&path, contents);
    written.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// What was there stays: the new one gets a number.
fn free(folder: &Path, name: &str, extension: &str) -> PathBuf {
    let first = folder.join(format!("{name}.{extension}"));
    let further = (2..1_000).map(|number| folder.join(format!("{name} ({number}).{extension}")));
    let mut paths = std::iter::once(first.clone()).chain(further);
    paths.find(|path| !path.exists()).unwrap_or(first)
}

/// What every file system takes.
fn file_name(name: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || " -_".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().take(60).map(plain).collect();
    let name = name.trim();
    if name.is_empty() {
        "conference".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_file_system_and_nothing_is_overwritten() {
        assert_eq!(file_name("Crane 4 / talk: back"), "Crane 4 _ talk_ back");
        assert_eq!(file_name("../.."), "_____");
        assert_eq!(file_name("  "), "conference");
        let folder = tempfile::tempdir().unwrap();
        let first = free(folder.path(), "a", "sdp");
        std::fs::write(&first, "").unwrap();
        assert_eq!(
            free(folder.path(), "a", "sdp"),
            folder.path().join("a (2).sdp")
        );
    }
}
