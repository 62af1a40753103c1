//! Permissions as rules of a security descriptor, and back. Who administers the directory always may do everything and is
//! no part of them.
use super::descriptor::{Descriptor, Rule, mask};
use super::sid::Sid;

/// Who sees an entry, and who changes and deletes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rights {
    pub(super) readers: Vec<Sid>,
    pub(super) editors: Vec<Sid>,
}

/// What readers may: see the entry and all of its attributes.
const READ: u32 = mask::SEE | mask::READ_PROPERTY;
/// What editors may: not give others more than they have themselves.
const EDIT: u32 = READ | mask::WRITE_PROPERTY | mask::DELETE;

impl Rights {
    /// What is to be written; nothing that is allowed above counts any more, else there would be more readers.
    pub(super) fn to_descriptor(&self, owner: Sid) -> Descriptor {
        let rule = |mask| {
            move |who: Sid| Rule {
                is_allowing: true,
                mask,
                who,
            }
        };
        let masters = [Sid::system(), Sid::administrators(), owner];
        let masters = masters.into_iter().map(rule(mask::ALL));
        let editors = self.editors.iter().cloned().map(rule(EDIT));
        let readers = self.readers.iter().cloned().map(rule(READ));
        Descriptor {
            owner: None,
            is_protected: true,
            rules: Some(masters.chain(editors).chain(readers).collect()),
        }
    }

    /// What a descriptor allows. Where it is the server's own, nobody wrote permissions: everyone is then whoever has
    /// logged in, as is the way of Active Directory.
    pub(super) fn of(descriptor: &Descriptor) -> Self {
        let Some(rules) = &descriptor.rules else {
            return Self {
                readers: vec![Sid::everyone()],
                editors: vec![Sid::everyone()],
            };
        };
        let mut readers = allowed(rules, mask::READ_PROPERTY, mask::GENERIC_READ);
        let editors = allowed(rules, mask::WRITE_PROPERTY, mask::GENERIC_WRITE);
        if !descriptor.is_protected && readers.contains(&Sid::authenticated()) {
            readers = vec![Sid::everyone()];
        }
        // An editor need not be named twice.
        readers.retain(|reader| !editors.contains(reader));
        Self { readers, editors }
    }
}

/// Who is allowed this, and nowhere denied it; without those who may do everything.
fn allowed(rules: &[Rule], right: u32, generic: u32) -> Vec<Sid> {
    let is_denied = |who: &Sid| {
        let mut denials = rules.iter().filter(|rule| !rule.is_allowing);
        denials
            .any(|rule| rule.who == *who && rule.mask & (right | generic | mask::GENERIC_ALL) != 0)
    };
    let mut all: Vec<Sid> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_allowing) {
        let is_anybody = [Sid::everyone(), Sid::authenticated()].contains(&rule.who);
        let is_master = rule.mask & (mask::WRITE_DACL | mask::GENERIC_ALL) != 0;
        let is_right = rule.mask & (right | generic | mask::GENERIC_ALL) != 0;
        let is_counted = is_right && (is_anybody || !is_master);
        if is_counted && !is_denied(&rule.who) && !all.contains(&rule.who) {
            all.push(rule.who.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(number: u32) -> Sid {
        format!("S-1-5-21-1-2-3-{number}").parse().unwrap()
    }

    fn rule(is_allowing: bool, mask: u32, who: Sid) -> Rule {
        Rule {
            is_allowing,
            mask,
            who,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (readers, editors) in [
            (vec![Sid::everyone()], vec![]),
            (vec![Sid::authenticated()], vec![sid(1_000)]),
            (vec![sid(1_001), sid(1_002)], vec![sid(1_000)]),
            (vec![], vec![]),
        ] {
            let rights = Rights { readers, editors };
            let descriptor = rights.to_descriptor(sid(500));
            assert_eq!(Rights::of(&descriptor), rights);
        }
    }

    #[test]
    fn editors_change_entries_and_not_permissions() {
        let rights = Rights {
            readers: vec![Sid::everyone()],
            editors: vec![sid(1_000)],
        };
        let rules = rights.to_descriptor(sid(500)).rules.unwrap();
        let masks: Vec<(u32, String)> = rules
            .iter()
            .map(|rule| (rule.mask, rule.who.to_string()))
            .collect();
        let expected = [
            (0xf_01ff, "S-1-5-18"),
            (0xf_01ff, "S-1-5-32-544"),
            (0xf_01ff, "S-1-5-21-1-2-3-500"),
            (0x3_00b4, "S-1-5-21-1-2-3-1000"),
            (0x2_0094, "S-1-1-0"),
        ];
        assert_eq!(masks, expected.map(|(mask, who)| (mask, who.to_owned())));
    }

    /// defaultSecurityDescriptor of msTAPI-RtConference: administrators and system everything, AU `RPLCLORC`.
    #[test]
    fn the_schemas_own_descriptor_is_for_everyone() {
        let descriptor = Descriptor {
            owner: Some(sid(512)),
            is_protected: false,
            rules: Some(vec![
                rule(true, 0xf_01ff, sid(512)),
                rule(true, 0xf_01ff, Sid::system()),
                rule(true, 0x2_0094, Sid::authenticated()),
            ]),
        };
        let expected = Rights {
            readers: vec![Sid::everyone()],
            editors: vec![],
        };
        assert_eq!(Rights::of(&descriptor), expected);
    }

    #[test]
    fn who_is_denied_is_not_allowed() {
        let descriptor = Descriptor {
            owner: None,
            is_protected: true,
            rules: Some(vec![
                rule(false, 0x10, sid(1)),
                rule(false, mask::GENERIC_ALL, sid(2)),
                rule(true, READ, sid(1)),
                rule(true, EDIT, sid(2)),
                rule(true, mask::GENERIC_READ, sid(3)),
                rule(true, mask::GENERIC_ALL, Sid::everyone()),
            ]),
        };
        let expected = Rights {
            readers: vec![sid(3)],
            editors: vec![Sid::everyone()],
        };
        assert_eq!(Rights::of(&descriptor), expected);
    }

    #[test]
    fn without_rules_everyone_may_do_everything() {
        let descriptor = Descriptor {
            owner: None,
            is_protected: false,
            rules: None,
        };
        assert_eq!(Rights::of(&descriptor).editors, [Sid::everyone()]);
    }
}
