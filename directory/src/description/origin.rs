//! The `o=` line: who made the description, which one it is, and which version of it (RFC 8866 section 5.2).
use std::cmp::Ordering;
use std::fmt;

use super::connection::check_host;
use super::error::{Reason, word};

/// The `o=` line. All but the version make the identity of the conference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Origin {
    /// Login name of the maker, or `-`. May hold spaces, which some devices send.
    pub username: String,
    /// Session id: usually a number of any length, kept as text.
    pub session_id: String,
    /// Rises with every change.
    pub version: Version,
    /// Network type: `IN`.
    pub net_type: String,
    /// Address type: `IP4` or `IP6`.
    pub address_type: String,
    /// The maker's computer: an address or a name.
    pub address: String,
}

impl Origin {
    /// Reads from the right, since only the user name can hold spaces.
    /// Parts missing on the right are taken for `IN IP4 0.0.0.0`.
    pub(super) fn parse(value: &str) -> Result<Self, Reason> {
        let mut words: Vec<&str> = value.split_whitespace().collect();
        for missing in ["IN", "IP4", "0.0.0.0"]
            .into_iter()
            .skip(words.len().saturating_sub(3))
        {
            words.push(missing);
        }
        let mut words = words.into_iter().rev();
        let address = word(&mut words, "address")?;
        let address_type = word(&mut words, "address type")?;
        let net_type = word(&mut words, "network type")?;
        let version = word(&mut words, "session version")?;
        let session_id = word(&mut words, "session id")?;
        let mut username: Vec<&str> = words.collect();
        username.reverse();
        if username.is_empty() {
            return Err(Reason::Missing { what: "user name" });
        }
        check_host(address)?;
        Ok(Self {
            username: username.join(" "),
            session_id: session_id.to_owned(),
            version: Version::new(version),
            net_type: net_type.to_owned(),
            address_type: address_type.to_owned(),
            address: address.to_owned(),
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            username,
            session_id,
            version,
            net_type,
            address_type,
            address,
        } = self;
        write!(
            f,
            "{username} {session_id} {version} {net_type} {address_type} {address}"
        )
    }
}

/// The version of a description: a number of any length, ordered as a number; what is not a number comes first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Version(String);

impl Version {
    /// Takes the word as it stands in `o=`.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The next version: `now`, in NTP seconds, or where that would not be later, a number that is.
    pub fn after(&self, now: u64) -> Self {
        let now = Self(now.to_string());
        if now > *self {
            return now;
        }
        let next = self
            .0
            .parse::<u64>()
            .ok()
            .and_then(|version| version.checked_add(1));
        Self(next.map_or_else(|| format!("{self}0"), |next| next.to_string()))
    }

    /// As it stands in `o=`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> (bool, usize, &str, &str) {
        let is_number = self.0.bytes().all(|b| b.is_ascii_digit());
        let digits = self.0.trim_start_matches('0');
        let length = if is_number { digits.len() } else { 0 };
        (is_number, length, digits, &self.0)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        let ordered = ["x", "0", "9", "010", "10", "99999999999999999999999"].map(Version::new);
        assert!(ordered.is_sorted());
        assert_ne!(Version::new("010"), Version::new("10"));
    }

    #[test]
    fn next_version_rises_even_when_the_clock_went_back() {
        assert_eq!(
            Version::new("5").after(3_900_000_000).as_str(),
            "3900000000"
        );
        assert_eq!(Version::new("3900000000").after(7).as_str(), "3900000001");
        for odd in ["x", "", "99999999999999999999999", "18446744073709551615"] {
            let version = Version::new(odd);
            assert!(version.after(7) > version, "{odd}");
        }
    }

    #[test]
    fn tplink_camera_sends_seven_words() {
        let origin = Origin::parse("- 14665860 31787219 1 IN IP4 192.168.2.29").unwrap();
        assert_eq!(origin.username, "- 14665860");
        assert_eq!(origin.session_id, "31787219");
        assert_eq!(
            origin.to_string(),
            "- 14665860 31787219 1 IN IP4 192.168.2.29"
        );
    }

    #[test]
    fn missing_parts_are_filled() {
        let origin = Origin::parse("- 1 2").unwrap();
        assert_eq!(origin.to_string(), "- 1 2 IN IP4 0.0.0.0");
        let origin = Origin::parse("- 1 2 IN IP4").unwrap();
        assert_eq!(origin.to_string(), "- 1 2 IN IP4 0.0.0.0");
        assert!(Origin::parse("- 1").is_err());
        assert!(Origin::parse("").is_err());
    }

    #[test]
    fn address_that_ends_in_a_number_must_be_one() {
        assert!(Origin::parse("- 0 0 IN IP4 0.a.b.0").is_err());
        assert!(Origin::parse("- 0 0 IN IP4 x.y.z.w").is_ok());
        assert!(Origin::parse("- 0 0 IN IP4 fe80::217:f2ff:fe0f:e0f6").is_ok());
    }
}
