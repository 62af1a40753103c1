//! What we tell about ourselves, and how often (RFC 3550 §6.3.9, §6.5).
use crate::rtcp::SdesItem;

/// Our SDES items. The CNAME goes into every report; of the others
/// * what changed goes into the next two, so that one lost report does not hide it;
/// * the name goes into the next whenever somebody is new;
/// * then every third report has one more item: seven times of eight the name, else one of the rest in turn.
#[derive(Clone, Debug)]
pub(super) struct OwnDescription {
    cname: String,
    /// The others, in the order of [`SdesItem::ALL`] after the CNAME.
    items: [Entry; 7],
    reports: usize,
    turn: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    item: SdesItem,
    text: String,
    /// Reports that it still goes into without being asked; an empty text withdraws the item.
    fresh: u8,
}

impl OwnDescription {
    pub(super) fn new(cname: String, information: Vec<(SdesItem, String)>) -> Self {
        let [_, others @ ..] = SdesItem::ALL;
        let mut description = Self {
            cname,
            items: others.map(|item| Entry {
                item,
                text: String::new(),
                fresh: 0,
            }),
            reports: 0,
            turn: 0,
        };
        for (item, text) in information {
            description.set(item, &text);
        }
        description
    }

    /// Changes an item, but not the CNAME.
    pub(super) fn set(&mut self, item: SdesItem, text: &str) {
        let kept = item.kept(text);
        let entry = self.items.iter_mut().find(|entry| entry.item == item);
        if let Some(entry) = entry.filter(|entry| entry.text != kept) {
            kept.clone_into(&mut entry.text);
            entry.fresh = CHANGE_REPEATED;
        }
    }

    /// Somebody is new who has not heard our name.
    pub(super) fn newcomer(&mut self) {
        let name = self.items.iter_mut().find(|e| e.item == SdesItem::Name);
        if let Some(name) = name.filter(|name| !name.text.is_empty()) {
            name.fresh = name.fresh.max(1);
        }
    }

    pub(super) fn cname(&self) -> &str {
        &self.cname
    }

    /// The text of an item; empty where it is not set.
    pub(super) fn text(&self, item: SdesItem) -> &str {
        if item == SdesItem::Cname {
            return &self.cname;
        }
        let entry = self.items.iter().find(|entry| entry.item == item);
        entry.map_or("", |entry| &entry.text)
    }

    /// What the next report tells, the CNAME first, in at most `room` bytes of items.
    pub(super) fn next(&mut self, room: usize) -> Vec<(SdesItem, &str)> {
        let extra = self.extra();
        self.reports += 1;
        let mut left = room.saturating_sub(SdesItem::Cname.wire_bytes(&self.cname));
        let mut told = vec![(SdesItem::Cname, self.cname.as_str())];
        for entry in &mut self.items {
            let bytes = entry.item.wire_bytes(&entry.text);
            if (entry.fresh > 0 || extra == Some(entry.item)) && bytes <= left {
                entry.fresh = entry.fresh.saturating_sub(1);
                left -= bytes;
                told.push((entry.item, &entry.text));
            }
        }
        told
    }

    fn extra(&mut self) -> Option<SdesItem> {
        if !self.reports.is_multiple_of(EVERY_THIRD) {
            return None;
        }
        let slot = self.reports / EVERY_THIRD;
        let rest = self.items.iter().filter(|e| e.item != SdesItem::Name);
        let set: Vec<SdesItem> = rest
            .filter(|entry| !entry.text.is_empty())
            .map(|entry| entry.item)
            .collect();
        let has_name = !self.text(SdesItem::Name).is_empty();
        if has_name && (slot % 8 != 7 || set.is_empty()) {
            return Some(SdesItem::Name);
        }
        self.turn += 1;
        set.get((self.turn - 1).checked_rem(set.len())?).copied()
    }
}

const CHANGE_REPEATED: u8 = 2;
const EVERY_THIRD: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(description: &mut OwnDescription, room: usize) -> String {
        let items = description.next(room);
        let words: Vec<_> = items.iter().map(|(item, _)| item.keyword()).collect();
        words.join(" ")
    }

    fn all_eight() -> OwnDescription {
        let others = SdesItem::ALL.into_iter().skip(1);
        let information = others.map(|item| (item, format!("my {}", item.keyword())));
        OwnDescription::new("a@b".to_owned(), information.collect())
    }

    #[test]
    fn everything_is_told_twice_then_the_name_mostly() {
        let mut description = all_eight();
        let everything = "cname name email phone loc tool note priv";
        assert_eq!(told(&mut description, 1000), everything);
        assert_eq!(told(&mut description, 1000), everything);
        let rounds: Vec<String> = (2..3 * 8 * 7)
            .map(|_| told(&mut description, 1000))
            .collect();
        let count = |words: &str| rounds.iter().filter(|round| *round == words).count();
        assert_eq!(count("cname"), rounds.len() - 55);
        assert_eq!(count("cname name"), 55 - 7);
        for other in ["email", "phone", "loc", "tool", "note", "priv"] {
            let times = count(&format!("cname {other}"));
            assert!((1..=2).contains(&times), "{other}: {times}");
        }
    }

    #[test]
    fn change_is_told_twice_and_withdrawal_too() {
        let mut description = all_eight();
        while told(&mut description, 1000) != "cname name" {}
        description.set(SdesItem::Note, "on the phone");
        description.set(SdesItem::Cname, "other");
        assert_eq!(told(&mut description, 1000), "cname note");
        description.set(SdesItem::Note, "");
        let items = description.next(1000);
        assert_eq!(items.first(), Some(&(SdesItem::Cname, "a@b")));
        assert_eq!(items.last(), Some(&(SdesItem::Note, "")));
    }

    #[test]
    fn newcomer_hears_the_name_in_the_next_report() {
        let mut description = all_eight();
        while told(&mut description, 1000) != "cname name" {}
        description.newcomer();
        assert_eq!(told(&mut description, 1000), "cname name");
    }

    #[test]
    fn what_has_no_room_waits() {
        let mut description = all_eight();
        assert_eq!(told(&mut description, 20), "cname name");
        let mut rounds: Vec<String> = (0..20).map(|_| told(&mut description, 20)).collect();
        rounds.dedup();
        assert!(rounds.contains(&"cname email".to_owned()), "{rounds:?}");
    }
}
