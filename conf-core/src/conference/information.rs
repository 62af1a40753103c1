//! What somebody tells of themselves: the SDES items (RFC 3550 section 6.5, T-61), by name.
use crate::rtcp::SdesItem;

/// What somebody tells of themselves. Whoever tells nothing of an item leaves it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Information {
    /// The same for all that one person sends, and for as long as they are here.
    pub cname: Option<String>,
    /// What they want to be called.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where they are.
    pub location: Option<String>,
    /// The program they use.
    pub tool: Option<String>,
    /// What they want to say of their state, such as "on the phone".
    pub note: Option<String>,
    /// An item that only some programs know.
    pub private: Option<String>,
}

impl Information {
    /// Changes one item; a blank text takes it back.
    pub fn set(&mut self, item: SdesItem, text: &str) {
        *self.slot(item) = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }

    /// Every item that is told, CNAME left out: what an RTP session is configured with.
    pub fn editable_items(&self) -> Vec<(SdesItem, String)> {
        let items = [
            (SdesItem::Name, &self.name),
            (SdesItem::Email, &self.email),
            (SdesItem::Phone, &self.phone),
            (SdesItem::Location, &self.location),
            (SdesItem::Tool, &self.tool),
            (SdesItem::Note, &self.note),
            (SdesItem::Private, &self.private),
        ];
        items
            .into_iter()
            .filter_map(|(item, text)| Some((item, text.clone()?)))
            .collect()
    }

    fn slot(&mut self, item: SdesItem) -> &mut Option<String> {
        match item {
            SdesItem::Cname => &mut self.cname,
            SdesItem::Name => &mut self.name,
            SdesItem::Email => &mut self.email,
            SdesItem::Phone => &mut self.phone,
            SdesItem::Location => &mut self.location,
            SdesItem::Tool => &mut self.tool,
            SdesItem::Note => &mut self.note,
            SdesItem::Private => &mut self.private,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_takes_an_item_back() {
        let mut information = Information::default();
        information.set(SdesItem::Name, " Ana ");
        assert_eq!(
            information.editable_items(),
            [(SdesItem::Name, "Ana".to_owned())]
        );
        information.set(SdesItem::Name, " ");
        assert_eq!(information.editable_items(), []);
    }
}
