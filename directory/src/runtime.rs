//! The small tokio runtime on which directories are spoken to, and the parts of tokio that their users need.
//!
//! tokio is a dependency of this crate only: whoever talks to a directory takes it from here.

pub use tokio::runtime::{Handle, Runtime};
pub use tokio::select;
pub use tokio::sync::{Notify, mpsc, oneshot};
pub use tokio::task::{JoinHandle, JoinSet};
pub use tokio::time;

/// A runtime that lives on the thread that calls `block_on`, with one further thread at a time for resolving names.
pub fn new() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .thread_name("directory-resolve")
        .build()
}
