//! Who may do what with an entry of an Active Directory: its security descriptor (MS-DTYP section 2.4.6, MS-ADTS section 5.1.3).
mod descriptor;
mod lookup;
mod rights;
mod sid;

pub(super) use lookup::{ATTRIBUTE, Lookup, reading_control, writing_control};
