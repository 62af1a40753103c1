//! Sessions among each other in virtual time, and what peers really sent.
mod feedback;
mod flood;
mod lan;
mod membership;
mod own_packets;
mod peers;
mod reports;
mod sequences;
mod timing;
