//! Which multicast addresses a conference may use, and how one is found that nobody uses yet.
mod claim;
pub mod madcap;
mod scope;

pub use claim::{ATTEMPTS, IpVersion, claim, claim_port, claim_range};
pub use scope::{NotAScope, Scope};
