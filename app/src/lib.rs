//! The `rendezvous` program: a window and a command line over `conf-core`; no protocol and no codec of its own.
pub mod model;
pub mod notice;
pub mod ui;
pub mod window;
