//! The groups of a medium, in words: a range by its first and last.
use std::net::{IpAddr, SocketAddr};

/// Each run of consecutive addresses with one port as `first to last`, in the words of `name`.
pub fn named(groups: &[SocketAddr], name: impl Fn(SocketAddr) -> String) -> Vec<String> {
    let runs = groups.chunk_by(|one, next| is_next(*one, *next));
    let run = |run: &[SocketAddr]| match run {
        [] => None,
        [one] => Some(name(*one)),
        [first, .., last] => Some(format!("{} to {}", first.ip(), name(*last))),
    };
    runs.filter_map(run).collect()
}

fn is_next(one: SocketAddr, next: SocketAddr) -> bool {
    let follows = match (one.ip(), next.ip()) {
        (IpAddr::V4(one), IpAddr::V4(next)) => one.to_bits().checked_add(1) == Some(next.to_bits()),
        (IpAddr::V6(one), IpAddr::V6(next)) => one.to_bits().checked_add(1) == Some(next.to_bits()),
        _ => false,
    };
    follows && one.port() == next.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(groups: &[&str]) -> Vec<String> {
        let groups: Vec<SocketAddr> = groups.iter().map(|group| group.parse().unwrap()).collect();
        named(&groups, |group| group.to_string())
    }

    #[test]
    fn one_group_is_told_alone() {
        assert_eq!(told(&["239.255.12.7:5004"]), ["239.255.12.7:5004"]);
    }

    #[test]
    fn a_range_is_told_by_its_ends() {
        let range = ["[ff15::1]:5004", "[ff15::2]:5004", "[ff15::3]:5004"];
        assert_eq!(told(&range), ["ff15::1 to [ff15::3]:5004"]);
    }

    #[test]
    fn what_does_not_follow_is_told_apart() {
        let groups = ["239.1.1.1:4", "239.1.1.2:4", "239.1.1.4:4", "239.1.1.5:6"];
        let runs = ["239.1.1.1 to 239.1.1.2:4", "239.1.1.4:4", "239.1.1.5:6"];
        assert_eq!(told(&groups), runs);
    }
}
