//! Which attributes and classes there are (RFC 4512 section 4.1), read from schema files as OpenLDAP writes them.
use std::collections::HashMap;

use super::matching::Matching;

/// What every server knows.
const CORE: &str = include_str!("core.schema");

/// Every attribute and class known.
#[derive(Debug, Default)]
pub(in crate::server) struct Schema {
    /// Definitions of matching rules, for the subschema.
    pub(in crate::server) rules: Vec<String>,
    /// Definitions of syntaxes, for the subschema.
    pub(in crate::server) syntaxes: Vec<String>,
    attributes: Vec<Attribute>,
    classes: Vec<Class>,
    attribute_places: HashMap<String, usize>,
    class_places: HashMap<String, usize>,
    macros: HashMap<String, String>,
}

/// An attribute type.
#[derive(Clone, Debug)]
pub(in crate::server) struct Attribute {
    /// Its names, the first being the usual one.
    pub(in crate::server) names: Vec<String>,
    /// How values are compared.
    pub(in crate::server) matching: Matching,
    /// Whether there can be no more than one value.
    pub(in crate::server) is_single: bool,
    /// Whether it is the server's, not the user's.
    pub(in crate::server) is_operational: bool,
    definition: String,
}

/// An object class.
#[derive(Clone, Debug)]
pub(in crate::server) struct Class {
    /// Its names.
    pub(in crate::server) names: Vec<String>,
    /// Whether an entry has to have exactly one like it.
    pub(in crate::server) is_structural: bool,
    must: Vec<String>,
    may: Vec<String>,
    superior: Option<String>,
    definition: String,
}

impl Schema {
    /// The core's schema and ours.
    pub(in crate::server) fn new() -> Self {
        let mut schema = Self::default();
        schema.read(CORE);
        schema.read(super::RENDEZVOUS_SCHEMA);
        schema
    }

    /// The attribute of this name or number, options aside.
    pub(in crate::server) fn attribute(&self, name: &str) -> Option<&Attribute> {
        let place = self.attribute_places.get(&name.to_ascii_lowercase())?;
        self.attributes.get(*place)
    }

    /// The class of this name or number.
    pub(in crate::server) fn class(&self, name: &str) -> Option<&Class> {
        let place = self.class_places.get(&name.to_ascii_lowercase())?;
        self.classes.get(*place)
    }

    /// Definitions of all attribute types, for the subschema.
    pub(in crate::server) fn attribute_definitions(&self) -> impl Iterator<Item = &str> {
        self.attributes
            .iter()
            .map(|known| known.definition.as_str())
    }

    /// Definitions of all classes, for the subschema.
    pub(in crate::server) fn class_definitions(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(|known| known.definition.as_str())
    }

    /// Whether `class` is `ancestor`, or below it.
    pub(in crate::server) fn is_a(&self, class: &str, ancestor: &str) -> bool {
        self.lineage(class).any(|found| found.is_called(ancestor))
    }

    /// The attributes that a class requires, by their usual names in small letters.
    pub(in crate::server) fn required<'a>(&'a self, class: &str) -> impl Iterator<Item = &'a str> {
        self.lineage(class)
            .flat_map(|class| &class.must)
            .map(String::as_str)
    }

    /// Whether an entry of a class may have an attribute.
    pub(in crate::server) fn is_allowed(&self, class: &str, attribute: &Attribute) -> bool {
        self.lineage(class)
            .flat_map(|class| class.must.iter().chain(&class.may))
            .any(|name| attribute.is_called(name))
    }

    /// A class and those above it.
    fn lineage(&self, class: &str) -> impl Iterator<Item = &Class> {
        let mut next = self.class(class);
        // A file that makes a class its own ancestor does not make us loop.
        std::iter::from_fn(move || {
            let class = next?;
            next = class.superior.as_deref().and_then(|name| self.class(name));
            Some(class)
        })
        .take(16)
    }

    fn read(&mut self, file: &str) {
        for statement in statements(file) {
            let Some((keyword, rest)) = statement.split_once(char::is_whitespace) else {
                continue;
            };
            match keyword.to_ascii_lowercase().as_str() {
                "objectidentifier" => self.read_macro(rest),
                "attributetype" => self.read_attribute(rest),
                "objectclass" => self.read_class(rest),
                "matchingrule" => self.rules.push(rest.trim().to_owned()),
                "ldapsyntax" => self.syntaxes.push(rest.trim().to_owned()),
                _ => {}
            }
        }
    }

    fn read_macro(&mut self, rest: &str) {
        if let Some((name, value)) = rest.trim().split_once(char::is_whitespace) {
            let value = self.number(value.trim());
            self.macros.insert(name.to_ascii_lowercase(), value);
        }
    }

    /// A number, written out where the file uses a name for its beginning.
    fn number(&self, text: &str) -> String {
        let (head, tail) = text.split_once(':').unwrap_or((text, ""));
        match self.macros.get(&head.to_ascii_lowercase()) {
            Some(value) if tail.is_empty() => value.clone(),
            Some(value) => format!("{value}.{tail}"),
            None => text.to_owned(),
        }
    }

    fn read_attribute(&mut self, text: &str) {
        let words = words(text);
        let Some(oid) = words.get(1).map(|oid| self.number(oid)) else {
            return;
        };
        let superior = list(&words, "SUP").into_iter().next();
        let superior = superior.and_then(|name| self.attribute(&name).cloned());
        let matching = match list(&words, "EQUALITY").first() {
            Some(rule) => matching(rule),
            None => superior.map_or(Matching::Octets, |superior| superior.matching),
        };
        let has = |word: &str| words.iter().any(|found| found == word);
        let place = self.attributes.len();
        let names = list(&words, "NAME");
        for name in names.iter().chain(Some(&oid)) {
            self.attribute_places
                .insert(name.to_ascii_lowercase(), place);
        }
        self.attributes.push(Attribute {
            matching,
            is_single: has("SINGLE-VALUE"),
            is_operational: has("USAGE"),
            definition: with_number(text, &words, &oid),
            names,
        });
    }

    fn read_class(&mut self, text: &str) {
        let words = words(text);
        let Some(oid) = words.get(1).map(|oid| self.number(oid)) else {
            return;
        };
        let has = |word: &str| words.iter().any(|found| found == word);
        let place = self.classes.len();
        let names = list(&words, "NAME");
        for name in names.iter().chain(Some(&oid)) {
            self.class_places.insert(name.to_ascii_lowercase(), place);
        }
        self.classes.push(Class {
            is_structural: !has("ABSTRACT") && !has("AUXILIARY"),
            must: list(&words, "MUST"),
            may: list(&words, "MAY"),
            superior: list(&words, "SUP").into_iter().next(),
            definition: with_number(text, &words, &oid),
            names,
        });
    }
}

impl Attribute {
    /// Whether this is one of its names.
    pub(in crate::server) fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The usual name.
    pub(in crate::server) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

impl Class {
    fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// The statements of a file: a line, and those after it that begin with a blank.
fn statements(file: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    for line in lines.filter(|line| !line.trim().is_empty()) {
        match statements.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => statements.push(line.trim().to_owned()),
        }
    }
    statements
}

/// Words of a definition; what is quoted is one, without the quotes.
fn words(definition: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in definition.split('\'').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
            continue;
        }
        let spaced = part.replace('(', " ( ").replace(')', " ) ");
        words.extend(
            spaced
                .split_whitespace()
                .filter(|word| *word != "$")
                .map(str::to_owned),
        );
    }
    words
}

/// What follows a keyword: one word, or all in the brackets.
fn list(words: &[String], keyword: &str) -> Vec<String> {
    let after = words.iter().skip_while(|word| *word != keyword).skip(1);
    let mut after = after.cloned().peekable();
    if after.next_if(|word| word == "(").is_some() {
        return after.take_while(|word| word != ")").collect();
    }
    after.take(1).collect()
}

/// The definition as it is published: with its number written out.
fn with_number(text: &str, words: &[String], oid: &str) -> String {
    let written = words.get(1).map_or("", String::as_str);
    text.trim().replacen(written, oid, 1)
}

/// Equality rules, RFC 4517 section 4.2.
fn matching(rule: &str) -> Matching {
    match rule {
        "caseIgnoreMatch"
        | "caseIgnoreIA5Match"
        | "telephoneNumberMatch"
        | "UUIDMatch"
        | "objectIdentifierMatch" => Matching::IgnoreCase,
        "caseExactMatch" | "caseExactIA5Match" => Matching::ExactCase,
        "integerMatch" => Matching::Integer,
        "booleanMatch" | "generalizedTimeMatch" => Matching::Plain,
        "distinguishedNameMatch" => Matching::Name,
        _ => Matching::Octets,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn core_is_understood() {
        let schema = Schema::new();
        let cn = schema.attribute("commonName").unwrap();
        assert_eq!((cn.name(), cn.matching), ("cn", Matching::IgnoreCase));
        assert!(schema.attribute("2.5.4.3").is_some());
        let ttl = schema.attribute("ENTRYTTL").unwrap();
        assert!(ttl.is_operational && ttl.is_single);
        assert!(schema.is_a("groupofnames", "top"));
        let required: HashSet<_> = schema.required("groupOfNames").collect();
        assert_eq!(required, HashSet::from(["member", "cn", "objectClass"]));
    }

    #[test]
    fn conferences_and_people_are_known() {
        let schema = Schema::new();
        for class in ["rtConference", "rtPerson"] {
            assert!(schema.class(class).unwrap().is_structural, "{class}");
            for required in schema.required(class) {
                assert!(schema.attribute(required).is_some(), "{required}");
            }
        }
        assert!(!schema.class("rendezvousEntry").unwrap().is_structural);
        for definition in schema
            .attribute_definitions()
            .chain(schema.class_definitions())
        {
            assert!(
                definition.starts_with("( ") && definition.ends_with(" )"),
                "{definition}"
            );
            let oid = definition.split_whitespace().nth(1).unwrap();
            assert!(
                oid.chars().all(|c| c.is_ascii_digit() || c == '.'),
                "{definition}"
            );
        }
    }

    /// What a client that checks needs: nothing is used that is not defined.
    #[test]
    fn subschema_is_closed() {
        let schema = Schema::new();
        let defined = |definitions: &[String], word: &str| {
            let mut all = definitions.iter().map(|definition| words(definition));
            all.any(|words| words.iter().any(|found| found == word))
        };
        for attribute in schema.attribute_definitions().map(words) {
            for keyword in ["EQUALITY", "ORDERING", "SUBSTR"] {
                for rule in list(&attribute, keyword) {
                    assert!(defined(&schema.rules, &rule), "{rule}");
                }
            }
            for syntax in list(&attribute, "SYNTAX") {
                assert!(defined(&schema.syntaxes, &syntax), "{syntax}");
            }
        }
        for rule in schema.rules.iter().map(|rule| words(rule)) {
            let syntax = list(&rule, "SYNTAX").remove(0);
            assert!(defined(&schema.syntaxes, &syntax), "{syntax}");
        }
        for class in &schema.classes {
            for name in class.must.iter().chain(&class.may).chain(&class.superior) {
                let is_known = schema.attribute(name).is_some() || schema.class(name).is_some();
                assert!(is_known, "{name}");
            }
        }
    }

    #[test]
    fn macros_and_long_definitions_are_read() {
        let mut schema = Schema::default();
        schema.read("objectIdentifier ours 2.25.1\nattributetype ( ours:7\n\tNAME ( 'a' 'b' )\n\tEQUALITY integerMatch\n  SINGLE-VALUE )\n");
        let attribute = schema.attribute("2.25.1.7").unwrap();
        assert!(attribute.is_single && attribute.is_called("B"));
        assert!(attribute.definition.starts_with("( 2.25.1.7 NAME"));
    }
}
