//! The directories that the window uses: those of the settings.
use conf_core::directories::DirectoryConfig;

use super::Worker;
use crate::model::Failure;

impl Worker {
    /// Those that can be used; what is wrong with the others is told.
    pub(super) fn directories(&self) -> Vec<DirectoryConfig> {
        let mut configs = Vec::new();
        for setting in &self.settings.directories {
            match setting.config() {
                Ok(config) => configs.push(config),
                Err(reason) => self.fail(Failure::Settings(reason)),
            }
        }
        configs
    }
}
