//! The video path: packets in, pictures out; a camera or screen in, packets of each layer out.
mod picture;
mod scale;

pub use picture::{Colours, MAX_SIDE, Matrix, Picture, PictureBuffer, PicturePool, Plane, Size};
pub use scale::Scaler;
