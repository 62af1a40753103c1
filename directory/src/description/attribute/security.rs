//! Keys in a description: `a=crypto` (RFC 4568 section 9.1).
use super::Attributes;

/// `a=crypto:tag suite key-params [session-params]`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Crypto {
    /// Number of the line within its medium.
    pub tag: u32,
    /// Crypto suite: `AES_CM_128_HMAC_SHA1_80`.
    pub suite: String,
    /// Key parameters, as they stand: `inline:…`.
    pub keys: String,
    /// Session parameters, as they stand.
    pub parameters: Vec<String>,
}

impl Attributes {
    /// All `a=crypto` lines.
    pub fn cryptos(&self) -> impl Iterator<Item = Crypto> {
        self.values("crypto").filter_map(|value| {
            let mut words = value.split_whitespace();
            Some(Crypto {
                tag: words.next()?.parse().ok()?,
                suite: words.next()?.to_owned(),
                keys: words.next()?.to_owned(),
                parameters: words.map(str::to_owned).collect(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes;

    #[test]
    fn crypto_is_taken_apart() {
        let read = attributes(&[
            "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1u|2^20|1:32 KDR=1",
            "crypto:x",
        ]);
        let cryptos: Vec<_> = read.cryptos().collect();
        assert_eq!(cryptos.len(), 1);
        assert_eq!(cryptos[0].suite, "AES_CM_128_HMAC_SHA1_80");
        assert_eq!(cryptos[0].keys, "inline:PS1u|2^20|1:32");
        assert_eq!(cryptos[0].parameters, ["KDR=1"]);
    }
}
