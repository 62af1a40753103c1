//! What a member has told about itself, kept small (RFC 3550 §6.5).
use crate::rtcp::SdesItem;
use crate::wire::{Put as _, Reader, low8};

/// The SDES items of one member, as bytes of the wire, at most [`MAX_BYTES`] of them.
///
/// Room for a CNAME of full length is always kept; an item that does not fit into the rest is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Information {
    raw: Box<[u8]>,
}

impl Information {
    /// Takes an item; whether it is news. An empty one is withdrawn, but not a CNAME.
    pub(super) fn set(&mut self, item: SdesItem, data: &[u8]) -> bool {
        if item == SdesItem::Cname && data.is_empty() {
            return false;
        }
        let kept = data.split_at(data.len().min(self.room(item))).0;
        if self.find(item).unwrap_or_default() == kept {
            return false;
        }
        let mut raw = Vec::with_capacity(self.raw.len() + 2 + kept.len());
        let others = items(&self.raw).filter(|(number, _)| *number != item.number());
        let this = (!kept.is_empty()).then_some((item.number(), kept));
        for (number, data) in others.chain(this) {
            raw.put_u8(number);
            raw.put_u8(low8(data.len()));
            raw.extend_from_slice(data);
        }
        self.raw = raw.into_boxed_slice();
        true
    }

    /// The bytes of an item.
    pub(super) fn find(&self, item: SdesItem) -> Option<&[u8]> {
        let mut all = items(&self.raw);
        all.find_map(|(number, data)| (number == item.number()).then_some(data))
    }

    /// The text of an item, fit to be shown: without control characters, and nothing that is not UTF-8.
    pub(super) fn text(&self, item: SdesItem) -> Option<String> {
        let text = item.text(self.find(item)?)?;
        Some(fit_to_show(&text))
    }

    fn room(&self, item: SdesItem) -> usize {
        let all = items(&self.raw);
        let others = all.filter(|(number, _)| *number != item.number() && *number != CNAME);
        let used: usize = others.map(|(_, data)| 2 + data.len()).sum();
        match item {
            SdesItem::Cname => MAX_ITEM_BYTES,
            _ => (MAX_BYTES - 2 - MAX_ITEM_BYTES).saturating_sub(used + 2),
        }
    }
}

/// A stranger's text without the characters that could play tricks on a terminal.
pub(super) fn fit_to_show(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn items(raw: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut reader = Reader::new(raw);
    std::iter::from_fn(move || {
        let number = reader.u8()?;
        let length = reader.u8()?;
        Some((number, reader.take(usize::from(length))?))
    })
}

/// What keeps a member within a kilobyte, and is still four times what people write.
pub(super) const MAX_BYTES: usize = 600;
const MAX_ITEM_BYTES: usize = 255;
const CNAME: u8 = SdesItem::Cname.number();

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_changes_is_news() {
        let mut information = Information::default();
        assert!(information.set(SdesItem::Cname, b"a@b"));
        assert!(!information.set(SdesItem::Cname, b"a@b"));
        assert!(!information.set(SdesItem::Cname, b""));
        assert!(information.set(SdesItem::Name, b"Alice"));
        assert!(information.set(SdesItem::Name, b"Bob"));
        assert_eq!(information.text(SdesItem::Name).as_deref(), Some("Bob"));
        assert!(information.set(SdesItem::Name, b""));
        assert!(!information.set(SdesItem::Name, b""));
        assert_eq!(information.text(SdesItem::Name), None);
        assert_eq!(information.text(SdesItem::Cname).as_deref(), Some("a@b"));
    }

    #[test]
    fn text_is_fit_to_be_shown() {
        let mut information = Information::default();
        information.set(SdesItem::Note, b"on\x07 the \xFFphone\n");
        assert_eq!(
            information.text(SdesItem::Note).as_deref(),
            Some("on the \u{FFFD}phone")
        );
    }

    #[test]
    fn talkative_member_still_has_its_name_and_stays_small() {
        let mut information = Information::default();
        for item in SdesItem::ALL.into_iter().rev() {
            information.set(item, &[b'x'; 255]);
        }
        assert_eq!(
            information.find(SdesItem::Cname).map(<[u8]>::len),
            Some(255)
        );
        assert!(information.raw.len() <= MAX_BYTES);
        assert!(
            !information.set(SdesItem::Note, &[b'x'; 255]),
            "cut the same way again"
        );
    }

    proptest! {
        #[test]
        fn any_items_stay_small(items: Vec<(u8, Vec<u8>)>) {
            let mut information = Information::default();
            for (number, mut data) in items {
                data.truncate(255);
                if let Some(item) = SdesItem::from_number(number % 9) {
                    information.set(item, &data);
                    prop_assert!(!information.set(item, &data));
                }
                prop_assert!(information.raw.len() <= MAX_BYTES);
            }
        }
    }
}
