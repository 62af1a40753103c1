//! Picture loss indication: it has nothing but its head (RFC 4585 §6.3.1).

pub(super) const FORMAT: u8 = 1;
