//! Scenarios of engines and the network between them, in virtual time.
mod beginning;
mod line;
mod receiving;
mod sending;
mod sound;
mod sources;
