//! A multicast group as written on the command line: ADDR[/TTL].
use std::net::IpAddr;
use std::str::FromStr;

/// A group, and how far its packets may go if that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressArgument {
    /// The group.
    pub group: IpAddr,
    /// Time to live, or hop limit.
    pub ttl: Option<u8>,
}

impl FromStr for AddressArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, ttl) = match text.split_once('/') {
            Some((address, ttl)) => (address, Some(ttl)),
            None => (text, None),
        };
        let group: IpAddr = address
            .parse()
            .map_err(|_| format!("“{address}” is no IP address"))?;
        if !group.is_multicast() {
            return Err(format!(
                "{group} is no multicast group (224.0.0.0 to 239.255.255.255, or ff00::/8)"
            ));
        }
        let ttl = ttl
            .map(|ttl| {
                ttl.parse()
                    .map_err(|_| format!("“{ttl}” is no TTL (0 to 255)"))
            })
            .transpose()?;
        Ok(Self { group, ttl })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_with_and_without_ttl() {
        let plain: AddressArgument = "239.255.1.2".parse().unwrap();
        assert_eq!(
            (plain.group.to_string().as_str(), plain.ttl),
            ("239.255.1.2", None)
        );
        let with_ttl: AddressArgument = "ff15::1234/7".parse().unwrap();
        assert_eq!(
            (with_ttl.group.to_string().as_str(), with_ttl.ttl),
            ("ff15::1234", Some(7))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "10.0.0.1",
            "239.255.1.2/256",
            "239.255.1",
            "",
            "/",
            "239.255.1.2/",
        ] {
            assert!(text.parse::<AddressArgument>().is_err(), "{text}");
        }
    }
}
