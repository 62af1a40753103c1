//! Where pictures wait to be shown: whoever paints takes the newest and waits for nobody.
mod slot;

pub use slot::PictureSlot;
