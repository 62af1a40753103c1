//! The station's leases: opened at the start, and anew when somebody else is to lease.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{StartError, StationOptions};
use crate::conference::{Moment, Wake};
use crate::leases::{Kept, Leases, LeasesOptions, Madcap};
use crate::net::{InterfaceChoice, NetHandle};

/// All that does not change with who leases.
pub(super) struct Leasing {
    interface: InterfaceChoice,
    folder: Option<PathBuf>,
    is_host: bool,
    wake: Wake,
    seed: u64,
}

impl Leasing {
    pub(super) fn new(options: &StationOptions) -> Self {
        Self {
            interface: options.interface.clone(),
            folder: options.data_dir.as_ref().map(|dir| dir.join("leases")),
            is_host: options.is_host,
            wake: Arc::clone(&options.wake),
            seed: options.seed.rotate_left(32),
        }
    }

    /// The host renews what was leased earlier, whoever is to be asked for more.
    pub(super) fn open(
        &self,
        servers: Option<Madcap>,
        net: &NetHandle,
        moment: Moment,
    ) -> Result<Option<Leases>, StartError> {
        let is_kept = self.is_host && self.folder.as_ref().is_some_and(|folder| folder.is_dir());
        let Some(servers) = servers.or_else(|| is_kept.then_some(Madcap::Anyone)) else {
            return Ok(None);
        };
        let options = LeasesOptions {
            interface: self.interface.clone(),
            servers,
            patience: MADCAP_PATIENCE,
            language: None,
            folder: self.folder.clone(),
            kept: if self.is_host { Kept::All } else { Kept::None },
            wake: Arc::clone(&self.wake),
            seed: self.seed,
        };
        let leases = Leases::start(net, options, moment).map_err(StartError::Net)?;
        Ok(Some(leases))
    }
}

impl std::fmt::Debug for Leasing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leasing")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Of the RFC's minute, so much as a person waits: two of its four attempts.
const MADCAP_PATIENCE: Duration = Duration::from_secs(10);
