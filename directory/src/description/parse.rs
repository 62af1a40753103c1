//! From lines to a description.
use super::attribute::check_rtcp;
use super::bandwidth::Bandwidth;
use super::connection::Connection;
use super::encryption::Key;
use super::error::{ParseError, Reason};
use super::origin::Origin;
use super::text::{self, Line};
use super::time::{Repeat, Time, ZoneAdjustment};
use super::{Description, Media};

impl Description {
    /// Longest description that is read, in bytes; SAP carries at most one datagram, a file may hold more.
    pub const MAX_BYTES: usize = 64 * 1024;
    const MAX_LINES: usize = 2048;
    const MAX_MEDIA: usize = 64;
    const MAX_TIMES: usize = 32;
    const MAX_REPEATS: usize = 64;
    const MAX_CONNECTIONS: usize = 32;

    /// Reads a description; the module says what is forgiven and what is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.len() > Self::MAX_BYTES {
            let reason = too_many("bytes", Self::MAX_BYTES);
            return Err(error(1, "v=", reason));
        }
        let mut reader = Reader::default();
        for line in text::lines(bytes) {
            if line.number > Self::MAX_LINES {
                let reason = too_many("lines", Self::MAX_LINES);
                return Err(error(line.number, field(line.kind), reason));
            }
            if line.kind == 'v' && reader.version_line.is_some() {
                break;
            }
            let taken = reader.take(&line);
            taken.map_err(|(name, reason)| error(line.number, name, reason))?;
        }
        reader.finish(text::count(bytes))
    }
}

/// A description as far as it has been read.
#[derive(Default)]
struct Reader {
    description: Description,
    version_line: Option<usize>,
    /// Where `a=bundle-only` stands outside a medium.
    stray_bundle_line: Option<usize>,
    has_name: bool,
    repeats: usize,
}

impl Reader {
    fn take(&mut self, line: &Line<'_>) -> Result<(), (&'static str, Reason)> {
        let value = line.value.as_ref();
        let taken = match line.kind {
            'v' => self.take_version(line),
            'o' => self.take_origin(value),
            's' => self.take_name(value),
            'i' => self.take_information(value),
            'u' => {
                set_once(&mut self.description.uri, value.trim());
                Ok(())
            }
            'e' => push(&mut self.description.emails, value),
            'p' => push(&mut self.description.phones, value),
            'c' => self.take_connection(value),
            'b' => self.take_bandwidth(value),
            't' => self.take_time(value),
            'r' => self.take_repeat(value),
            'z' => self.take_zones(value),
            'k' => self.take_key(value),
            'a' => return self.take_attribute(line),
            'm' => self.take_media(value),
            _ => Ok(()),
        };
        taken.map_err(|reason| (field(line.kind), reason))
    }

    fn take_version(&mut self, line: &Line<'_>) -> Result<(), Reason> {
        if line.value.trim() != "0" {
            let text = line.value.as_ref().into();
            return Err(Reason::UnknownVersion { text });
        }
        self.version_line = Some(line.number);
        Ok(())
    }

    fn take_origin(&mut self, value: &str) -> Result<(), Reason> {
        let origin = Origin::parse(value)?;
        self.description.origin.get_or_insert(origin);
        Ok(())
    }

    /// A name that is only blank means that there is none (RFC 8866 section 5.3).
    fn take_name(&mut self, value: &str) -> Result<(), Reason> {
        if !self.has_name {
            self.has_name = true;
            self.description.name = value.trim().to_owned();
        }
        Ok(())
    }

    fn take_information(&mut self, value: &str) -> Result<(), Reason> {
        let description = &mut self.description;
        let own = match description.media.last_mut() {
            Some(media) => &mut media.title,
            None => &mut description.information,
        };
        set_once(own, value);
        Ok(())
    }

    fn take_connection(&mut self, value: &str) -> Result<(), Reason> {
        let connection = Connection::parse(value)?;
        match self.description.media.last_mut() {
            Some(media) if media.connections.len() == Description::MAX_CONNECTIONS => {
                return Err(too_many("addresses", Description::MAX_CONNECTIONS));
            }
            Some(media) => media.connections.push(connection),
            None => drop(self.description.connection.get_or_insert(connection)),
        }
        Ok(())
    }

    fn take_bandwidth(&mut self, value: &str) -> Result<(), Reason> {
        let description = &mut self.description;
        let own = match description.media.last_mut() {
            Some(media) => &mut media.bandwidths,
            None => &mut description.bandwidths,
        };
        own.extend(Bandwidth::parse(value));
        Ok(())
    }

    fn take_time(&mut self, value: &str) -> Result<(), Reason> {
        self.description.times.push(Time::parse(value)?);
        if self.description.times.len() > Description::MAX_TIMES {
            return Err(too_many("times", Description::MAX_TIMES));
        }
        Ok(())
    }

    fn take_repeat(&mut self, value: &str) -> Result<(), Reason> {
        let repeat = Repeat::parse(value)?;
        let last = self.description.times.last_mut();
        last.ok_or(Reason::OutOfPlace { before: "t=" })?
            .repeats
            .push(repeat);
        self.repeats += 1;
        if self.repeats > Description::MAX_REPEATS {
            return Err(too_many("repetitions", Description::MAX_REPEATS));
        }
        Ok(())
    }

    fn take_zones(&mut self, value: &str) -> Result<(), Reason> {
        let zones = ZoneAdjustment::parse_list(value)?;
        let last = self.description.times.last_mut();
        last.ok_or(Reason::OutOfPlace { before: "t=" })?.zones = zones;
        Ok(())
    }

    fn take_key(&mut self, value: &str) -> Result<(), Reason> {
        let description = &mut self.description;
        let own = match description.media.last_mut() {
            Some(media) => &mut media.key,
            None => &mut description.key,
        };
        own.get_or_insert(Key::parse(value));
        Ok(())
    }

    fn take_attribute(&mut self, line: &Line<'_>) -> Result<(), (&'static str, Reason)> {
        check_rtcp(&line.value).map_err(|reason| ("a=rtcp", reason))?;
        let own = match self.description.media.last_mut() {
            Some(media) => &mut media.attributes,
            None => {
                if line.value.trim() == "bundle-only" {
                    self.stray_bundle_line = Some(line.number);
                }
                &mut self.description.attributes
            }
        };
        own.push_line(&line.value);
        Ok(())
    }

    fn take_media(&mut self, value: &str) -> Result<(), Reason> {
        self.description.media.push(Media::parse(value)?);
        if self.description.media.len() > Description::MAX_MEDIA {
            return Err(too_many("media", Description::MAX_MEDIA));
        }
        Ok(())
    }

    fn finish(self, last_line: usize) -> Result<Description, ParseError> {
        let description = self.description;
        let Some(version_line) = self.version_line else {
            let what = "version line";
            return Err(error(1, "v=", Reason::Missing { what }));
        };
        let has_begun = self.has_name || description.origin.is_some();
        if has_begun && description.times.is_empty() && description.media.is_empty() {
            return Err(error(last_line, "t=", Reason::CutOff));
        }
        if description.origin.is_none() && names_a_group(&description) {
            return Err(error(version_line + 1, "o=", Reason::OriginMissing));
        }
        match self.stray_bundle_line {
            Some(line) if description.media.iter().any(|media| media.port == 0) => {
                let before = "m=";
                Err(error(line, "a=bundle-only", Reason::OutOfPlace { before }))
            }
            _ => Ok(description),
        }
    }
}

fn names_a_group(description: &Description) -> bool {
    let mut mediums = description.mediums();
    mediums.any(|medium| {
        medium.media.port != 0 && medium.connections().iter().any(Connection::is_multicast)
    })
}

fn set_once(place: &mut Option<String>, value: &str) {
    place.get_or_insert_with(|| value.to_owned());
}

fn push(list: &mut Vec<String>, value: &str) -> Result<(), Reason> {
    list.push(value.trim().to_owned());
    Ok(())
}

fn too_many(what: &'static str, limit: usize) -> Reason {
    Reason::TooMany { what, limit }
}

fn error(line: usize, field: &'static str, reason: Reason) -> ParseError {
    ParseError {
        line,
        field,
        reason,
    }
}

fn field(kind: char) -> &'static str {
    match kind {
        'v' => "v=",
        'o' => "o=",
        'c' => "c=",
        't' => "t=",
        'r' => "r=",
        'z' => "z=",
        'a' => "a=",
        'm' => "m=",
        's' => "s=",
        'i' => "i=",
        'u' => "u=",
        'e' => "e=",
        'p' => "p=",
        'b' => "b=",
        'k' => "k=",
        _ => "unknown field",
    }
}
