//! Listening for a moment, until what others announce and directories list is known.
use std::time::{Duration, Instant};

use conf_core::Station;

use super::stop::{Awakened, Waiter};
use crate::host;

/// Announcers answer a newcomer's question within half a second of hearing it.
const LISTEN: Duration = Duration::from_millis(1_300);
/// Where nobody answers, other programs may still announce: ffmpeg repeats itself every 5 s.
const LISTEN_ON: Duration = Duration::from_secs(6);

/// Listens for the answers; for longer while it is not enough yet, or a directory has not answered.
/// Gives [`Awakened::Stopped`] where the user has had enough.
pub(super) fn listen(
    station: &Station,
    waiter: &Waiter,
    is_enough: impl Fn(&Station) -> bool,
) -> Awakened {
    let began = Instant::now();
    loop {
        let is_heard = is_enough(station) && host::is_settled(station);
        let awakened = waiter.wait(Some(began + if is_heard { LISTEN } else { LISTEN_ON }));
        if awakened != Awakened::Woken {
            return awakened;
        }
    }
}
