//! Bind: who is there (RFC 4511 section 4.2, RFC 4513).
use ldap3_proto::proto::{LdapBindCred, LdapBindRequest};

use super::super::access::Identity;
use super::super::account::Hash;
use super::super::core::Core;
use super::super::entry::dn::Dn;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::session::{Next, Session};

/// How often one may fail before the connection ends.
const MAX_FAILURES: u32 = 5;

/// A password still to be checked, away from the others because that is slow on purpose.
#[derive(Debug)]
pub(in crate::server) struct Proof {
    id: i32,
    identity: Identity,
    hash: Hash,
    password: String,
}

impl Proof {
    /// Whether the password is right; takes long.
    pub(in crate::server) fn is_right(&self) -> bool {
        self.hash.is_of(&self.password)
    }
}

/// Says who the client is from now on, nobody if it cannot prove it.
pub(in crate::server) fn bind(
    session: &mut Session,
    core: &Core,
    id: i32,
    bind: &LdapBindRequest,
    out: &mut Vec<u8>,
) -> Next {
    session.identity = Identity::Anonymous;
    session.pages.clear();
    match check(session, core, id, bind) {
        Ok(Check::Is(identity)) => {
            session.identity = identity;
            answer::done(out, id, answer::BIND, &Outcome::SUCCESS);
            Next::Bound
        }
        Ok(Check::Prove(proof)) => Next::Prove(proof),
        Err(outcome) => refuse(session, id, &outcome, out),
    }
}

/// Ends a bind whose password was checked.
pub(in crate::server) fn conclude(
    session: &mut Session,
    proof: Proof,
    is_right: bool,
    out: &mut Vec<u8>,
) -> Next {
    if is_right {
        session.identity = proof.identity;
        answer::done(out, proof.id, answer::BIND, &Outcome::SUCCESS);
        return Next::Bound;
    }
    refuse(session, proof.id, &wrong(), out)
}

fn refuse(session: &mut Session, id: i32, outcome: &Outcome, out: &mut Vec<u8>) -> Next {
    answer::done(out, id, answer::BIND, outcome);
    session.failed_binds += 1;
    match session.failed_binds >= MAX_FAILURES {
        true => Next::Close,
        false => Next::Bound,
    }
}

enum Check {
    Is(Identity),
    Prove(Proof),
}

fn check(
    session: &Session,
    core: &Core,
    id: i32,
    bind: &LdapBindRequest,
) -> Result<Check, Outcome> {
    if !(2..=3).contains(&bind.version) {
        return Err(Outcome::new(Code::ProtocolError, "LDAP version 2 or 3"));
    }
    match &bind.cred {
        LdapBindCred::Simple(password) if password.is_empty() => unproven(bind),
        LdapBindCred::Simple(password) => simple(session, core, id, &bind.dn, password),
        LdapBindCred::SASL(sasl) if sasl.mechanism.eq_ignore_ascii_case("EXTERNAL") => {
            external(session, &sasl.credentials)
        }
        _ => Err(Outcome::new(
            Code::AuthMethodNotSupported,
            "simple or SASL EXTERNAL",
        )),
    }
}

/// Without a password: anonymous. A name with it is a mistake that RFC 4513 section 5.1.2 has refused;
/// clients of an ILS, which speak version 2, make it ([MS-TAIL] section 3.1.5.1).
fn unproven(bind: &LdapBindRequest) -> Result<Check, Outcome> {
    if bind.dn.is_empty() || bind.version == 2 {
        return Ok(Check::Is(Identity::Anonymous));
    }
    let message = "a name without a password proves nothing";
    Err(Outcome::new(Code::UnwillingToPerform, message))
}

fn simple(
    session: &Session,
    core: &Core,
    id: i32,
    dn: &str,
    password: &str,
) -> Result<Check, Outcome> {
    if !session.link.is_encrypted && !session.link.is_local {
        let message = "passwords only after StartTLS, or over ldaps";
        return Err(Outcome::new(Code::ConfidentialityRequired, message));
    }
    let dn = Dn::parse(dn).ok_or_else(|| Outcome::new(Code::InvalidDNSyntax, "not a name"))?;
    let key = dn.key();
    if key == super::super::access::LOCAL {
        let is_right = session.link.is_local && core.accounts.is_token(password);
        return is_right
            .then_some(Check::Is(Identity::Local))
            .ok_or_else(wrong);
    }
    let name = dn.rdn().and_then(|rdn| rdn.parts.first());
    let name = name.filter(|_| dn.parent_key() == "ou=accounts,o=rendezvous");
    let name = name.map_or("", |(_, name)| name);
    // A name that is not known takes as long as one that is.
    let (identity, hash) = core.accounts.find(name);
    Ok(Check::Prove(Proof {
        id,
        identity,
        hash,
        password: password.to_owned(),
    }))
}

/// The key that was proved when the encryption began (RFC 4513 section 5.2.3).
fn external(session: &Session, wish: &[u8]) -> Result<Check, Outcome> {
    let Some(key) = &session.link.key else {
        let message = "no certificate was shown over TLS";
        return Err(Outcome::new(Code::InappropriateAuthentication, message));
    };
    if !wish.is_empty() {
        return Err(Outcome::new(
            Code::InvalidCredentials,
            "nobody acts for another here",
        ));
    }
    Ok(Check::Is(Identity::Key(key.clone())))
}

fn wrong() -> Outcome {
    Outcome::new(Code::InvalidCredentials, "")
}
