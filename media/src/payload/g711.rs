//! G.711 µ-law and A-law (RFC 3551 §4.5.14).
