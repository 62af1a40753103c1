//! Full intra requests: each is obeyed once, however often it is repeated (RFC 5104 section 4.3.1.2).
use std::collections::BTreeMap;

use media::rtp_time::Ssrc;

use crate::rtcp::FullIntraRequest;

/// The number of each member's last request.
#[derive(Debug, Default)]
pub(super) struct Commands {
    last: BTreeMap<Ssrc, u8>,
}

impl Commands {
    /// Whether a member requests of us what they have not requested before.
    pub(super) fn is_new(&mut self, from: Ssrc, to: Ssrc, requests: &[FullIntraRequest]) -> bool {
        let ours = requests.iter().find(|request| request.ssrc == to);
        ours.is_some_and(|request| self.last.insert(from, request.command) != Some(request.command))
    }

    /// A member is gone.
    pub(super) fn forget(&mut self, from: Ssrc) {
        self.last.remove(&from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Ssrc = Ssrc(1);
    const ANA: Ssrc = Ssrc(2);
    const BO: Ssrc = Ssrc(3);

    #[test]
    fn a_request_that_is_repeated_counts_once() {
        let mut commands = Commands::default();
        let mut is_new = |from, ssrc, command| {
            let other = FullIntraRequest {
                ssrc: BO,
                command: 9,
            };
            commands.is_new(from, US, &[other, FullIntraRequest { ssrc, command }])
        };
        assert!(is_new(ANA, US, 7));
        assert!(!is_new(ANA, US, 7));
        assert!(is_new(BO, US, 7));
        assert!(is_new(ANA, US, 8));
        assert!(!is_new(ANA, BO, 9));
    }
}
