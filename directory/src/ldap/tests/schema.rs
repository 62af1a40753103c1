//! The two forms of our schema say the same, and know all that is written by it.
use std::collections::BTreeSet;

use super::super::dialect::Mapping;
use super::super::standard::Standard;
use super::entries;

const SCHEMA: &str = include_str!("../../../../assets/ldap/rendezvous.schema");
const LDIF: &str = include_str!("../../../../assets/ldap/rendezvous.ldif");

/// Definitions by what introduces them, spaces made one.
fn definitions(text: &str, attribute: &str, class: &str) -> Vec<String> {
    let text = text.replace("\n\n", "\n");
    let mut all: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let known = [(attribute, "attribute "), (class, "class ")].into_iter();
        let begun = known
            .clone()
            .find_map(|(word, kind)| Some((kind, line.strip_prefix(word)?)));
        match (begun, all.last_mut()) {
            (Some((kind, rest)), _) => all.push(format!("{kind}{rest}")),
            (None, Some(last)) if line.starts_with(' ') => *last += line,
            _ => {}
        }
    }
    let spaced = all
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    spaced.collect()
}

fn from_schema() -> Vec<String> {
    definitions(SCHEMA, "attributetype", "objectclass")
}

#[test]
fn both_forms_say_the_same() {
    let from_ldif = definitions(LDIF, "olcAttributeTypes:", "olcObjectClasses:");
    assert_eq!(from_schema(), from_ldif);
    assert_eq!(from_ldif.len(), 43);
}

#[test]
fn object_identifiers_are_below_one_uuid_and_each_used_once() {
    let all = from_schema();
    let oids: BTreeSet<&str> = all
        .iter()
        .filter_map(|text| text.split(' ').nth(2))
        .collect();
    assert_eq!(oids.len(), all.len());
    let uuid = 0x6f1b_8a52_3c0e_4d7a_9a55_2f64_d1c0_7be3_u128;
    let root = format!("2.25.{uuid}.");
    assert!(oids.iter().all(|oid| oid.starts_with(&root)));
}

#[test]
fn what_is_written_is_in_the_schema() {
    // Of core.schema and cosine.schema.
    let mut known: BTreeSet<String> = ["objectClass", "uid", "cn", "mail"]
        .map(str::to_owned)
        .into();
    let all = from_schema();
    let names = all.iter().filter_map(|text| text.split('\'').nth(1));
    known.extend(names.map(str::to_owned));
    let mapping = Standard {
        base: String::new(),
        identities: Vec::new(),
    };
    for entry in entries() {
        for (attribute, _) in mapping.to_add(&entry, None) {
            assert!(known.contains(attribute), "{attribute}");
        }
    }
}
