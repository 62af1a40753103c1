//! From a description to RFC 8866: its order of lines, CRLF, nothing that could break out of a line.
use std::fmt::{self, Display, Formatter, Write as _};

use super::attribute::{Attribute, Attributes};
use super::encryption::{KEY_WITHHELD, Key};
use super::time::Time;
use super::{Description, Media, text};

impl Display for Description {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        line(f, 'v', "0")?;
        lines(f, 'o', &self.origin)?;
        line(
            f,
            's',
            if self.name.is_empty() {
                " "
            } else {
                &self.name
            },
        )?;
        lines(f, 'i', &self.information)?;
        lines(f, 'u', &self.uri)?;
        lines(f, 'e', &self.emails)?;
        lines(f, 'p', &self.phones)?;
        lines(f, 'c', &self.connection)?;
        lines(f, 'b', &self.bandwidths)?;
        self.times.iter().try_for_each(|time| write_time(f, time))?;
        if self.times.is_empty() {
            write_time(f, &Time::permanent())?;
        }
        write_attributes(f, &self.attributes)?;
        write_withheld(f, self.key.as_ref(), &self.attributes)?;
        self.media
            .iter()
            .try_for_each(|media| write_media(f, media))
    }
}

fn write_time(f: &mut Formatter<'_>, time: &Time) -> fmt::Result {
    line(f, 't', format_args!("{} {}", time.start.0, time.stop.0))?;
    lines(f, 'r', &time.repeats)?;
    if time.zones.is_empty() {
        return Ok(());
    }
    let zones: Vec<String> = time.zones.iter().map(ToString::to_string).collect();
    line(f, 'z', zones.join(" "))
}

fn write_media(f: &mut Formatter<'_>, media: &Media) -> fmt::Result {
    line(f, 'm', media)?;
    lines(f, 'i', &media.title)?;
    lines(f, 'c', &media.connections)?;
    lines(f, 'b', &media.bandwidths)?;
    write_attributes(f, &media.attributes)?;
    write_withheld(f, media.key.as_ref(), &media.attributes)
}

/// A key is not passed on (RFC 8866 section 5.12), but that there was one is: nobody shall join what it protects in clear.
fn write_withheld(
    f: &mut Formatter<'_>,
    key: Option<&Key>,
    attributes: &Attributes,
) -> fmt::Result {
    match key {
        Some(_) if !attributes.has(KEY_WITHHELD) => line(f, 'a', KEY_WITHHELD),
        _ => Ok(()),
    }
}

/// What is written is UTF-8, so a charset that says otherwise is corrected.
fn write_attributes(f: &mut Formatter<'_>, attributes: &Attributes) -> fmt::Result {
    attributes
        .iter()
        .try_for_each(|Attribute { name, value }| match value {
            Some(value) if name == "charset" && text::is_latin1(value.trim()) => {
                line(f, 'a', "charset:UTF-8")
            }
            Some(value) => line(f, 'a', format_args!("{name}:{value}")),
            None => line(f, 'a', name),
        })
}

fn lines<'a, T: Display + 'a>(
    f: &mut Formatter<'_>,
    kind: char,
    values: impl IntoIterator<Item = &'a T>,
) -> fmt::Result {
    values
        .into_iter()
        .try_for_each(|value| line(f, kind, value))
}

fn line(f: &mut Formatter<'_>, kind: char, value: impl Display) -> fmt::Result {
    write!(f, "{kind}=")?;
    write!(OneLine(f), "{value}")?;
    f.write_str("\r\n")
}

/// Turns what would end a line, or the description, into spaces.
struct OneLine<'a, 'b>(&'a mut Formatter<'b>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, part) in text.split(['\r', '\n', '\0']).enumerate() {
            if index > 0 {
                self.0.write_char(' ')?;
            }
            self.0.write_str(part)?;
        }
        Ok(())
    }
}
