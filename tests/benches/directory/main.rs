//! The embedded directory server beside OpenLDAP's, and what it does with 100,000 entries.
//! `cargo bench --bench directory`; without slapd it measures ours alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

mod many;
mod peers;
mod slapd;

fn main() {
    peers::compare();
    many::measure();
}
