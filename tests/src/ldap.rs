//! The least of an LDAP client: requests written byte by byte, answers read as far as tests need. Blocking.
//!
//! It shares no code with what it tests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection.
#[derive(Debug)]
pub struct Ldap {
    stream: TcpStream,
    received: Vec<u8>,
    last_id: u32,
}

/// One answer: what it is, and its result code if it ends an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Tag of the operation, e.g. 0x64 for an entry.
    pub tag: u8,
    /// Of a result: 0 is success.
    pub code: Option<u8>,
    /// All of the operation.
    pub content: Vec<u8>,
}

/// An element with this tag, of these parts.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        0x80..0x1_0000 => out.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => out.extend([
            0x83,
            (length >> 16) as u8,
            (length >> 8) as u8,
            length as u8,
        ]),
    }
    out.extend(content);
    out
}

/// An OCTET STRING.
pub fn text(text: &str) -> Vec<u8> {
    tlv(4, &[text.as_bytes()])
}

/// A whole message.
pub fn message(id: u32, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(2, &[&id.to_be_bytes()]), operation])
}

/// BindRequest, version 3, simple.
pub fn bind(dn: &str, password: &str) -> Vec<u8> {
    let password = tlv(0x80, &[password.as_bytes()]);
    tlv(0x60, &[&[2, 1, 3], &text(dn), &password])
}

/// AddRequest.
pub fn add(dn: &str, attributes: &[(&str, &[&str])]) -> Vec<u8> {
    let attributes = attributes.iter().map(|(name, values)| {
        let values: Vec<u8> = values.iter().flat_map(|value| text(value)).collect();
        tlv(0x30, &[&text(name), &tlv(0x31, &[&values])])
    });
    let attributes = attributes.collect::<Vec<_>>().concat();
    tlv(0x68, &[&text(dn), &tlv(0x30, &[&attributes])])
}

/// SearchRequest, whole subtree (2) or another scope, all attributes; `filter` is encoded.
pub fn search(base: &str, scope: u8, filter: &[u8]) -> Vec<u8> {
    let rest = [10, 1, scope, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
    tlv(0x63, &[&text(base), &rest, filter, &[0x30, 0]])
}

/// A filter: the attribute has this value.
pub fn equals(name: &str, value: &str) -> Vec<u8> {
    tlv(0xA3, &[&text(name), &text(value)])
}

/// A filter: the attribute begins so.
pub fn begins(name: &str, value: &str) -> Vec<u8> {
    let initial = tlv(0x80, &[value.as_bytes()]);
    tlv(0xA4, &[&text(name), &tlv(0x30, &[&initial])])
}

/// A filter: the attribute is there.
pub fn present(name: &str) -> Vec<u8> {
    tlv(0x87, &[name.as_bytes()])
}

impl Ldap {
    /// Connects; every wait for an answer fails the test after half a minute.
    pub fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream,
            received: Vec::new(),
            last_id: 0,
        })
    }

    /// Sends an operation, and gives its number.
    pub fn send(&mut self, operation: &[u8]) -> std::io::Result<u32> {
        self.send_with(operation, &[])
    }

    /// The same, with encoded controls.
    pub fn send_with(&mut self, operation: &[u8], controls: &[u8]) -> std::io::Result<u32> {
        self.last_id += 1;
        let controls = match controls {
            [] => Vec::new(),
            some => tlv(0xA0, &[some]),
        };
        let bytes = message(self.last_id, &[operation, &controls].concat());
        self.stream.write_all(&bytes)?;
        Ok(self.last_id)
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Waits for the next answer; an error when the other side has closed.
    pub fn receive(&mut self) -> std::io::Result<Answer> {
        loop {
            if let Some(answer) = self.take() {
                return Ok(answer);
            }
            let mut chunk = [0; 65_536];
            let length = self.stream.read(&mut chunk)?;
            if length == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&chunk[..length]);
        }
    }

    /// Sends an operation and waits until it ends; gives all answers.
    pub fn ask(&mut self, operation: &[u8]) -> std::io::Result<Vec<Answer>> {
        self.send(operation)?;
        let mut answers = Vec::new();
        loop {
            let answer = self.receive()?;
            let is_last = answer.code.is_some();
            answers.push(answer);
            if is_last {
                return Ok(answers);
            }
        }
    }

    /// Sends an operation and gives the code with which it ends.
    pub fn code(&mut self, operation: &[u8]) -> std::io::Result<u8> {
        let answers = self.ask(operation)?;
        Ok(answers.last().and_then(|answer| answer.code).unwrap())
    }

    fn take(&mut self) -> Option<Answer> {
        let (whole, _, content) = element(&self.received)?;
        let (id, _, _) = element(content)?;
        let (_, tag, content) = element(&content[id..])?;
        let is_result = matches!(tag, 0x61 | 0x65 | 0x67 | 0x69 | 0x6B | 0x6D | 0x6F | 0x78);
        let code = is_result.then(|| element(content).unwrap().2[0]);
        let content = content.to_vec();
        self.received.drain(..whole);
        Some(Answer { tag, code, content })
    }
}

/// Length of the first element, its tag and content, if it is all there.
fn element(bytes: &[u8]) -> Option<(usize, u8, &[u8])> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    let more = if first < 0x80 {
        0
    } else {
        usize::from(first & 0x7F)
    };
    let length = bytes.get(2..2 + more)?;
    let length = match more {
        0 => usize::from(first),
        _ => length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    };
    let start = 2 + more;
    Some((start + length, tag, bytes.get(start..start + length)?))
}
