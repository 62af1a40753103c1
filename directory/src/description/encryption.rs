//! Whether a conference is encrypted, and by what one can tell.
use super::Description;

/// The `k=` line (RFC 4566 section 5.12, gone from RFC 8866): read so that nobody joins in clear, never written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Key {
    /// `clear`, `base64`, `uri` or `prompt`.
    pub method: String,
    /// The key or where to get it.
    pub value: Option<String>,
}

impl Key {
    pub(super) fn parse(value: &str) -> Self {
        let (method, value) = match value.split_once(':') {
            Some((method, value)) => (method, Some(value.to_owned())),
            None => (value, None),
        };
        let method = method.trim().to_owned();
        Self { method, value }
    }
}

/// The first thing that says that media are encrypted; `medium` counts `m=` lines from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// The protocol is a secure profile of RTP, or runs over TLS or DTLS.
    SecureProtocol {
        /// Which `m=` line.
        medium: usize,
        /// As it stands there.
        protocol: String,
    },
    /// `a=crypto` (RFC 4568) or `a=key-mgmt` (RFC 4567).
    KeyAttribute {
        /// Which `m=` line; none for session level.
        medium: Option<usize>,
    },
    /// `k=`, or our note that there was one.
    Key {
        /// Which `m=` line; none for session level.
        medium: Option<usize>,
    },
}

impl Description {
    /// Why this conference counts as encrypted, or nothing where all is in clear.
    pub fn encryption(&self) -> Option<Encryption> {
        let has_key_attribute =
            |a: &super::Attributes| ["crypto", "key-mgmt"].iter().any(|name| a.has(name));
        if has_key_attribute(&self.attributes) {
            return Some(Encryption::KeyAttribute { medium: None });
        }
        if has_key(self.key.as_ref(), &self.attributes) {
            return Some(Encryption::Key { medium: None });
        }
        self.media.iter().enumerate().find_map(|(index, media)| {
            if is_secure(&media.protocol) {
                let (medium, protocol) = (index, media.protocol.clone());
                return Some(Encryption::SecureProtocol { medium, protocol });
            }
            let medium = Some(index);
            if has_key_attribute(&media.attributes) {
                return Some(Encryption::KeyAttribute { medium });
            }
            has_key(media.key.as_ref(), &media.attributes).then_some(Encryption::Key { medium })
        })
    }
}

fn has_key(key: Option<&Key>, attributes: &super::Attributes) -> bool {
    key.is_some() || attributes.has(KEY_WITHHELD)
}

/// Our attribute in place of a `k=` line that was read and is not written.
pub(super) const KEY_WITHHELD: &str = "x-key-withheld";

/// SAVP and SAVPF are the secure profiles (RFC 3711, RFC 5124).
fn is_secure(protocol: &str) -> bool {
    const SECURE: [&str; 4] = ["SAVP", "SAVPF", "TLS", "DTLS"];
    let mut parts = protocol.split('/');
    parts.any(|part| {
        SECURE
            .iter()
            .any(|secure| part.eq_ignore_ascii_case(secure))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(session: &str, media: &str) -> Option<Encryption> {
        let text = format!("v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=0 0\n{session}\n{media}\n");
        Description::parse(text.as_bytes()).unwrap().encryption()
    }

    #[test]
    fn each_sign_is_seen() {
        const CLEAR: &str = "m=audio 5004 RTP/AVP 0";
        const CRYPTO: &str = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x";
        let both = |line: &str| format!("{CLEAR}\nm=video 5006 RTP/AVP 96\n{line}");
        assert_eq!(encryption("", CLEAR), None);
        assert_eq!(
            encryption("k=prompt", CLEAR),
            Some(Encryption::Key { medium: None })
        );
        assert_eq!(
            encryption("", &both("k=clear:x")),
            Some(Encryption::Key { medium: Some(1) })
        );
        assert_eq!(
            encryption("", &both(CRYPTO)),
            Some(Encryption::KeyAttribute { medium: Some(1) })
        );
        assert_eq!(
            encryption(CRYPTO, CLEAR),
            Some(Encryption::KeyAttribute { medium: None })
        );
        assert_eq!(
            encryption("", &format!("{CLEAR}\na=x-key-withheld")),
            Some(Encryption::Key { medium: Some(0) })
        );
        for protocol in ["RTP/SAVP", "UDP/TLS/RTP/SAVPF", "rtp/savp"] {
            let protocol = protocol.to_owned();
            assert_eq!(
                encryption("", &format!("m=audio 5004 {protocol} 0")),
                Some(Encryption::SecureProtocol {
                    medium: 0,
                    protocol
                })
            );
        }
    }
}
