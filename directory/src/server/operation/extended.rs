//! Extended operations (RFC 4511 section 4.12).
use ldap3_proto::proto::LdapExtendedRequest;

use super::super::core::Core;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::control::Controls;
use super::super::session::{Next, Session};
use super::refresh;
use super::write::Task;

/// StartTLS, RFC 4511 section 4.14.
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// Who am I, RFC 4532.
const WHO_AM_I: &str = "1.3.6.1.4.1.4203.1.11.3";

/// What the root DSE lists.
pub(in crate::server) const SUPPORTED: [&str; 3] = [START_TLS, WHO_AM_I, refresh::OID];

/// Does one of them.
pub(in crate::server) fn extended(
    session: &Session,
    core: &Core,
    id: i32,
    asked: &LdapExtendedRequest,
    controls: Controls,
    out: &mut Vec<u8>,
) -> Next {
    match asked.name.as_str() {
        START_TLS => start_tls(session, id, out),
        WHO_AM_I => {
            let dn = session.identity.dn();
            let who = if dn.is_empty() {
                dn
            } else {
                format!("dn:{dn}")
            };
            answer::extended(out, id, &Outcome::SUCCESS, None, Some(who.as_bytes()));
            Next::Answered
        }
        refresh::OID => {
            let Some((dn, lifetime)) = asked.value.as_deref().and_then(refresh::read) else {
                return refuse(id, Code::ProtocolError, "not a refresh request", out);
            };
            let task = Task::Refresh { dn, lifetime };
            session.write(core, id, answer::EXTENDED, task, controls, out)
        }
        _ => refuse(id, Code::ProtocolError, "no such extended operation", out),
    }
}

fn start_tls(session: &Session, id: i32, out: &mut Vec<u8>) -> Next {
    if session.link.is_encrypted {
        return refuse(id, Code::OperationsError, "it is encrypted already", out);
    }
    answer::extended(out, id, &Outcome::SUCCESS, Some(START_TLS), None);
    Next::StartTls
}

fn refuse(id: i32, code: Code, message: &str, out: &mut Vec<u8>) -> Next {
    answer::extended(out, id, &Outcome::new(code, message), None, None);
    Next::Answered
}
