//! 16-bit linear sound in network order (RFC 3551 §4.5.11).
