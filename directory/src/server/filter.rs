//! Search filters (RFC 4511 section 4.5.1.7): made ready once, then asked of many entries.
use ldap3_proto::LdapFilter;
use ldap3_proto::proto::LdapMatchingRuleAssertion;

use super::entry::matching::{Matching, Wanted};
use super::entry::moment::Moment;
use super::entry::schema::Schema;
use super::entry::{Entry, OPERATIONAL};

/// A filter made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Equal(Attribute, Wanted),
    Part(Attribute, Parts),
    AtLeast(Attribute, Wanted),
    AtMost(Attribute, Wanted),
    Present(Attribute),
    /// Equal to a value in any of the attributes; without one, of those of text.
    Any(Vec<Attribute>, Vec<u8>),
    /// Neither true nor false: what is asked makes no sense to this server.
    Undefined,
    /// Always so.
    True,
}

/// The attribute that a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    /// All its names, the usual one first.
    pub(super) names: Vec<String>,
    matching: Matching,
    is_made_up: bool,
}

/// What a value begins with, contains, and ends with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) initial: String,
    any: Vec<String>,
    last: String,
}

/// Why a filter is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooComplex;

impl Filter {
    /// Makes a filter ready, of at most `terms` terms.
    pub(super) fn ready(
        schema: &Schema,
        filter: &LdapFilter,
        terms: usize,
    ) -> Result<Self, TooComplex> {
        let mut left = terms;
        ready(schema, filter, &mut left)
    }

    /// Whether an entry is what is asked for; not if that is undefined.
    pub(super) fn is_met(&self, entry: &Entry, now: Moment) -> bool {
        self.evaluate(entry, now) == Some(true)
    }

    /// In RFC 4511's three-valued logic, none being Undefined.
    fn evaluate(&self, entry: &Entry, now: Moment) -> Option<bool> {
        match self {
            Self::And(all) => conclude(all.iter().map(|one| one.evaluate(entry, now)), false),
            Self::Or(any) => conclude(any.iter().map(|one| one.evaluate(entry, now)), true),
            Self::Not(one) => one.evaluate(entry, now).map(|is_met| !is_met),
            Self::Present(attribute) => Some(attribute.any(entry, now, |_| true)),
            Self::Equal(attribute, wanted) => Some(attribute.any(entry, now, |value| {
                attribute.matching.is_equal(value, wanted)
            })),
            Self::AtLeast(attribute, wanted) => Some(attribute.any(entry, now, |value| {
                let order = attribute.matching.compare(value, wanted);
                order.is_some_and(std::cmp::Ordering::is_ge)
            })),
            Self::AtMost(attribute, wanted) => Some(attribute.any(entry, now, |value| {
                let order = attribute.matching.compare(value, wanted);
                order.is_some_and(std::cmp::Ordering::is_le)
            })),
            Self::Part(attribute, parts) => Some(attribute.any(entry, now, |value| {
                parts.are_in(&attribute.matching.searchable(value))
            })),
            Self::Any(attributes, value) => Some(is_anywhere(attributes, value, entry, now)),
            Self::Undefined => None,
            Self::True => Some(true),
        }
    }
}

impl Attribute {
    fn new(schema: &Schema, name: &str) -> Option<Self> {
        let known = schema.attribute(name.split(';').next()?)?;
        Some(Self {
            names: known.names.clone(),
            matching: known.matching,
            is_made_up: OPERATIONAL.iter().any(|name| known.is_called(name)),
        })
    }

    /// Whether this is one of its names.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn any(&self, entry: &Entry, now: Moment, mut test: impl FnMut(&[u8]) -> bool) -> bool {
        if self.is_made_up {
            let name = self.names.first().map_or("", String::as_str);
            let value = entry.operational(name, now);
            return value.is_some_and(|value| test(value.as_bytes()));
        }
        entry
            .attributes
            .iter()
            .filter(|attribute| self.is_called(attribute.name))
            .any(|attribute| attribute.values().any(&mut test))
    }
}

impl Parts {
    fn are_in(&self, value: &str) -> bool {
        let Some(mut rest) = value.strip_prefix(self.initial.as_str()) else {
            return false;
        };
        for part in &self.any {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(self.last.as_str())
    }
}

fn ready(schema: &Schema, filter: &LdapFilter, left: &mut usize) -> Result<Filter, TooComplex> {
    *left = left.checked_sub(1).ok_or(TooComplex)?;
    let attribute = |name: &str| Attribute::new(schema, name);
    let compared = |name: &str, value: &str, make: fn(Attribute, Wanted) -> Filter| {
        let attribute = attribute(name);
        let made = attribute.and_then(|attribute| {
            let wanted = attribute.matching.ready(value.as_bytes())?;
            Some(make(attribute, wanted))
        });
        made.unwrap_or(Filter::Undefined)
    };
    Ok(match filter {
        LdapFilter::And(all) => Filter::And(ready_all(schema, all, left)?),
        LdapFilter::Or(any) => Filter::Or(ready_all(schema, any, left)?),
        LdapFilter::Not(one) => Filter::Not(Box::new(ready(schema, one, left)?)),
        LdapFilter::Equality(name, value) | LdapFilter::Approx(name, value) => {
            compared(name, value, Filter::Equal)
        }
        LdapFilter::GreaterOrEqual(name, value) => compared(name, value, Filter::AtLeast),
        LdapFilter::LessOrEqual(name, value) => compared(name, value, Filter::AtMost),
        LdapFilter::Present(name) => attribute(name).map_or(Filter::Undefined, Filter::Present),
        LdapFilter::Substring(name, parts) => {
            let fold = |matching: Matching, part: &str| match matching {
                // A space at the edge of a part counts (RFC 4518 section 2.6.1).
                Matching::IgnoreCase => part.to_lowercase(),
                _ => part.to_owned(),
            };
            let made = attribute(name).map(|attribute| {
                let text = |part: &Option<String>| {
                    fold(attribute.matching, part.as_deref().unwrap_or_default())
                };
                let parts = Parts {
                    initial: text(&parts.initial),
                    any: parts
                        .any
                        .iter()
                        .map(|part| fold(attribute.matching, part))
                        .collect(),
                    last: text(&parts.final_),
                };
                Filter::Part(attribute, parts)
            });
            made.unwrap_or(Filter::Undefined)
        }
        LdapFilter::Extensible(rule) => extensible(schema, rule),
    })
}

fn ready_all(
    schema: &Schema,
    filters: &[LdapFilter],
    left: &mut usize,
) -> Result<Vec<Filter>, TooComplex> {
    filters.iter().map(|one| ready(schema, one, left)).collect()
}

/// An extensible match; only the usual rules of equality are there, by name or number.
fn extensible(schema: &Schema, rule: &LdapMatchingRuleAssertion) -> Filter {
    let matching = match rule.matching_rule.as_deref() {
        None => None,
        Some("caseIgnoreMatch" | "2.5.13.2") => Some(Matching::IgnoreCase),
        Some("caseExactMatch" | "2.5.13.5") => Some(Matching::ExactCase),
        Some("integerMatch" | "2.5.13.14") => Some(Matching::Integer),
        Some("distinguishedNameMatch" | "2.5.13.1") => Some(Matching::Name),
        Some("octetStringMatch" | "2.5.13.17") => Some(Matching::Octets),
        Some(_) => return Filter::Undefined,
    };
    let attributes = match &rule.type_ {
        Some(name) => Attribute::new(schema, name).into_iter().collect(),
        None if matching.is_some() => vec![Attribute {
            names: Vec::new(),
            matching: Matching::Octets,
            is_made_up: false,
        }],
        None => Vec::new(),
    };
    let adapt = |attribute: Attribute| Attribute {
        matching: matching.unwrap_or(attribute.matching),
        ..attribute
    };
    match attributes.is_empty() {
        true => Filter::Undefined,
        false => {
            let attributes = attributes.into_iter().map(adapt).collect();
            Filter::Any(attributes, rule.match_value.clone().into_bytes())
        }
    }
}

/// An attribute without a name stands for all.
fn is_anywhere(attributes: &[Attribute], value: &[u8], entry: &Entry, now: Moment) -> bool {
    attributes.iter().any(|attribute| {
        let Some(wanted) = attribute.matching.ready(value) else {
            return false;
        };
        let is_equal = |value: &[u8]| attribute.matching.is_equal(value, &wanted);
        match attribute.names.is_empty() {
            false => attribute.any(entry, now, is_equal),
            true => entry
                .attributes
                .iter()
                .any(|found| found.values().any(is_equal)),
        }
    })
}

/// Whether any of these is `decisive`; undefined if none is and one is undefined.
fn conclude(terms: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut conclusion = Some(!decisive);
    for term in terms {
        match term {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => conclusion = None,
        }
    }
    conclusion
}
