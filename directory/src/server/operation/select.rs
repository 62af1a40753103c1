//! Which attributes of an entry a search wants (RFC 4511 section 4.5.1.8), and writing them.
use super::super::entry::attributes::put_attribute;
use super::super::entry::moment::Moment;
use super::super::entry::schema::Schema;
use super::super::entry::{Entry, OPERATIONAL};

/// Attributes wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct Selection {
    all: bool,
    all_operational: bool,
    /// Wanted by name, with every name that the attribute has.
    names: Vec<String>,
    types_only: bool,
}

impl Selection {
    /// Reads the list of a request; an empty one means all of the user's.
    pub(in crate::server) fn new(schema: &Schema, wanted: &[String], types_only: bool) -> Self {
        let mut selection = Self {
            all: wanted.is_empty(),
            types_only,
            ..Self::default()
        };
        for name in wanted {
            match name.as_str() {
                "*" => selection.all = true,
                "+" => selection.all_operational = true,
                "1.1" => {}
                name => match schema.attribute(name) {
                    Some(known) => selection.names.extend(known.names.iter().cloned()),
                    None => selection.names.push(name.to_owned()),
                },
            }
        }
        selection
    }

    /// Writes what is wanted of an entry.
    pub(in crate::server) fn put(&self, out: &mut Vec<u8>, entry: &Entry, now: Moment) {
        if self.all && !self.types_only {
            out.extend_from_slice(entry.attributes.as_bytes());
        } else {
            self.put_some(out, entry);
        }
        for name in OPERATIONAL {
            if (self.all_operational || self.is_named(name))
                && let Some(value) = entry.operational(name, now)
            {
                self.put_made_up(out, name, &[&value]);
            }
        }
    }

    /// Writes an attribute that is in no entry, if it is wanted.
    pub(in crate::server) fn put_own(
        &self,
        out: &mut Vec<u8>,
        name: &str,
        values: &[&str],
        is_operational: bool,
    ) {
        let is_included = match is_operational {
            true => self.all_operational,
            false => self.all,
        };
        if (is_included || self.is_named(name)) && !values.is_empty() {
            self.put_made_up(out, name, values);
        }
    }

    fn put_some(&self, out: &mut Vec<u8>, entry: &Entry) {
        for attribute in entry.attributes.iter() {
            match self.all || self.is_named(attribute.name) {
                true if self.types_only => put_attribute(out, attribute.name, [].into_iter()),
                true => out.extend_from_slice(attribute.encoded),
                false => {}
            }
        }
    }

    fn put_made_up(&self, out: &mut Vec<u8>, name: &str, values: &[&str]) {
        let values = values.iter().map(|value| value.as_bytes());
        match self.types_only {
            true => put_attribute(out, name, [].into_iter()),
            false => put_attribute(out, name, values),
        }
    }

    fn is_named(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}
