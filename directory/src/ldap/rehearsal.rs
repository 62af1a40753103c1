//! All that reads what a server sends, without a server: what tests and the fuzzer rehearse.
use super::active_directory::ActiveDirectory;
use super::ber::tag;
use super::dialect::Mapping;
use super::entry::RawEntry;
use super::ils::{BASE, Ils};
use super::standard::Standard;
use super::{DirectoryUrl, dn, filter, greeting, message, refresh, security, sync};
use crate::object::{Entry, Kind};

/// Reads bytes as everything that they could be. Gives what contradicts itself.
pub fn rehearse(bytes: &[u8]) -> Result<(), &'static str> {
    messages(bytes)?;
    entries(bytes)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => texts(text),
        Err(_) => Ok(()),
    }
}

fn messages(bytes: &[u8]) -> Result<(), &'static str> {
    if let Ok(Some(length)) = message::length(bytes)
        && let Some(whole) = bytes.get(..length)
        && message::check(whole).is_ok()
    {
        for response in [tag::BIND_RESPONSE, tag::EXTENDED_RESPONSE] {
            let _outcome = greeting::outcome(whole, response);
        }
    }
    let _told = (sync::read_state(bytes), sync::read_info(bytes));
    let _granted = refresh::response(bytes);
    security::rehearse(bytes)
}

/// Attributes as `name:value`, a NUL behind each.
fn entries(bytes: &[u8]) -> Result<(), &'static str> {
    let attributes = bytes.split(|byte| *byte == 0).filter_map(|one| {
        let colon = one.iter().position(|byte| *byte == b':')?;
        let (name, value) = one.split_at_checked(colon)?;
        let name = std::str::from_utf8(name).ok()?;
        Some((name, value.get(1..)?.to_vec()))
    });
    let raw = RawEntry::of("cn=a,o=x", attributes);
    let mappings: [&dyn Mapping; 3] = [
        &Standard {
            base: "o=x".to_owned(),
            identities: Vec::new(),
        },
        &ActiveDirectory {
            base: "o=x".to_owned(),
        },
        &Ils {
            base: BASE.to_owned(),
        },
    ];
    for mapping in mappings {
        for kind in [Kind::Conference, Kind::Person] {
            understand(mapping, kind, &raw)?;
        }
    }
    Ok(())
}

/// What is understood can be written so that it is understood again.
fn understand(mapping: &dyn Mapping, kind: Kind, raw: &RawEntry) -> Result<(), &'static str> {
    let Some(found) = mapping.read(kind, raw) else {
        return Ok(());
    };
    let written = mapping.to_add(&found.entry, None);
    let written = written.into_iter().flat_map(|(name, values)| {
        let values = values.into_iter().map(String::into_bytes);
        values.map(move |value| (name, value))
    });
    let again = RawEntry::of(&mapping.name_of(&found.entry.id()), written);
    let Some(again) = mapping.read(kind, &again) else {
        return Err("an entry that was read is not understood when it is written");
    };
    match (found.entry, again.entry) {
        (Entry::Conference(one), Entry::Conference(other))
            if one.description.id() != other.description.id() =>
        {
            Err("a conference that was read is another when it is written")
        }
        _ => Ok(()),
    }
}

fn texts(text: &str) -> Result<(), &'static str> {
    let name = format!("cn={},o=x", dn::escaped(text));
    if !text.is_empty() && !dn::is_below(&name, "o=x") {
        return Err("an escaped value is no value");
    }
    if !dn::is_same(text, text) || !dn::is_below(text, text) {
        return Err("a name is not itself");
    }
    let (pattern, value) = text.split_once('\n').unwrap_or((text, text));
    let _found = filter::matches(pattern, value);
    if !pattern.is_empty() && ldap3::parse_filter(filter::like("cn", pattern)).is_err() {
        return Err("a pattern makes no filter");
    }
    match text.parse::<DirectoryUrl>() {
        Ok(url) if url.to_string().parse().as_ref() != Ok(&url) => {
            Err("an address is another as text")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFERENCE: &[u8] = b"objectClass:rtConference\0cn:Board\0startTime:20230802212000Z\0\
        conferenceBlob:v=0\no=- 7 1 IN IP4 192.0.2.1\ns=-\nt=0 0\n";

    #[test]
    fn known_inputs_agree_with_themselves() {
        for bytes in [
            CONFERENCE,
            b"objectClass:rtPerson\0cn:a\0givenName:A\0surname:B\0sipaddress:3758139584",
            b"objectClass:msTAPI-RtPerson\0cn:a\0msTAPI-IpAddress:::1\0proxyAddresses:SMTP:a@b",
            // Without an origin: found by the fuzzer.
            b"objectClass:rtConference\0cn.Bor\0conferenceBlob:v=0\n\xff=- 7 0\n",
            b"ldap://directory.example:389/o=x",
            b"ils://[::1]",
            b"cn=a\\, b,o=x",
        ] {
            assert_eq!(rehearse(bytes), Ok(()), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_agree_with_themselves(bytes: Vec<u8>) {
            prop_assert_eq!(rehearse(&bytes), Ok(()));
        }

        #[test]
        fn any_text_agrees_with_itself(text in "(ldap://|ils://|ldaps://)?\\PC{0,40}") {
            prop_assert_eq!(rehearse(text.as_bytes()), Ok(()));
        }

        #[test]
        fn any_entry_agrees_with_itself(
            class in "rtConference|rtPerson|msTAPI-RtPerson|msTAPI-RtConference",
            attributes in prop::collection::vec(
                ("cn|uid|url|generalDescription|startTime|stopTime|givenName|surname|mail|ipAddress|sipaddress", "\\PC{0,12}"),
                0..6,
            ),
        ) {
            let mut bytes = format!("objectClass:{class}\0").into_bytes();
            bytes.extend(CONFERENCE);
            for (name, value) in attributes {
                bytes.extend(format!("\0{name}:{value}").into_bytes());
            }
            prop_assert_eq!(rehearse(&bytes), Ok(()));
        }
    }
}
