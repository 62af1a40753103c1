//! The `m=` section of a draft's sound: where it goes, how it is coded, what it may use.
use std::net::SocketAddr;

use super::{Draft, DraftAudio, DraftError};
use crate::address::Scope;
use crate::description::bandwidth::{Bandwidth, BandwidthKind};
use crate::description::{Connection, Description, Media};

impl Draft {
    /// Changes only what differs from `before`, so that what others wrote into the section survives.
    pub(super) fn write_audio(
        &self,
        description: &mut Description,
        before: Option<&Self>,
    ) -> Result<(), DraftError> {
        let has_audio = description.media.iter().any(Media::is_audio);
        let is_same = before.is_some_and(|before| before.sound() == self.sound());
        if is_same || (self.audio.is_none() && !has_audio) {
            return Ok(());
        }
        let group = self.group.ok_or(DraftError::GroupMissing)?;
        if !group.ip().is_multicast() || group.port() == 0 {
            return Err(DraftError::NotAGroup(group));
        }
        if !has_audio {
            let audio = Media::new("audio", 0, "RTP/AVP", &[]);
            description.media.insert(0, audio);
        }
        let audio = description.media.iter_mut().find(|media| media.is_audio());
        audio.map_or(Ok(()), |media| self.write_section(media, group, before))
    }

    fn write_section(
        &self,
        media: &mut Media,
        group: SocketAddr,
        before: Option<&Self>,
    ) -> Result<(), DraftError> {
        let has_moved = before.is_none_or(|before| before.place() != self.place());
        let is_recoded = before.is_none_or(|before| before.coding() != self.coding());
        if has_moved {
            media.port = group.port();
            media.port_count = 1;
            let ttl = self.ttl.unwrap_or_else(|| self.scope.ttl());
            media.connections = vec![Connection::new(group.ip(), ttl)];
        }
        if let Some(audio) = self.audio {
            let ptime_ms = self.packet_ms(audio);
            if is_recoded {
                write_coding(media, audio, ptime_ms)?;
            }
            if has_moved || is_recoded {
                self.write_bandwidths(media, audio.kbps(ptime_ms, group.is_ipv6()));
            }
        }
        if self.is_rtcp_muxed != media.attributes.is_rtcp_muxed() {
            media.attributes.remove("rtcp-mux");
            if self.is_rtcp_muxed {
                media.attributes.push("rtcp-mux", None);
            }
        }
        Ok(())
    }

    /// AS for one speaker with all headers. RTCP for the whole group, a quarter of it for speakers (RFC 3550 section
    /// 6.2): in a room or a site enough that 50 people report every 2 s, so that the roster fills at once; farther
    /// away less.
    fn write_bandwidths(&self, media: &mut Media, speaker_kbps: u64) {
        use BandwidthKind::{ApplicationSpecific, RtcpReceivers, RtcpSenders};
        let rtcp_bps = match self.scope {
            Scope::Room | Scope::Site => 32_000,
            Scope::Organisation => 16_000,
            Scope::World => 4_000,
        };
        let own = [ApplicationSpecific, RtcpSenders, RtcpReceivers];
        media.bandwidths.retain(|line| !own.contains(&line.kind));
        media.bandwidths.extend([
            Bandwidth::new(ApplicationSpecific, speaker_kbps),
            Bandwidth::new(RtcpSenders, rtcp_bps / 4),
            Bandwidth::new(RtcpReceivers, rtcp_bps / 4 * 3),
        ]);
    }

    fn packet_ms(&self, audio: DraftAudio) -> u16 {
        self.ptime_ms.unwrap_or_else(|| audio.ptime_ms())
    }

    /// All that decides on the section.
    fn sound(&self) -> impl PartialEq + use<> {
        (self.place(), self.coding(), self.is_rtcp_muxed)
    }

    fn place(&self) -> (Option<SocketAddr>, Option<u8>, Scope) {
        (self.group, self.ttl, self.scope)
    }

    fn coding(&self) -> (Option<DraftAudio>, Option<u16>) {
        (self.audio, self.ptime_ms)
    }
}

fn write_coding(media: &mut Media, audio: DraftAudio, ptime_ms: u16) -> Result<(), DraftError> {
    let max_ms = audio.max_ptime_ms();
    if !(1..=max_ms).contains(&ptime_ms) {
        return Err(DraftError::PacketTooLong { ptime_ms, max_ms });
    }
    let payload_type = audio.payload_type();
    media.formats = vec![payload_type.to_string()];
    let rtpmap = format!("{payload_type} {}", audio.rtpmap());
    media.attributes.set("rtpmap", &rtpmap);
    match audio.parameters() {
        Some(parameters) => {
            let fmtp = format!("{payload_type} {parameters}");
            media.attributes.set("fmtp", &fmtp);
        }
        None => media.attributes.remove("fmtp"),
    }
    media.attributes.set("ptime", &ptime_ms.to_string());
    Ok(())
}
