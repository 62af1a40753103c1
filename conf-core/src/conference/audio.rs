//! What a conference needs of sound: the audio worker, or in a simulation the engine itself.
use std::sync::Arc;

use media::engine::{AudioCommand, AudioHandle, AudioPacket, AudioSnapshot, EncodedPacket};

/// Takes the packets of others and gives ours. None of these may wait.
pub trait AudioPort: Send {
    /// Takes one packet of somebody else.
    fn push_packet(&mut self, packet: &AudioPacket<'_>);
    /// Gives the next packet to send, if there is one.
    fn poll_encoded(&mut self) -> Option<EncodedPacket>;
    /// Does what the user asked for.
    fn apply(&mut self, command: AudioCommand);
    /// Levels, devices and counters of a moment ago.
    fn snapshot(&self) -> Arc<AudioSnapshot>;
}

impl AudioPort for AudioHandle {
    fn push_packet(&mut self, packet: &AudioPacket<'_>) {
        Self::push_packet(self, packet);
    }

    fn poll_encoded(&mut self) -> Option<EncodedPacket> {
        Self::poll_encoded(self)
    }

    fn apply(&mut self, command: AudioCommand) {
        Self::apply(self, command);
    }

    fn snapshot(&self) -> Arc<AudioSnapshot> {
        Self::snapshot(self)
    }
}
