//! What the person tells the others of themselves, from the settings to SDES items (RFC 3550 section 6.5).
use conf_core::{Information, SdesItem};

use crate::host;
use crate::model::Settings;

/// What the settings tell; blank texts are not told.
pub fn information(settings: &Settings) -> Information {
    let mut information = Information {
        tool: Some(host::TOOL.to_owned()),
        ..Information::default()
    };
    for (item, text) in items(settings) {
        information.set(item, text);
    }
    information
}

/// What was changed from `before` to `after`; a blank text takes an item back.
pub fn changes(before: &Settings, after: &Settings) -> Vec<(SdesItem, String)> {
    let pairs = items(before).into_iter().zip(items(after));
    pairs
        .filter(|(before, after)| before != after)
        .map(|(_, (item, text))| (item, text.to_owned()))
        .collect()
}

fn items(settings: &Settings) -> [(SdesItem, &str); 5] {
    let contact = &settings.contact;
    [
        (SdesItem::Name, &settings.name),
        (SdesItem::Email, &contact.email),
        (SdesItem::Phone, &contact.phone),
        (SdesItem::Location, &contact.location),
        (SdesItem::Note, &contact.note),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_filled_in_is_told_and_only_what_changed_again() {
        let mut before = Settings {
            name: "Ana".to_owned(),
            ..Settings::default()
        };
        before.contact.phone = "12".to_owned();
        let told = information(&before);
        assert_eq!(told.name.as_deref(), Some("Ana"));
        assert_eq!(told.phone.as_deref(), Some("12"));
        assert_eq!((told.email, told.note), (None, None));
        let mut after = before.clone();
        assert_eq!(changes(&before, &after), []);
        after.contact.phone.clear();
        after.contact.note = "Back at ten".to_owned();
        let expected = [
            (SdesItem::Phone, String::new()),
            (SdesItem::Note, "Back at ten".to_owned()),
        ];
        assert_eq!(changes(&before, &after), expected);
    }
}
