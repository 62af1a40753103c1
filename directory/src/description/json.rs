//! A description as JSON: every field that was read, and what follows from it.
//!
//! Where a line may be missing, its key is there with `null`; lists may be empty. Times are in NTP seconds as in
//! SDP, and in Unix seconds where bounded.
use std::net::SocketAddr;

use serde::ser::{Serialize, Serializer};

use super::attribute::{Attribute, Direction, Group, RtcpFeedback, RtpMap, SourceFilter};
use super::attribute::{Attributes, Crypto, ExtensionMap};
use super::bandwidth::Bandwidth;
use super::time::{NtpTime, Repeat, Time, ZoneAdjustment};
use super::{ConferenceId, Connection, Description, Key, Medium, Origin};
use crate::address::Scope;

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DescriptionView::of(self).serialize(serializer)
    }
}

/// The whole.
#[derive(serde::Serialize)]
struct DescriptionView<'a> {
    /// Identity of the conference, 16 hex digits.
    id: ConferenceId,
    /// `o=`, with `username`, `session_id`, `version`, `net_type`, `address_type`, `address`.
    origin: &'a Option<Origin>,
    /// `s=`.
    name: &'a str,
    /// `i=`.
    information: &'a Option<String>,
    /// `u=`.
    uri: &'a Option<String>,
    /// `e=` lines.
    emails: &'a [String],
    /// `p=` lines.
    phones: &'a [String],
    /// `c=` at session level.
    connection: Option<ConnectionView<'a>>,
    /// `b=` lines.
    bandwidths: Vec<BandwidthView<'a>>,
    /// `t=` lines.
    times: Vec<TimeView<'a>>,
    /// `k=`, with `method` and `value`.
    key: &'a Option<Key>,
    /// `room`, `site`, `organisation` or `world`, by the first group.
    scope: Option<Scope>,
    /// Whether any medium is encrypted.
    is_encrypted: bool,
    /// `a=type`.
    conference_type: Option<&'a str>,
    /// `a=charset`.
    charset: Option<&'a str>,
    /// `a=tool`.
    tool: Option<&'a str>,
    /// `a=cat`.
    category: Option<&'a str>,
    /// `a=keywds`.
    keywords: Option<&'a str>,
    /// `a=lang` lines.
    languages: Vec<&'a str>,
    /// `a=group` lines, with `semantics` and `mids`.
    groups: Vec<Group>,
    /// All `a=` lines at session level, known or not, with `name` and `value`.
    attributes: Vec<&'a Attribute>,
    /// `m=` sections.
    media: Vec<MediumView<'a>>,
}

/// One `m=` section; what it lacks and the session has is filled in.
#[derive(serde::Serialize)]
struct MediumView<'a> {
    /// First word of `m=`.
    kind: &'a str,
    /// Port of RTP.
    port: u16,
    /// Number of port pairs.
    port_count: u16,
    /// `RTP/AVP` and so on.
    protocol: &'a str,
    /// Formats of `m=`.
    formats: &'a [String],
    /// `i=`.
    title: &'a Option<String>,
    /// Its own `c=` lines, or the session's.
    connections: Vec<ConnectionView<'a>>,
    /// Where its packets go, with `rtp` and `rtcp`.
    destinations: Vec<DestinationView>,
    /// Its own `b=` lines.
    bandwidths: Vec<BandwidthView<'a>>,
    /// `k=`.
    key: &'a Option<Key>,
    /// `sendrecv`, `sendonly`, `recvonly` or `inactive`.
    direction: &'static str,
    /// `a=ptime` in milliseconds.
    ptime_ms: Option<f64>,
    /// `a=maxptime` in milliseconds.
    max_ptime_ms: Option<f64>,
    /// `a=mid`.
    mid: Option<&'a str>,
    /// `a=lang` lines.
    languages: Vec<&'a str>,
    /// `a=rtpmap` lines, with `payload_type`, `encoding`, `clock_rate`, `channels`.
    rtpmaps: Vec<RtpMap>,
    /// `a=fmtp` lines, with `payload_type` and `parameters`.
    fmtps: Vec<FmtpView<'a>>,
    /// `a=rtcp-mux`.
    is_rtcp_muxed: bool,
    /// `a=rtcp-fb` lines, with `payload_type` (`null` for all) and `feedback`.
    rtcp_feedback: Vec<RtcpFeedback>,
    /// `a=extmap` lines, with `id`, `direction`, `uri`, `parameters`.
    extension_maps: Vec<ExtensionMap>,
    /// `a=crypto` lines, with `tag`, `suite`, `keys`, `parameters`.
    cryptos: Vec<Crypto>,
    /// `a=source-filter` lines, with `mode` (`include`, `exclude`), `group` (`null` for all), `sources`.
    source_filters: Vec<SourceFilter>,
    /// All `a=` lines of the section, known or not.
    attributes: Vec<&'a Attribute>,
}

/// `c=`.
#[derive(serde::Serialize)]
struct ConnectionView<'a> {
    net_type: &'a str,
    address_type: &'a str,
    address: String,
    ttl: Option<u8>,
    count: u16,
}

/// `b=`; the unit is kbit/s for CT and AS, bit/s for TIAS, RS and RR.
#[derive(serde::Serialize)]
struct BandwidthView<'a> {
    kind: &'a str,
    value: u64,
}

/// `t=` with its `r=` and `z=`.
#[derive(serde::Serialize)]
struct TimeView<'a> {
    start_ntp: u64,
    stop_ntp: u64,
    start_unix: Option<i64>,
    stop_unix: Option<i64>,
    /// With `interval_secs`, `duration_secs`, `offsets_secs`.
    repeats: &'a [Repeat],
    /// With `at` (NTP) and `offset_secs`.
    zones: &'a [ZoneAdjustment],
}

#[derive(serde::Serialize)]
struct DestinationView {
    rtp: SocketAddr,
    rtcp: SocketAddr,
}

#[derive(serde::Serialize)]
struct FmtpView<'a> {
    payload_type: &'a str,
    parameters: &'a str,
}

impl<'a> DescriptionView<'a> {
    fn of(description: &'a Description) -> Self {
        let attributes = &description.attributes;
        Self {
            id: description.id(),
            origin: &description.origin,
            name: &description.name,
            information: &description.information,
            uri: &description.uri,
            emails: &description.emails,
            phones: &description.phones,
            connection: description.connection.as_ref().map(ConnectionView::of),
            bandwidths: BandwidthView::list(&description.bandwidths),
            times: description.times.iter().map(TimeView::of).collect(),
            key: &description.key,
            scope: description.scope(),
            is_encrypted: description.encryption().is_some(),
            conference_type: attributes.conference_type(),
            charset: attributes.charset(),
            tool: attributes.tool(),
            category: attributes.category(),
            keywords: attributes.keywords(),
            languages: attributes.languages().collect(),
            groups: attributes.groups().collect(),
            attributes: attributes.iter().collect(),
            media: description.mediums().map(MediumView::of).collect(),
        }
    }
}

impl<'a> MediumView<'a> {
    fn of(medium: Medium<'a>) -> Self {
        let media = medium.media;
        let attributes = &media.attributes;
        let destinations = medium.destinations();
        Self {
            kind: &media.kind,
            port: media.port,
            port_count: media.port_count,
            protocol: &media.protocol,
            formats: &media.formats,
            title: &media.title,
            connections: medium
                .connections()
                .iter()
                .map(ConnectionView::of)
                .collect(),
            destinations: destinations
                .into_iter()
                .map(|to| DestinationView {
                    rtp: to.rtp,
                    rtcp: to.rtcp,
                })
                .collect(),
            bandwidths: BandwidthView::list(&media.bandwidths),
            key: &media.key,
            direction: medium.direction().name(),
            ptime_ms: medium.ptime_ms(),
            max_ptime_ms: attributes.max_ptime_ms(),
            mid: attributes.mid(),
            languages: attributes.languages().collect(),
            rtpmaps: attributes.rtpmaps().collect(),
            fmtps: fmtps(attributes),
            is_rtcp_muxed: attributes.is_rtcp_muxed(),
            rtcp_feedback: attributes.rtcp_feedback().collect(),
            extension_maps: attributes.extension_maps().collect(),
            cryptos: attributes.cryptos().collect(),
            source_filters: medium.source_filters(),
            attributes: attributes.iter().collect(),
        }
    }
}

impl<'a> ConnectionView<'a> {
    fn of(connection: &'a Connection) -> Self {
        Self {
            net_type: &connection.net_type,
            address_type: &connection.address_type,
            address: connection.host.to_string(),
            ttl: connection.ttl,
            count: connection.count,
        }
    }
}

impl<'a> BandwidthView<'a> {
    fn list(lines: &'a [Bandwidth]) -> Vec<Self> {
        let lines = lines.iter();
        let view = |line: &'a Bandwidth| Self {
            kind: line.kind.name(),
            value: line.value,
        };
        lines.map(view).collect()
    }
}

impl<'a> TimeView<'a> {
    fn of(time: &'a Time) -> Self {
        Self {
            start_ntp: time.start.0,
            stop_ntp: time.stop.0,
            start_unix: time.start.unix_secs(),
            stop_unix: time.stop.unix_secs(),
            repeats: &time.repeats,
            zones: &time.zones,
        }
    }
}

fn fmtps(attributes: &Attributes) -> Vec<FmtpView<'_>> {
    let lines = attributes.values("fmtp").map(str::trim);
    let pairs = lines.filter_map(|line| line.split_once(char::is_whitespace));
    let view = |(payload_type, parameters)| FmtpView {
        payload_type,
        parameters,
    };
    pairs.map(view).collect()
}

impl Serialize for Direction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for NtpTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_in_json() {
        let text = "v=0\no=jdoe 1 2 IN IP4 10.0.0.1\ns=Talk\ni=About\nu=http://x\ne=a@b\np=+1\n\
            c=IN IP4 239.255.1.1/15/2\nb=CT:9\nt=3900000000 0\nr=7d 1h 0\nz=3900000001 -1h\na=tool:x\na=cat:c\n\
            a=group:LS 1\na=x-odd\nm=audio 5004 RTP/AVP 96\ni=Voice\nb=AS:80\nk=prompt\na=mid:1\n\
            a=rtpmap:96 opus/48000/2\na=fmtp:96 usedtx=1\na=extmap:1/sendonly urn:x\n\
            a=source-filter: incl IN IP4 * 10.0.0.9\na=recvonly\n";
        let json = serde_json::to_value(Description::parse(text.as_bytes()).unwrap()).unwrap();
        let expected = [
            ("/name", "\"Talk\""),
            ("/origin/version", "\"2\""),
            ("/information", "\"About\""),
            ("/emails/0", "\"a@b\""),
            ("/connection/ttl", "15"),
            ("/connection/count", "2"),
            ("/bandwidths/0/kind", "\"CT\""),
            ("/times/0/start_unix", "1691011200"),
            ("/times/0/stop_unix", "null"),
            ("/times/0/repeats/0/interval_secs", "604800"),
            ("/times/0/zones/0/offset_secs", "-3600"),
            ("/scope", "\"site\""),
            ("/is_encrypted", "true"),
            ("/tool", "\"x\""),
            ("/charset", "null"),
            ("/groups/0/mids/0", "\"1\""),
            ("/attributes/3/name", "\"x-odd\""),
            ("/media/0/title", "\"Voice\""),
            ("/media/0/destinations/1/rtcp", "\"239.255.1.2:5005\""),
            ("/media/0/key/method", "\"prompt\""),
            ("/media/0/direction", "\"recvonly\""),
            ("/media/0/rtpmaps/0/channels", "2"),
            ("/media/0/fmtps/0/parameters", "\"usedtx=1\""),
            ("/media/0/extension_maps/0/direction", "\"sendonly\""),
            ("/media/0/source_filters/0/mode", "\"include\""),
            ("/media/0/attributes/0/value", "\"1\""),
        ];
        for (path, value) in expected {
            assert_eq!(json.pointer(path).unwrap().to_string(), value, "{path}");
        }
    }
}
