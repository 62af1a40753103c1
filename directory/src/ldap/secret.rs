//! A password that does not get into a log.
use std::fmt;

/// A password or token; printing it shows that it is there, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From where it is kept: the environment, a keyring, a file that only its owner may read.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The password itself, for the bind and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_printed() {
        assert_eq!(
            format!("{:?}", Secret::new("swordfish".into())),
            "Secret(…)"
        );
    }
}
