//! Scenarios of one source in virtual time.
