//! Who may do what with an entry of an Active Directory: its security descriptor (MS-DTYP section 2.4.6, MS-ADTS section 5.1.3).
mod descriptor;
mod lookup;
mod rights;
mod sid;

/// Reads bytes as a descriptor; what is read is written the same way.
pub(super) fn rehearse(bytes: &[u8]) -> Result<(), &'static str> {
    let Some(read) = descriptor::Descriptor::parse(bytes) else {
        return Ok(());
    };
    let _rights = rights::Rights::of(&read);
    match descriptor::Descriptor::parse(&read.to_bytes()) {
        Some(again) if again == read => Ok(()),
        _ => Err("a security descriptor is another when it is written"),
    }
}

pub(super) use lookup::{ATTRIBUTE, Lookup, reading_control, writing_control};
