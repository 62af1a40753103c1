//! Which options a message must, may and must not have (RFC 2730 section 3, Table 5; sections 2.2 and 2.12).
use super::options::{Options, code};
use super::packet::MessageKind;

/// What is asked, and so what an answer must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// To a DISCOVER: an OFFER.
    Discover,
    /// To a REQUEST: an ACK, or a NAK.
    Request,
    /// To a RENEW: an ACK, or a NAK.
    Renew,
    /// To a RELEASE: an ACK, or a NAK.
    Release,
    /// To a GETINFO: an ACK, or a NAK.
    GetInfo,
}

/// Options that a message must have, and those that it may have.
struct Rule {
    must: &'static [u16],
    may: &'static [u16],
}

/// Checks what can be checked of a message by itself; gives the option at fault.
pub(super) fn check(kind: MessageKind, options: &Options) -> Result<(), u16> {
    let rule = match kind {
        MessageKind::GetInfo => &GET_INFO,
        MessageKind::Discover => &DISCOVER,
        MessageKind::Request => &REQUEST,
        MessageKind::Renew => &RENEW,
        MessageKind::Release => &RELEASE,
        MessageKind::Offer => &OFFER,
        MessageKind::Nak => &NAK,
        MessageKind::Ack => &ANY_ACK,
    };
    rule.check(options)
}

/// Whether a message of this kind with these options answers that.
pub(super) fn check_reply(kind: MessageKind, reply: Reply, options: &Options) -> bool {
    let rule = match (kind, reply) {
        (MessageKind::Offer, Reply::Discover) => &OFFER,
        (MessageKind::Ack, Reply::GetInfo) => &ACK_TO_GET_INFO,
        (MessageKind::Ack, Reply::Request | Reply::Renew) => &ACK_OF_A_LEASE,
        (MessageKind::Ack, Reply::Release) => &ACK_TO_RELEASE,
        (MessageKind::Nak, _) => &NAK,
        _ => return false,
    };
    rule.check(options).is_ok()
}

impl Rule {
    fn check(&self, options: &Options) -> Result<(), u16> {
        let is_there = |wanted: u16| options.codes().any(|code| code == wanted);
        if let Some(missing) = self.must.iter().find(|code| !is_there(**code)) {
            return Err(*missing);
        }
        let is_allowed = |code: &u16| self.must.contains(code) || self.may.contains(code);
        if let Some(wrong) = options.codes().find(|code| !is_allowed(code)) {
            return Err(wrong);
        }
        let has_time = TIMES.into_iter().any(is_there);
        if has_time && !is_there(code::CURRENT_TIME) {
            return Err(code::CURRENT_TIME);
        }
        Ok(())
    }
}

/// Absolute times come with the sender's clock (RFC 2730 section 2.12).
const TIMES: [u16; 3] = [code::START_TIME, code::RETRY_TIME, code::MAX_START_TIME];

const GET_INFO: Rule = Rule {
    must: &[code::LEASE_ID, code::OPTION_REQUEST],
    may: &[code::LANGUAGE, code::FEATURES],
};
const ACK_TO_GET_INFO: Rule = Rule {
    must: &[code::SERVER, code::LEASE_ID],
    may: &[code::SCOPE_LIST, code::CURRENT_TIME, code::FEATURES],
};
const DISCOVER: Rule = Rule {
    must: &[code::LEASE_ID, code::SCOPE],
    may: &[
        code::LEASE_TIME,
        code::START_TIME,
        code::COUNT,
        code::RANGES,
        code::CURRENT_TIME,
        code::FEATURES,
        code::MIN_LEASE_TIME,
        code::MAX_START_TIME,
    ],
};
const OFFER: Rule = Rule {
    must: &[code::LEASE_TIME, code::SERVER, code::LEASE_ID, code::SCOPE],
    may: &[
        code::START_TIME,
        code::RANGES,
        code::CURRENT_TIME,
        code::FEATURES,
    ],
};
const REQUEST: Rule = Rule {
    must: &[code::LEASE_ID, code::SCOPE],
    may: &[
        code::LEASE_TIME,
        code::SERVER,
        code::START_TIME,
        code::COUNT,
        code::RANGES,
        code::CURRENT_TIME,
        code::FEATURES,
        code::MIN_LEASE_TIME,
        code::MAX_START_TIME,
    ],
};
/// In response to a REQUEST or a RENEW.
const ACK_OF_A_LEASE: Rule = Rule {
    must: &[
        code::LEASE_TIME,
        code::SERVER,
        code::LEASE_ID,
        code::SCOPE,
        code::RANGES,
    ],
    may: &[
        code::START_TIME,
        code::CURRENT_TIME,
        code::FEATURES,
        code::RETRY_TIME,
    ],
};
const RENEW: Rule = Rule {
    must: &[code::LEASE_ID],
    may: &[
        code::LEASE_TIME,
        code::START_TIME,
        code::CURRENT_TIME,
        code::FEATURES,
        code::MIN_LEASE_TIME,
        code::MAX_START_TIME,
    ],
};
const RELEASE: Rule = Rule {
    must: &[code::LEASE_ID],
    may: &[code::FEATURES],
};
const ACK_TO_RELEASE: Rule = Rule {
    must: &[code::SERVER, code::LEASE_ID],
    may: &[code::FEATURES],
};
const NAK: Rule = Rule {
    must: &[code::SERVER, code::LEASE_ID, code::ERROR],
    may: &[code::FEATURES],
};
/// What every ACK has, and what any may have.
const ANY_ACK: Rule = Rule {
    must: &[code::SERVER, code::LEASE_ID],
    may: &[
        code::LEASE_TIME,
        code::SCOPE,
        code::START_TIME,
        code::SCOPE_LIST,
        code::RANGES,
        code::CURRENT_TIME,
        code::FEATURES,
        code::RETRY_TIME,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Table 5 as the RFC prints it: a row for each option from 1 to 16, a column for each message.
    /// M must, y may, . must not.
    const TABLE: &str = "
        GETINFO ACK-GETINFO DISCOVER OFFER REQUEST ACK-REQUEST RENEW ACK-RENEW RELEASE ACK-RELEASE NAK
        .       .           y        M     y       M           y     M         .       .           .
        .       M           .        M     y       M           .     M         .       M           M
        M       M           M        M     M       M           M     M         M       M           M
        .       .           M        M     M       M           .     M         .       .           .
        M       .           .        .     .       .           .     .         .       .           .
        .       .           y        y     y       y           y     y         .       .           .
        .       .           y        .     y       .           .     .         .       .           .
        y       .           .        .     .       .           .     .         .       .           .
        .       y           .        .     .       .           .     .         .       .           .
        .       .           y        y     y       M           .     M         .       .           .
        .       y           y        y     y       y           y     y         .       .           .
        y       y           y        y     y       y           y     y         y       y           y
        .       .           .        .     .       y           .     y         .       .           .
        .       .           y        .     y       .           y     .         .       .           .
        .       .           y        .     y       .           y     .         .       .           .
        .       .           .        .     .       .           .     .         .       .           M";

    #[test]
    fn rules_agree_with_the_printed_table() {
        let rules = [
            &GET_INFO,
            &ACK_TO_GET_INFO,
            &DISCOVER,
            &OFFER,
            &REQUEST,
            &ACK_OF_A_LEASE,
            &RENEW,
            &ACK_OF_A_LEASE,
            &RELEASE,
            &ACK_TO_RELEASE,
            &NAK,
        ];
        let rows = TABLE.trim().lines().skip(1);
        for (code, row) in (1u16..).zip(rows) {
            let cells: Vec<&str> = row.split_whitespace().collect();
            assert_eq!(cells.len(), rules.len());
            for (rule, cell) in rules.iter().zip(cells) {
                let found = match (rule.must.contains(&code), rule.may.contains(&code)) {
                    (true, false) => "M",
                    (false, true) => "y",
                    (false, false) => ".",
                    (true, true) => "both",
                };
                assert_eq!(found, cell, "option {code}");
            }
        }
    }

    #[test]
    fn a_time_needs_the_senders_clock() {
        let mut options = Options {
            lease_id: super::super::LeaseId::new(&[0, 1]),
            start: Some(super::super::UnixTime(5)),
            ..Options::default()
        };
        let check = |options: &Options| check(MessageKind::Renew, options);
        assert_eq!(check(&options), Err(code::CURRENT_TIME));
        options.now = Some(super::super::UnixTime(4));
        assert_eq!(check(&options), Ok(()));
        options.refusal = Some(super::super::Refusal::UnknownLease);
        assert_eq!(check(&options), Err(code::ERROR));
    }
}
