//! Announcing and hearing of conferences by the Session Announcement Protocol (RFC 2974).

mod packet;

pub use packet::{MAX_INFLATED, MessageKind, Packet, PacketError, SDP};

#[cfg(test)]
mod test_vectors {
    /// Bytes of a vector file: hex digits on one line.
    pub(crate) fn bytes_from_hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .trim()
            .bytes()
            .map(|digit| (digit as char).to_digit(16).unwrap() as u8)
            .collect();
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    }
}
