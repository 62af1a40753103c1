//! A conference as its maker fills it in: a new one, or a change to one that exists.
mod audio;
mod pictures;
mod sound;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::SystemTime;

use fastrand::Rng;

pub use self::audio::{DraftAudio, NotACoding};
pub use self::pictures::{DraftVideo, FULL_GROUPS};
use super::Description;
use super::origin::{Origin, Version};
use super::time::{NtpTime, Time};
use crate::address::Scope;

/// What the maker of a conference decides; the rest of the description follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// `s=`.
    pub name: String,
    /// `i=`.
    pub description: Option<String>,
    /// `u=`.
    pub url: Option<String>,
    /// `e=`, the first of them.
    pub email: Option<String>,
    /// First moment; none for a conference that is always on.
    pub start: Option<SystemTime>,
    /// Last moment; none for one without end.
    pub stop: Option<SystemTime>,
    /// How far it reaches; see [`Draft::set_scope`].
    pub scope: Scope,
    /// How sound is coded; none keeps what a description from elsewhere says. See [`Draft::set_audio`].
    pub audio: Option<DraftAudio>,
    /// Milliseconds of sound in a packet; none for what suits the coding.
    pub ptime_ms: Option<u16>,
    /// Group and RTP port of the sound: given by the maker, or claimed.
    pub group: Option<SocketAddr>,
    /// Where pictures go, coded in H.264; none adds no video, and leaves that of an original as it is.
    pub video: Option<DraftVideo>,
    /// Hops; none for those of the scope.
    pub ttl: Option<u8>,
    /// Whether RTCP shares the port of RTP.
    pub is_rtcp_muxed: bool,
    /// Login name of the maker, or `-`.
    pub username: String,
    /// The maker's address.
    pub host: IpAddr,
    original: Option<Description>,
}

/// Why a draft makes no description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// People could not tell it from others.
    #[error("a conference needs a name")]
    NameMissing,
    /// It would never be on.
    #[error("the end is not after the start")]
    EndsBeforeStart,
    /// Neither given nor claimed.
    #[error("a conference needs a group and a port")]
    GroupMissing,
    /// An address that is no group, or port 0.
    #[error("{0} is no multicast group with a port")]
    NotAGroup(SocketAddr),
    /// A packet would be longer than networks carry.
    #[error("{ptime_ms} ms of sound do not fit into a packet, at most {max_ms} do")]
    PacketTooLong {
        /// What was asked for.
        ptime_ms: u16,
        /// What fits.
        max_ms: u16,
    },
}

impl Draft {
    /// A new conference of site scope with Opus; all else is open.
    pub fn new(name: &str, host: IpAddr) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            url: None,
            email: None,
            start: None,
            stop: None,
            scope: Scope::default(),
            audio: Some(DraftAudio::default()),
            ptime_ms: None,
            group: None,
            video: None,
            ttl: None,
            is_rtcp_muxed: false,
            username: "-".to_owned(),
            host,
            original: None,
        }
    }

    /// A change to a conference: what the draft does not speak of stays as it is.
    pub fn from_description(original: &Description) -> Self {
        let host = original
            .origin
            .as_ref()
            .and_then(|origin| origin.address.parse().ok());
        let mut draft = Self::new(&original.name, host.unwrap_or(UNKNOWN_HOST));
        draft.description = original.information.clone();
        draft.url = original.uri.clone();
        draft.email = original.emails.first().cloned();
        let time = original.times.first();
        draft.start = time.and_then(|time| time.start.to_system());
        draft.stop = time.and_then(|time| time.stop.to_system());
        draft.scope = original.scope().unwrap_or_default();
        draft.audio = None;
        if let Some(audio) = original.mediums().find(|medium| medium.media.is_audio()) {
            draft.audio = DraftAudio::of(audio.media);
            draft.ptime_ms = audio
                .media
                .attributes
                .value("ptime")
                .and_then(|ms| ms.trim().parse().ok());
            draft.group = audio.groups().first().copied();
            draft.ttl = audio.ttl();
            draft.is_rtcp_muxed = audio.media.attributes.is_rtcp_muxed();
        }
        draft.video = DraftVideo::of(original);
        if let Some(origin) = &original.origin {
            draft.username.clone_from(&origin.username);
        }
        draft.original = Some(original.clone());
        draft
    }

    /// Another scope needs another group, which is to be claimed or given anew.
    pub fn set_scope(&mut self, scope: Scope) {
        if self.scope != scope {
            self.scope = scope;
            self.group = None;
            self.ttl = None;
        }
    }

    /// Another coding goes with packets of its own length.
    pub fn set_audio(&mut self, audio: DraftAudio) {
        if self.audio != Some(audio) {
            self.audio = Some(audio);
            self.ptime_ms = None;
        }
    }

    /// Makes the description. A change keeps the identity and raises the version; `now` and `rng` make the session id
    /// of a new one.
    pub fn describe(&self, now: SystemTime, rng: &mut Rng) -> Result<Description, DraftError> {
        self.check()?;
        let mut description = self.original.clone().unwrap_or_default();
        let before = self.original.as_ref().map(Self::from_description);
        description.origin = Some(self.origin(now, rng));
        description.name = one_line(&self.name);
        description.information = field(self.description.as_deref());
        description.uri = field(self.url.as_deref());
        self.write_email(&mut description);
        self.write_time(&mut description, before.as_ref());
        description.attributes.set("tool", TOOL);
        if before.is_none() {
            description.attributes.set("type", "meeting");
        }
        self.write_audio(&mut description, before.as_ref())?;
        self.write_video(&mut description, before.as_ref())?;
        Ok(description)
    }

    fn check(&self) -> Result<(), DraftError> {
        if one_line(&self.name).is_empty() {
            return Err(DraftError::NameMissing);
        }
        if self.stop.is_some() && self.stop <= self.start {
            return Err(DraftError::EndsBeforeStart);
        }
        Ok(())
    }

    fn origin(&self, now: SystemTime, rng: &mut Rng) -> Origin {
        let now = NtpTime::from_system(now).0;
        let original = self
            .original
            .as_ref()
            .and_then(|original| original.origin.clone());
        if let Some(origin) = original {
            let version = origin.version.after(now);
            return Origin { version, ..origin };
        }
        // RFC 8866 section 5.2 wants NTP time; the random bits keep apart what two computers, or one after its clock
        // went back, make at the same second.
        let session_id = (now << 24) | u64::from(rng.u32(..) >> 8);
        let username: String = self.username.split_whitespace().collect();
        Origin {
            username: if username.is_empty() {
                "-".to_owned()
            } else {
                username
            },
            session_id: session_id.to_string(),
            version: Version::new(&now.to_string()),
            net_type: "IN".to_owned(),
            address_type: if self.host.is_ipv4() { "IP4" } else { "IP6" }.to_owned(),
            address: self.host.to_string(),
        }
    }

    fn write_email(&self, description: &mut Description) {
        let email = field(self.email.as_deref());
        let others = description.emails.iter().skip(1).cloned();
        description.emails = email.into_iter().chain(others).collect();
    }

    /// Repetitions and further times stay.
    fn write_time(&self, description: &mut Description, before: Option<&Self>) {
        if before.is_some_and(|before| (before.start, before.stop) == (self.start, self.stop)) {
            return;
        }
        if description.times.is_empty() {
            description.times.push(Time::permanent());
        }
        if let Some(time) = description.times.first_mut() {
            time.start = self.start.map(NtpTime::from_system).unwrap_or_default();
            time.stop = self.stop.map(NtpTime::from_system).unwrap_or_default();
        }
    }
}

const UNKNOWN_HOST: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const TOOL: &str = concat!("rendezvous ", env!("CARGO_PKG_VERSION"));

/// A field is one line, whatever was pasted into it.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    clean.trim().to_owned()
}

/// An optional field: none where nothing was filled in.
fn field(text: Option<&str>) -> Option<String> {
    text.map(one_line).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::description::{Bandwidth, BandwidthKind};

    const GROUP: &str = "239.255.7.9:20000";

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn draft() -> Draft {
        let mut draft = Draft::new("Morning round", IpAddr::from([10, 0, 0, 1]));
        draft.group = GROUP.parse().ok();
        draft
    }

    fn describe(draft: &Draft) -> Description {
        let description = draft.describe(now(), &mut Rng::with_seed(1)).unwrap();
        let written = description.to_string();
        assert_eq!(
            Description::parse(written.as_bytes()),
            Ok(description.clone())
        );
        description
    }

    #[test]
    fn new_conference_in_known_lines() {
        let mut draft = draft();
        draft.description = Some("What is\r\nnew".to_owned());
        draft.url = Some("http://example.org".to_owned());
        draft.email = Some("a@example.org".to_owned());
        draft.start = Some(now());
        draft.stop = Some(now() + Duration::from_secs(3600));
        let text = describe(&draft).to_string();
        let (first, rest) = text.split_once(" 4008988800 IN ").unwrap();
        assert!(first.starts_with("v=0\r\no=- 6725967"), "{first}");
        let expected = "IP4 10.0.0.1\r\ns=Morning round\r\ni=What is  new\r\nu=http://example.org\r\n\
            e=a@example.org\r\nt=4008988800 4008992400\r\na=tool:rendezvous 0.1.0\r\na=type:meeting\r\n\
            m=audio 20000 RTP/AVP 96\r\nc=IN IP4 239.255.7.9/15\r\nb=AS:80\r\nb=RS:8000\r\nb=RR:24000\r\n\
            a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1;usedtx=1\r\na=ptime:20\r\n";
        assert_eq!(rest.replace(env!("CARGO_PKG_VERSION"), "0.1.0"), expected);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let error = |change: &dyn Fn(&mut Draft)| {
            let mut draft = draft();
            change(&mut draft);
            draft.describe(now(), &mut Rng::with_seed(1)).unwrap_err()
        };
        assert_eq!(
            error(&|d| d.name = " \n".to_owned()),
            DraftError::NameMissing
        );
        assert_eq!(error(&|d| d.group = None), DraftError::GroupMissing);
        let ends_first = |d: &mut Draft| (d.start, d.stop) = (Some(now()), Some(now()));
        assert_eq!(error(&ends_first), DraftError::EndsBeforeStart);
        for group in ["10.0.0.1:5004", "239.1.1.1:0"] {
            let group = group.parse().unwrap();
            assert_eq!(
                error(&|d| d.group = Some(group)),
                DraftError::NotAGroup(group)
            );
        }
        let (ptime_ms, max_ms) = (16, 15);
        let long = |d: &mut Draft| (d.audio, d.ptime_ms) = (Some(DraftAudio::L16), Some(ptime_ms));
        assert_eq!(error(&long), DraftError::PacketTooLong { ptime_ms, max_ms });
    }

    #[test]
    fn change_of_the_name_touches_nothing_else() {
        let text = "v=0\r\no=jdoe 17 40 IN IP4 10.0.0.9\r\ns=Old\r\ne=a@b\r\ne=c@d\r\n\
            t=3900000000 0\r\nr=604800 3600 0\r\na=x-first:1\r\na=tool:sdr v3.1\r\na=x-last\r\n\
            m=audio 5004 RTP/AVP 98 0\r\nc=IN IP4 239.255.7.9/12\r\na=rtpmap:98 speex/8000\r\na=x-mine:2\r\n\
            m=video 5006 RTP/AVP 31\r\nc=IN IP4 239.255.7.10/12\r\n";
        let original = Description::parse(text.as_bytes()).unwrap();
        let mut draft = Draft::from_description(&original);
        draft.name = "New".to_owned();
        let changed = describe(&draft);
        assert_eq!(changed.id(), original.id());
        assert!(changed.version() > original.version());
        let expected = text
            .replace("17 40", "17 4008988800")
            .replace("s=Old", "s=New")
            .replace("tool:sdr v3.1", TOOL_LINE);
        assert_eq!(changed.to_string(), expected);
    }

    #[test]
    fn change_of_the_sound_keeps_what_is_unknown() {
        let mut original = describe(&draft());
        original.media[0].attributes.push("x-mine", Some("2"));
        let mut draft = Draft::from_description(&original);
        draft.set_audio(DraftAudio::Pcmu);
        draft.is_rtcp_muxed = true;
        draft.set_scope(Scope::Organisation);
        assert_eq!(draft.group, None);
        draft.group = "239.192.1.1:6000".parse().ok();
        let changed = describe(&draft);
        let section = changed.to_string().split_once("m=").unwrap().1.to_owned();
        let expected = "audio 6000 RTP/AVP 0\r\nc=IN IP4 239.192.1.1/63\r\nb=AS:80\r\nb=RS:4000\r\nb=RR:12000\r\n\
            a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=x-mine:2\r\na=rtcp-mux\r\n";
        assert_eq!(section, expected);
        assert_eq!(
            Draft::from_description(&changed).audio,
            Some(DraftAudio::Pcmu)
        );
    }

    #[test]
    fn change_of_the_scope_changes_what_depends_on_it() {
        let mut original = describe(&draft());
        let private = BandwidthKind::Other("X-MINE".to_owned());
        original.media[0]
            .bandwidths
            .push(Bandwidth::new(private, 7));
        let mut draft = Draft::from_description(&original);
        draft.set_scope(Scope::World);
        draft.group = "224.2.200.1:6000".parse().ok();
        let changed = describe(&draft).to_string();
        let section = changed.split_once("m=").unwrap().1;
        let expected = "audio 6000 RTP/AVP 96\r\nc=IN IP4 224.2.200.1/127\r\nb=X-MINE:7\r\nb=AS:80\r\nb=RS:1000\r\n\
            b=RR:3000\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1;usedtx=1\r\na=ptime:20\r\n";
        assert_eq!(section, expected);
    }

    #[test]
    fn another_coding_has_packets_of_its_own_length() {
        let mut draft = Draft::from_description(&describe(&draft()));
        assert_eq!(draft.ptime_ms, Some(20));
        draft.set_audio(DraftAudio::L16);
        assert_eq!(describe(&draft).medium(0).unwrap().ptime_ms(), Some(10.0));
    }

    #[test]
    fn versions_rise_within_one_second() {
        let first = describe(&draft());
        let second = describe(&Draft::from_description(&first));
        assert!(second.version() > first.version());
        assert_eq!(second.id(), first.id());
    }

    const TOOL_LINE: &str = concat!("tool:rendezvous ", env!("CARGO_PKG_VERSION"));
}
