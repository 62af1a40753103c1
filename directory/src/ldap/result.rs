//! What LDAP's result codes mean to people (RFC 4511 appendix A.1).
use crate::directory::DirectoryError;

/// Result codes that are asked for by name.
pub(super) mod code {
    pub(in crate::ldap) const SUCCESS: u32 = 0;
    pub(in crate::ldap) const TIME_LIMIT: u32 = 3;
    pub(in crate::ldap) const SIZE_LIMIT: u32 = 4;
    pub(in crate::ldap) const ADMIN_LIMIT: u32 = 11;
    pub(in crate::ldap) const UNAVAILABLE_CRITICAL: u32 = 12;
    pub(in crate::ldap) const NO_SUCH_ATTRIBUTE: u32 = 16;
    pub(in crate::ldap) const VALUE_EXISTS: u32 = 20;
    pub(in crate::ldap) const NO_SUCH_OBJECT: u32 = 32;
    pub(in crate::ldap) const UNWILLING: u32 = 53;
    pub(in crate::ldap) const CLASS_VIOLATION: u32 = 65;
    pub(in crate::ldap) const ASSERTION_FAILED: u32 = 122;
    /// RFC 4533 section 2.
    pub(in crate::ldap) const REFRESH_REQUIRED: u32 = 4096;
}

/// An error that a server answered with.
pub(super) fn error(code: impl Into<i64>, text: &str) -> DirectoryError {
    use DirectoryError as E;
    let text = text.trim_end_matches('\0').to_owned();
    match code.into() {
        49 | 48 => E::BadCredentials,
        // strongerAuthRequired, confidentialityRequired, insufficientAccessRights.
        8 | 13 | 50 => E::Refused(text),
        code @ (7 | 53) if text.is_empty() => E::Refused(format!("result {code}")),
        7 | 53 => E::Refused(text),
        32 => E::NotFound,
        68 => E::AlreadyExists,
        3 | 4 | 11 => E::TooMany,
        // undefinedAttributeType, objectClassViolation.
        17 | 65 => E::NotPrepared(text),
        // busy, unavailable, unwilling for now (adminLimit is not), loop.
        51 | 52 => E::Unavailable(text),
        10 => E::Unsupported("it refers to another server"),
        code => E::Invalid(format!("result {code} {text}").trim_end().to_owned()),
    }
}
