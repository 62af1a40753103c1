//! The extended operation that keeps an entry alive (RFC 2589 section 4).
use std::time::Duration;

use ldap3::exop::Exop;

use super::ber::{Element, element, number, tag};

/// Its OID.
pub(super) const OID: &str = "1.3.6.1.4.1.1466.101.119.1";

/// What is asked: which entry, and for how many seconds.
pub(super) fn request(name: &str, lifetime: Duration) -> Exop {
    // RFC 2589 section 4.1: at most 31,557,600, a year.
    let secs = i64::try_from(lifetime.as_secs())
        .unwrap_or(i64::MAX)
        .clamp(1, MAX_SECS);
    let parts = [
        element(tag::context(0), name.as_bytes()),
        number(tag::context(1), secs),
    ];
    Exop {
        name: Some(OID.to_owned()),
        val: Some(element(tag::SEQUENCE, &parts.concat())),
    }
}

/// For how long the entry really lives; none if that cannot be understood.
pub(super) fn response(value: &[u8]) -> Option<Duration> {
    let mut parts = Element::only(value)?.open(tag::SEQUENCE)?;
    let secs = parts.next()?.number(tag::context(1))?;
    u64::try_from(secs).ok().map(Duration::from_secs)
}

/// The longest lifetime.
pub(super) const MAX_SECS: i64 = 31_557_600;

#[cfg(test)]
mod tests {
    use super::*;

    /// As slapd 2.5 and its `ldapexop refresh` exchange it.
    #[test]
    fn bytes_of_rfc_2589_section_4() {
        let exop = request("o=x", Duration::from_secs(100));
        assert_eq!(exop.name.as_deref(), Some("1.3.6.1.4.1.1466.101.119.1"));
        assert_eq!(exop.val.unwrap(), b"\x30\x08\x80\x03o=x\x81\x01\x64");
        assert_eq!(
            response(b"\x30\x03\x81\x01\x64"),
            Some(Duration::from_secs(100))
        );
        assert_eq!(
            response(b"\x30\x04\x81\x02\x00\x80"),
            Some(Duration::from_secs(128))
        );
        for bad in [
            &b""[..],
            b"\x30\x00",
            b"\x30\x03\x81\x01\xff",
            b"\x30\x03\x02\x01\x64",
        ] {
            assert_eq!(response(bad), None);
        }
    }

    #[test]
    fn longest_lifetime_is_a_year() {
        let year = request("", Duration::from_secs(MAX_SECS.unsigned_abs()));
        assert_eq!(request("", Duration::MAX).val, year.val);
    }
}
