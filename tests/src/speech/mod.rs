//! Whether what was heard is what was said, and something to say.

mod band;
mod compare;
mod material;

pub use compare::{Likeness, compare};
pub use material::{LEAD_IN_SECONDS, human, spoken};
