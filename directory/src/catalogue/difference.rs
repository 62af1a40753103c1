//! What two descriptions of one conference tell differently, in the words of the people who read it.

use crate::description::{Attributes, Connection, Description};

/// A part of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The version in `o=`.
    Version,
    /// `s=`.
    Name,
    /// `i=` of the session.
    Information,
    /// `t=`, `r=` and `z=`.
    Times,
    /// Addresses and ports.
    Addresses,
    /// Kinds of media, their formats and attributes.
    Media,
    /// Anything else.
    Other,
}

impl Field {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Name => "name",
            Self::Information => "information",
            Self::Times => "times",
            Self::Addresses => "addresses",
            Self::Media => "media",
            Self::Other => "other lines",
        }
    }
}

/// What differs between two descriptions of one conference; nothing only if all is equal.
pub fn differences(a: &Description, b: &Description) -> Vec<Field> {
    let compared = [
        (Field::Version, a.version() == b.version()),
        (Field::Name, a.name == b.name),
        (Field::Information, a.information == b.information),
        (Field::Times, a.times == b.times),
        (Field::Addresses, addresses(a) == addresses(b)),
        (Field::Media, media(a) == media(b)),
        (Field::Other, rest(a) == rest(b)),
    ];
    let differing = compared.into_iter().filter(|(_, is_equal)| !is_equal);
    differing.map(|(field, _)| field).collect()
}

fn addresses(description: &Description) -> Vec<(Vec<&Connection>, u16, u16)> {
    let of_medium = description.mediums().map(|medium| {
        (
            medium.connections().iter().collect(),
            medium.media.port,
            medium.media.port_count,
        )
    });
    of_medium.collect()
}

fn media(description: &Description) -> Vec<(&str, &str, &[String], &Attributes)> {
    let media = description.media.iter();
    media
        .map(|media| {
            let formats = media.formats.as_slice();
            (
                media.kind.as_str(),
                media.protocol.as_str(),
                formats,
                &media.attributes,
            )
        })
        .collect()
}

/// The description without what is compared above.
fn rest(description: &Description) -> Description {
    let mut rest = description.clone();
    rest.origin = None;
    rest.name.clear();
    rest.information = None;
    rest.times.clear();
    rest.connection = None;
    for media in &mut rest.media {
        media.kind.clear();
        media.protocol.clear();
        media.formats.clear();
        media.connections.clear();
        media.attributes = Attributes::default();
        (media.port, media.port_count) = (0, 1);
    }
    rest
}
