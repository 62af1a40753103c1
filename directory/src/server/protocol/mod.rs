//! LDAP on the wire: requests in, answers out.
pub(super) mod answer;
pub(super) mod ber;
pub(super) mod control;
pub(super) mod request;
