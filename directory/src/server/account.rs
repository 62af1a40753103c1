//! Accounts and the local user's token: who may come in by a password.
use std::collections::HashMap;

use super::access::Identity;
use super::account_file::List;
use super::entry::matching::folded;

/// Names with the hashes of their passwords, and the token.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    hashes: HashMap<String, (String, Hash)>,
    token: Secret,
}

/// What is kept of a password: scrypt (RFC 7914) with its salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hash {
    salt: [u8; 16],
    derived: [u8; 32],
}

/// Text that no log shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Accounts {
    /// With the local user's token.
    pub(super) fn new(token: String) -> Self {
        Self {
            hashes: HashMap::new(),
            token: Secret(token),
        }
    }

    /// These are all from now on.
    pub(super) fn replace(&mut self, list: List) {
        let keyed = list
            .into_iter()
            .map(|(name, hash)| (key(&name), (name, hash)));
        self.hashes = keyed.collect();
    }

    /// Accounts of these names, which no password opens.
    #[cfg(test)]
    pub(super) fn of(names: &[&str]) -> Self {
        let mut accounts = Self::new("token".into());
        accounts.replace(
            names
                .iter()
                .map(|name| ((*name).into(), Hash::UNKNOWN))
                .collect(),
        );
        accounts
    }

    /// Whether this is an account that was removed.
    pub(super) fn is_gone(&self, identity: &Identity) -> bool {
        matches!(identity, Identity::Account(name) if !self.hashes.contains_key(&key(name)))
    }

    /// Whether this is the token; takes as long whether it is or not.
    pub(super) fn is_token(&self, password: &str) -> bool {
        !self.token.0.is_empty() && is_same(self.token.0.as_bytes(), password.as_bytes())
    }

    /// The account of this name, or a hash that no password has.
    pub(super) fn find(&self, name: &str) -> (Identity, Hash) {
        match self.hashes.get(&key(name)) {
            Some((name, hash)) => (Identity::Account(name.clone()), hash.clone()),
            None => (Identity::Anonymous, Hash::UNKNOWN),
        }
    }
}

impl Hash {
    const UNKNOWN: Self = Self {
        salt: [0; 16],
        derived: [0; 32],
    };

    /// Hashes a password with a random salt; takes long, on purpose.
    pub(super) fn new(password: &str, salt: [u8; 16]) -> Option<Self> {
        let derived = derive(password, &salt)?;
        Some(Self { salt, derived })
    }

    /// Whether it is of this password; takes long, on purpose.
    pub(super) fn is_of(&self, password: &str) -> bool {
        let derived = derive(password, &self.salt);
        derived.is_some_and(|derived| is_same(&derived, &self.derived)) && *self != Self::UNKNOWN
    }

    /// As it is kept: salt and derived key in hexadecimal.
    pub(super) fn to_text(&self) -> String {
        let bytes = self.salt.iter().chain(&self.derived);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    /// From what was kept.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let pairs = (0..text.len()).step_by(2);
        let digits = pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
        let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
        let (salt, derived) = bytes.split_first_chunk()?;
        Some(Self {
            salt: *salt,
            derived: derived.try_into().ok()?,
        })
    }
}

/// N = 2^15, r = 8, p = 1: 32 MiB and about 60 ms, OWASP's password storage recommendation in its smallest memory but two.
fn derive(password: &str, salt: &[u8; 16]) -> Option<[u8; 32]> {
    let params = scrypt::Params::new(15, 8, 1).ok()?;
    let mut derived = [0; 32];
    scrypt::scrypt(password.as_bytes(), salt, &params, &mut derived).ok()?;
    Some(derived)
}

fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}

fn key(name: &str) -> String {
    folded(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_password_is_recognised_and_no_other() {
        let mut accounts = Accounts::new("secret".into());
        accounts.replace(vec![("Ann".into(), Hash::new("pass", [1; 16]).unwrap())]);
        let is_gone = |name: &str| accounts.is_gone(&Identity::Account(name.into()));
        assert!(!is_gone("ANN") && is_gone("bob"));
        let (identity, hash) = accounts.find("ann");
        assert_eq!(identity, Identity::Account("Ann".into()));
        let kept = Hash::from_text(&hash.to_text()).unwrap();
        assert_eq!(Hash::from_text("ü"), None);
        assert!(kept.is_of("pass") && !kept.is_of("Pass"));
        let (_, unknown) = accounts.find("bob");
        assert!(!unknown.is_of("pass"));
        assert!(accounts.is_token("secret") && !accounts.is_token("secreT"));
        assert!(!Accounts::default().is_token(""));
        assert!(!format!("{accounts:?}").contains("secret"));
    }
}
