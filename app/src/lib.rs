//! The `rendezvous` program: a window and a command line over `conf-core`; no protocol and no codec of its own.
pub mod cli;
pub mod directories;
pub mod groups;
pub mod host;
pub mod keyring;
pub mod model;
pub mod notice;
pub mod outlook;
pub mod paths;
pub mod profile;
pub mod protection;
pub mod range;
pub mod services;
pub mod settings_file;
pub mod start;
pub mod ui;
pub mod window;
