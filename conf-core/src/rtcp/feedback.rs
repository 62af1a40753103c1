//! Feedback packets: their common head (RFC 4585 §6.1) and the messages known here.
use media::rtp_time::Ssrc;

use super::fir::FullIntraRequest;
use super::header::{self, RawPacket, write_packet};
use super::nack::Nack;
use super::pause::PauseEntry;
use super::pli;
use crate::wire::{Put as _, Reader};

/// A feedback packet; it has been checked that its head is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Who asks.
    pub sender: Ssrc,
    /// Who is asked; unused (zero) in messages that name their targets themselves.
    pub media: Ssrc,
    /// What is asked.
    pub message: FeedbackMessage,
}

/// What a feedback packet asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedbackMessage {
    /// Packets to be sent again (RFC 4585 §6.2.1).
    Nack(Vec<Nack>),
    /// Pictures were lost (RFC 4585 §6.3.1).
    PictureLoss,
    /// A decoder starts afresh (RFC 5104 §4.3.1).
    FullIntra(Vec<FullIntraRequest>),
    /// A stream is not needed, or needed; or has been stopped (RFC 7728 §8.3).
    Pause(Vec<PauseEntry>),
    /// A message that is not known here.
    Other {
        /// Packet type: 205 for transport, 206 for payload feedback.
        kind: u8,
        /// Its format.
        format: u8,
    },
}

impl Feedback {
    /// Whether the source is asked by this message.
    #[must_use]
    pub fn is_for(&self, ssrc: Ssrc) -> bool {
        match &self.message {
            FeedbackMessage::FullIntra(requests) => requests.iter().any(|r| r.ssrc == ssrc),
            FeedbackMessage::Pause(entries) => entries.iter().any(|entry| entry.target == ssrc),
            _ => self.media == ssrc,
        }
    }

    pub(super) fn read(raw: RawPacket<'_>) -> Option<Self> {
        let mut reader = Reader::new(raw.body);
        Some(Self {
            sender: Ssrc(reader.u32()?),
            media: Ssrc(reader.u32()?),
            message: match (raw.kind, raw.count) {
                (header::RTPFB, Nack::FORMAT) => FeedbackMessage::Nack(Nack::read_all(reader)),
                (header::RTPFB, PauseEntry::FORMAT) => {
                    FeedbackMessage::Pause(PauseEntry::read_all(reader))
                }
                (header::PSFB, pli::FORMAT) => FeedbackMessage::PictureLoss,
                (header::PSFB, FullIntraRequest::FORMAT) => {
                    FeedbackMessage::FullIntra(FullIntraRequest::read_all(reader))
                }
                (kind, format) => FeedbackMessage::Other { kind, format },
            },
        })
    }

    /// Appends the packet; a message not known here has a head only.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let (kind, format) = match &self.message {
            FeedbackMessage::Nack(_) => (header::RTPFB, Nack::FORMAT),
            FeedbackMessage::PictureLoss => (header::PSFB, pli::FORMAT),
            FeedbackMessage::Pause(_) => (header::RTPFB, PauseEntry::FORMAT),
            FeedbackMessage::FullIntra(_) => (header::PSFB, FullIntraRequest::FORMAT),
            FeedbackMessage::Other { kind, format } => (*kind, *format),
        };
        write_packet(out, format, kind, |out| {
            out.put_u32(self.sender.0);
            out.put_u32(self.media.0);
            match &self.message {
                FeedbackMessage::Nack(nacks) => nacks.iter().for_each(|nack| nack.write(out)),
                FeedbackMessage::FullIntra(all) => all.iter().for_each(|one| one.write(out)),
                FeedbackMessage::Pause(all) => all.iter().for_each(|one| one.write(out)),
                FeedbackMessage::PictureLoss | FeedbackMessage::Other { .. } => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use media::rtp_time::SeqNo;

    use super::*;
    use crate::rtcp::PauseKind;

    fn both_ways(feedback: &Feedback, bytes: &[u8]) {
        let mut out = Vec::new();
        feedback.write(&mut out);
        assert_eq!(out, bytes);
        let raw = RawPacket::read(&mut Reader::new(bytes)).unwrap();
        assert_eq!(Feedback::read(raw).as_ref(), Some(feedback));
    }

    #[test]
    fn messages_are_as_the_rfcs_draw_them() {
        let asks = |media, message| Feedback {
            sender: Ssrc(1),
            media: Ssrc(media),
            message,
        };
        both_ways(
            &asks(2, FeedbackMessage::PictureLoss),
            &[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
        );
        let nack = Nack {
            first: SeqNo(0x0102),
            following: 0x8001,
        };
        both_ways(
            &asks(2, FeedbackMessage::Nack(vec![nack])),
            &[0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 0x80, 1],
        );
        let request = FullIntraRequest {
            ssrc: Ssrc(3),
            command: 7,
        };
        let full_intra = asks(0, FeedbackMessage::FullIntra(vec![request]));
        both_ways(
            &full_intra,
            &[
                0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 7, 0, 0, 0,
            ],
        );
        assert!(full_intra.is_for(Ssrc(3)) && !full_intra.is_for(Ssrc(0)));
        let entry = |kind, id| PauseEntry {
            target: Ssrc(3),
            kind,
            id,
        };
        let pause = FeedbackMessage::Pause(vec![
            entry(PauseKind::Pause, 0x0102),
            entry(PauseKind::Paused(0x0001_FFFE), 0x0103),
        ]);
        both_ways(
            &asks(0, pause),
            &[
                0x89, 205, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, // head
                0, 0, 0, 3, 0x00, 0, 1, 2, // not needed
                0, 0, 0, 3, 0x20, 1, 1, 3, 0, 1, 0xFF, 0xFE, // has stopped
            ],
        );
        let answers = FeedbackMessage::Pause(vec![
            entry(PauseKind::Resume, 9),
            entry(PauseKind::Refused, 10),
        ]);
        both_ways(
            &asks(0, answers),
            &[
                0x89, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, // head
                0, 0, 0, 3, 0x10, 0, 0, 9, 0, 0, 0, 3, 0x30, 0, 0, 10,
            ],
        );
        let other = FeedbackMessage::Other {
            kind: 206,
            format: 15,
        };
        both_ways(&asks(2, other), &[0x8F, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    }
}
