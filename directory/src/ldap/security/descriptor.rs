//! A security descriptor in its self-relative form (MS-DTYP sections 2.4.4 to 2.4.6), without what is of no use here: the
//! group, the audit list, and rights to single attributes.
use super::sid::Sid;
use crate::wire::Reader;

/// Whose an entry is, and who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// Whose it is; none where that was not asked for.
    pub(super) owner: Option<Sid>,
    /// Whether what the entries above allow does not count here.
    pub(super) is_protected: bool,
    /// Who may and may not by what was written for this entry, in order; none where everyone may do everything.
    pub(super) rules: Option<Vec<Rule>>,
}

/// One access control entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Whether it allows or denies.
    pub(super) is_allowing: bool,
    /// What: bits of [`mask`].
    pub(super) mask: u32,
    /// Whom.
    pub(super) who: Sid,
}

/// Rights (MS-ADTS section 5.1.3.2).
pub(super) mod mask {
    /// Reading attributes.
    pub(in crate::ldap::security) const READ_PROPERTY: u32 = 0x10;
    /// Writing attributes.
    pub(in crate::ldap::security) const WRITE_PROPERTY: u32 = 0x20;
    /// Seeing the entry, and its security descriptor.
    pub(in crate::ldap::security) const SEE: u32 = 0x2_0084;
    /// Deleting the entry.
    pub(in crate::ldap::security) const DELETE: u32 = 0x1_0000;
    /// Changing who may do what.
    pub(in crate::ldap::security) const WRITE_DACL: u32 = 0x4_0000;
    /// Everything that can be done with an entry.
    pub(in crate::ldap::security) const ALL: u32 = 0xf_01ff;
    /// The same, by a name for any object.
    pub(in crate::ldap::security) const GENERIC_ALL: u32 = 0x1000_0000;
    pub(in crate::ldap::security) const GENERIC_WRITE: u32 = 0x4000_0000;
    pub(in crate::ldap::security) const GENERIC_READ: u32 = 0x8000_0000;
}

impl Descriptor {
    /// What a server gave; `None` where it cannot be understood.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut header = Reader::new(bytes);
        let [1, _] = header.array()? else { return None };
        let control = header.array().map(u16::from_le_bytes)?;
        let mut place = || header.array().map(u32::from_le_bytes);
        let (owner, _group, _audit, list) = (place()?, place()?, place()?, place()?);
        let at = |offset: u32| {
            let offset = usize::try_from(offset).ok()?;
            bytes.get(offset..).map(Reader::new)
        };
        let owner = match owner {
            0 => None,
            offset => Some(Sid::read(&mut at(offset)?)?),
        };
        let rules = match list {
            _ if control & DACL_PRESENT == 0 => None,
            0 => None,
            offset => Some(read_rules(at(offset)?)?),
        };
        Some(Self {
            owner,
            is_protected: control & DACL_PROTECTED != 0,
            rules,
        })
    }

    /// As a server takes it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let owner = self.owner.as_ref().map(Sid::to_bytes).unwrap_or_default();
        let list = self.rules.as_deref().map(written_rules).unwrap_or_default();
        let mut control = SELF_RELATIVE | DACL_PRESENT;
        if self.is_protected {
            control |= DACL_PROTECTED;
        }
        let mut end = HEADER;
        let mut place = |part: &[u8]| {
            let offset = if part.is_empty() { 0 } else { end };
            end += u32::try_from(part.len()).unwrap_or(u32::MAX - end);
            offset.to_le_bytes()
        };
        let (owner_place, list_place) = (place(&owner), place(&list));
        let mut bytes = vec![1, 0];
        bytes.extend(control.to_le_bytes());
        bytes.extend(owner_place);
        // No group, no audit list.
        bytes.extend([0; 8]);
        bytes.extend(list_place);
        bytes.extend(owner);
        bytes.extend(list);
        bytes
    }
}

const SELF_RELATIVE: u16 = 0x8000;
const DACL_PROTECTED: u16 = 0x1000;
const DACL_PRESENT: u16 = 0x0004;
/// Bytes before the parts.
const HEADER: u32 = 20;
/// ACL_REVISION_DS, which Active Directory writes.
const ACL_REVISION: u8 = 4;
/// ACCESS_ALLOWED_ACE_TYPE and ACCESS_DENIED_ACE_TYPE.
const ALLOWED: u8 = 0;
const DENIED: u8 = 1;
/// INHERIT_ONLY_ACE: it is not for this entry. INHERITED_ACE: it is from above, where administrators wrote it.
const NOT_ITS_OWN: u8 = 0x08 | 0x10;

/// Rules from above, for entries below, and of other types, which are about single attributes, are left out.
fn read_rules(mut reader: Reader<'_>) -> Option<Vec<Rule>> {
    let [_revision, _] = reader.array()?;
    let size = reader.array().map(u16::from_le_bytes)?;
    let count = reader.array().map(u16::from_le_bytes)?;
    let [_, _] = reader.array()?;
    let mut list = Reader::new(reader.take(usize::from(size).checked_sub(8)?)?);
    let mut rules = Vec::new();
    for _ in 0..count {
        let [kind, flags] = list.array()?;
        let size = list.array().map(u16::from_le_bytes)?;
        let mut rule = Reader::new(list.take(usize::from(size).checked_sub(4)?)?);
        if flags & NOT_ITS_OWN == 0 && matches!(kind, ALLOWED | DENIED) {
            rules.push(Rule {
                is_allowing: kind == ALLOWED,
                mask: rule.array().map(u32::from_le_bytes)?,
                who: Sid::read(&mut rule)?,
            });
        }
    }
    Some(rules)
}

/// As many rules as fit into the 64 KiB that a list may have: about two thousand.
fn written_rules(rules: &[Rule]) -> Vec<u8> {
    let (mut list, mut count) = (Vec::new(), 0_u16);
    for rule in rules {
        let who = rule.who.to_bytes();
        let size = u16::try_from(who.len() + 8).unwrap_or(u16::MAX);
        let kind = if rule.is_allowing { ALLOWED } else { DENIED };
        if list.len() + usize::from(size) + 8 > usize::from(u16::MAX) {
            break;
        }
        list.extend([kind, 0]);
        list.extend(size.to_le_bytes());
        list.extend(rule.mask.to_le_bytes());
        list.extend(who);
        count += 1;
    }
    let size = u16::try_from(list.len() + 8).unwrap_or(u16::MAX);
    let mut bytes = vec![ACL_REVISION, 0];
    bytes.extend(size.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(list);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sid(text: &str) -> Sid {
        text.parse().unwrap()
    }

    fn allow(mask: u32, who: &str) -> Rule {
        Rule {
            is_allowing: true,
            mask,
            who: sid(who),
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: String = hex.split_whitespace().collect();
        let digits = (0..hex.len()).step_by(2);
        digits
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    /// `O:S-1-5-21-1-2-3-500D:PAI(A;;0xf01ff;;;S-1-5-21-1-2-3-500)(A;;0x20094;;;WD)(A;;0x301b4;;;S-1-5-21-1-2-3-1105)
    /// (OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;AU)`, as Samba 4.17's own library packs it.
    const OF_SAMBA: &str = "
        01000494 14000000 00000000 00000000 30000000
        0105000000000005 15000000 01000000 02000000 03000000 f4010000
        04008c00 04000000
        00002400 ff010f00 0105000000000005 15000000 01000000 02000000 03000000 f4010000
        00001400 94000200 0101000000000001 00000000
        00002400 b4010300 0105000000000005 15000000 01000000 02000000 03000000 51040000
        05002800 00010000 01000000 70952900 6d24d011a76800aa006e0529 010100000000000 50b000000";

    #[test]
    fn a_descriptor_of_samba_is_understood() {
        let read = Descriptor::parse(&bytes(OF_SAMBA)).unwrap();
        let expected = Descriptor {
            owner: Some(sid("S-1-5-21-1-2-3-500")),
            is_protected: true,
            rules: Some(vec![
                allow(0xf_01ff, "S-1-5-21-1-2-3-500"),
                allow(0x2_0094, "S-1-1-0"),
                allow(0x3_01b4, "S-1-5-21-1-2-3-1105"),
            ]),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_descriptor_is_written_byte_for_byte() {
        let descriptor = Descriptor {
            owner: None,
            is_protected: true,
            rules: Some(vec![
                allow(0x2_0094, "S-1-1-0"),
                Rule {
                    is_allowing: false,
                    ..allow(0x10, "S-1-5-11")
                },
            ]),
        };
        let expected = bytes(
            "01000490 00000000 00000000 00000000 14000000
             04003000 02000000
             00001400 94000200 0101000000000001 00000000
             01001400 10000000 0101000000000005 0b000000",
        );
        assert_eq!(descriptor.to_bytes(), expected);
        assert_eq!(Descriptor::parse(&expected), Some(descriptor));
    }

    #[test]
    fn no_list_is_not_an_empty_list() {
        let open = Descriptor {
            owner: None,
            is_protected: false,
            rules: None,
        };
        assert_eq!(
            open.to_bytes(),
            bytes("01000480 00000000 00000000 00000000 00000000")
        );
        let closed = Descriptor {
            rules: Some(Vec::new()),
            ..open.clone()
        };
        for descriptor in [open, closed] {
            assert_eq!(Descriptor::parse(&descriptor.to_bytes()), Some(descriptor));
        }
    }

    #[test]
    fn what_is_cut_off_is_not_understood() {
        let whole = bytes(OF_SAMBA);
        for length in 0..whole.len() {
            assert_eq!(Descriptor::parse(&whole[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_list_has_no_more_than_64_kib() {
        let descriptor = Descriptor {
            owner: None,
            is_protected: true,
            rules: Some(vec![allow(1, "S-1-5-21-1-2-3-500"); 3_000]),
        };
        let read = Descriptor::parse(&descriptor.to_bytes()).unwrap();
        assert_eq!(read.rules.unwrap().len(), 1_820);
    }

    fn any_sid() -> impl Strategy<Value = Sid> {
        let numbers = prop::collection::vec(any::<u32>(), 0..=15);
        (0_u64..1 << 32, numbers).prop_map(|(authority, numbers)| {
            let mut text = format!("S-1-{authority}");
            for number in numbers {
                text += &format!("-{number}");
            }
            sid(&text)
        })
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        let parts = (any::<bool>(), any::<u32>(), any_sid());
        parts.prop_map(|(is_allowing, mask, who)| Rule {
            is_allowing,
            mask,
            who,
        })
    }

    proptest! {
        #[test]
        fn every_descriptor_survives(
            owner in prop::option::of(any_sid()),
            is_protected: bool,
            rules in prop::option::of(prop::collection::vec(any_rule(), 0..10)),
        ) {
            let descriptor = Descriptor { owner, is_protected, rules };
            prop_assert_eq!(Descriptor::parse(&descriptor.to_bytes()), Some(descriptor));
        }

        #[test]
        fn any_bytes_are_read_or_not(mut bytes: Vec<u8>, offset: u8) {
            let _any = Descriptor::parse(&bytes);
            // And behind a header that is right.
            let mut whole = vec![1, 0, 4, 0x80, offset, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
            whole.append(&mut bytes);
            let _any = Descriptor::parse(&whole);
        }
    }
}
