//! What a payload type means: `a=rtpmap`, `a=fmtp`, `a=rtcp-fb`.
use super::Attributes;

/// `a=rtpmap` (RFC 8866 section 6.6).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RtpMap {
    /// RTP payload type.
    pub payload_type: u8,
    /// Name of the encoding; case does not matter.
    pub encoding: String,
    /// RTP clock in Hz.
    pub clock_rate: u32,
    /// Channels of sound, where given.
    pub channels: Option<u8>,
}

/// `a=rtcp-fb` (RFC 4585 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RtcpFeedback {
    /// Payload type; none for `*`, which is all.
    pub payload_type: Option<u8>,
    /// What may be sent, as it stands: `nack pli`.
    pub feedback: String,
}

/// The text of an `a=fmtp` line as `name=value` pairs, as most formats have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatParameters<'a>(pub &'a str);

impl Attributes {
    /// All `a=rtpmap` lines.
    pub fn rtpmaps(&self) -> impl Iterator<Item = RtpMap> {
        self.values("rtpmap").filter_map(RtpMap::parse)
    }

    /// The `a=rtpmap` line of one payload type.
    pub fn rtpmap(&self, payload_type: u8) -> Option<RtpMap> {
        self.rtpmaps().find(|map| map.payload_type == payload_type)
    }

    /// The `a=fmtp` line of one payload type (RFC 8866 section 6.15).
    pub fn fmtp(&self, payload_type: u8) -> Option<FormatParameters<'_>> {
        self.values("fmtp").find_map(|value| {
            let (format, parameters) = value.trim().split_once(char::is_whitespace)?;
            let is_wanted = format.parse() == Ok(payload_type);
            is_wanted.then_some(FormatParameters(parameters.trim()))
        })
    }

    /// All `a=rtcp-fb` lines.
    pub fn rtcp_feedback(&self) -> impl Iterator<Item = RtcpFeedback> {
        self.values("rtcp-fb").filter_map(RtcpFeedback::parse)
    }
}

impl<'a> FormatParameters<'a> {
    /// Value of one parameter; names are compared without regard to case.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.iter();
        parameters.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// All parameters; the value of one without `=` is empty.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let parameters = self
            .0
            .split(';')
            .map(str::trim)
            .filter(|text| !text.is_empty());
        parameters.map(|text| text.split_once('=').unwrap_or((text, "")))
    }
}

impl RtpMap {
    fn parse(value: &str) -> Option<Self> {
        let (payload_type, rest) = value.trim().split_once(char::is_whitespace)?;
        let mut parts = rest.split_whitespace().next()?.split('/');
        Some(Self {
            payload_type: payload_type.parse().ok().filter(|pt| *pt < 128)?,
            encoding: parts.next()?.to_owned(),
            clock_rate: parts.next()?.parse().ok()?,
            channels: parts.next().and_then(|channels| channels.parse().ok()),
        })
    }
}

impl RtcpFeedback {
    fn parse(value: &str) -> Option<Self> {
        let (format, feedback) = value.trim().split_once(char::is_whitespace)?;
        let payload_type = match format {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        let feedback = feedback.trim().to_owned();
        Some(Self {
            payload_type,
            feedback,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes;

    #[test]
    fn rtpmaps_as_devices_send_them() {
        let read = attributes(&[
            "rtpmap:96 opus/48000/2",
            "rtpmap: 97 L16/44100 ",
            "rtpmap:98 AppleLossless",
            "rtpmap:300 x/1",
        ]);
        let opus = read.rtpmap(96).unwrap();
        assert_eq!(
            (opus.encoding.as_str(), opus.clock_rate, opus.channels),
            ("opus", 48000, Some(2))
        );
        let l16 = read.rtpmap(97).unwrap();
        assert_eq!(
            (l16.encoding.as_str(), l16.clock_rate, l16.channels),
            ("L16", 44100, None)
        );
        assert_eq!(read.rtpmaps().count(), 2);
    }

    #[test]
    fn parameters_are_found_by_name() {
        let read = attributes(&["fmtp:96 useinbandfec=1; UseDTX=1;;flag", "fmtp:101 0-15"]);
        let opus = read.fmtp(96).unwrap();
        assert_eq!(opus.value("usedtx"), Some("1"));
        assert_eq!(opus.value("flag"), Some(""));
        assert_eq!(opus.value("stereo"), None);
        assert_eq!(read.fmtp(101).unwrap().0, "0-15");
        assert_eq!(read.fmtp(0), None);
    }

    #[test]
    fn feedback_for_one_and_for_all() {
        let read = attributes(&[
            "rtcp-fb:* nack pli",
            "rtcp-fb:96 transport-cc",
            "rtcp-fb:x y",
        ]);
        let feedback: Vec<_> = read
            .rtcp_feedback()
            .map(|f| (f.payload_type, f.feedback))
            .collect();
        let expected = [
            (None, "nack pli".to_owned()),
            (Some(96), "transport-cc".to_owned()),
        ];
        assert_eq!(feedback, expected);
    }
}
