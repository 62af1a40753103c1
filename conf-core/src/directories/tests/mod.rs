//! Directories that die, forget, refuse and disagree.
mod desk;
mod server;
mod whole;
