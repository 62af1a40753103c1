//! One connection's side of the protocol: requests in, answers and further steps out.
use ldap3_proto::proto::{LdapOp, LdapSearchRequest};

use super::access::Identity;
use super::core::Core;
use super::entry::moment::Moment;
use super::operation::bind::Proof;
use super::operation::page::Pages;
use super::operation::search::Search;
use super::operation::write::{Task, Write};
use super::operation::{bind, compare, extended, search};
use super::protocol::answer::{self, Code, Outcome};
use super::protocol::control::{ControlError, Controls};
use super::protocol::request::{DecodeError, Request};

/// What is known of a connection before anything was said on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// Whether nothing may be written by this way.
    pub(super) is_read_only: bool,
    /// Whether the client is on this computer.
    pub(super) is_local: bool,
    /// Whether others on the way can read it not.
    pub(super) is_encrypted: bool,
    /// The fingerprint of the key that the client proved to hold.
    pub(super) key: Option<String>,
}

/// The state of a connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) link: Link,
    pub(super) identity: Identity,
    pub(super) pages: Pages,
    pub(super) failed_binds: u32,
}

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Next {
    /// It is answered, if it wants an answer.
    Answered,
    /// Somebody else may be there now; what the one before watched is not for these eyes.
    Bound,
    /// Entries are to be looked for, step by step.
    Search(Box<Search>),
    /// Something is to be changed.
    Write(Box<Write>),
    /// A password is to be checked, which takes a while.
    Prove(Proof),
    /// The rest of the connection is encrypted.
    StartTls,
    /// A watch ends.
    Abandon(i32),
    /// The connection ends.
    Close,
}

impl Session {
    /// Begins a conversation.
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            ..Self::default()
        }
    }

    /// Answers a request, or says what has to be done for that.
    pub(super) fn handle(
        &mut self,
        core: &Core,
        now: Moment,
        request: Request,
        out: &mut Vec<u8>,
    ) -> Next {
        // Of an account that was removed meanwhile.
        if core.accounts.is_gone(&self.identity) {
            self.identity = Identity::Anonymous;
        }
        let id = request.id;
        let is_search = matches!(request.operation, LdapOp::SearchRequest(_));
        let controls = match Controls::read(&request.controls, is_search) {
            Ok(controls) => controls,
            Err(error) => return refuse_controls(out, id, &request.operation, error),
        };
        match request.operation {
            LdapOp::BindRequest(bind) => bind::bind(self, core, id, &bind, out),
            LdapOp::UnbindRequest => Next::Close,
            LdapOp::SearchRequest(asked) => self.search(core, now, id, asked, controls, out),
            LdapOp::CompareRequest(asked) => {
                compare::compare(self, core, now, id, &asked, &controls, out)
            }
            LdapOp::AddRequest(add) => {
                let task = Task::Add {
                    dn: add.dn,
                    attributes: add.attributes,
                };
                self.write(core, id, answer::ADD, task, controls, out)
            }
            LdapOp::ModifyRequest(modify) => {
                let task = Task::Modify {
                    dn: modify.dn,
                    changes: modify.changes,
                };
                self.write(core, id, answer::MODIFY, task, controls, out)
            }
            LdapOp::DelRequest(dn) => {
                self.write(core, id, answer::DELETE, Task::Delete { dn }, controls, out)
            }
            LdapOp::ModifyDNRequest(_) => {
                let outcome = Outcome::new(
                    Code::UnwillingToPerform,
                    "entries keep their names here: add the new one and delete the old",
                );
                answer::done(out, id, answer::MODIFY_DN, &outcome);
                Next::Answered
            }
            LdapOp::AbandonRequest(other) => Next::Abandon(other),
            LdapOp::ExtendedRequest(asked) => {
                extended::extended(self, core, id, &asked, controls, out)
            }
            _ => Next::Close,
        }
    }

    /// Answers what could not be understood; whether the conversation can go on.
    pub(super) fn handle_broken(error: DecodeError, out: &mut Vec<u8>) -> Next {
        if let DecodeError::Operation { id, tag } = error
            && let Some(tag) = answer::tag_for(tag)
        {
            let outcome = Outcome::new(Code::ProtocolError, error.to_string());
            answer::done(out, id, tag, &outcome);
            return Next::Answered;
        }
        answer::disconnection(out, Code::ProtocolError, &error.to_string());
        Next::Close
    }

    fn search(
        &mut self,
        core: &Core,
        now: Moment,
        id: i32,
        asked: LdapSearchRequest,
        controls: Controls,
        out: &mut Vec<u8>,
    ) -> Next {
        match search::begin(self, core, now, id, asked, controls) {
            Ok(next) => next,
            Err(outcome) => {
                answer::done(out, id, answer::SEARCH_DONE, &outcome);
                Next::Answered
            }
        }
    }

    /// Hands on a change, unless nothing may be changed from here.
    pub(super) fn write(
        &self,
        core: &Core,
        id: i32,
        tag: u8,
        task: Task,
        controls: Controls,
        out: &mut Vec<u8>,
    ) -> Next {
        match Write::new(self, core, id, tag, task, controls) {
            Ok(write) => Next::Write(Box::new(write)),
            Err(outcome) => {
                answer::done(out, id, tag, &outcome);
                Next::Answered
            }
        }
    }
}

fn refuse_controls(out: &mut Vec<u8>, id: i32, operation: &LdapOp, error: ControlError) -> Next {
    let tag = match operation {
        LdapOp::BindRequest(_) => answer::BIND,
        LdapOp::SearchRequest(_) => answer::SEARCH_DONE,
        LdapOp::ModifyRequest(_) => answer::MODIFY,
        LdapOp::AddRequest(_) => answer::ADD,
        LdapOp::DelRequest(_) => answer::DELETE,
        LdapOp::ModifyDNRequest(_) => answer::MODIFY_DN,
        LdapOp::CompareRequest(_) => answer::COMPARE,
        LdapOp::ExtendedRequest(_) => answer::EXTENDED,
        // Unbind and abandon have no answer; a control changes nothing about them.
        LdapOp::AbandonRequest(other) => return Next::Abandon(*other),
        _ => return Next::Close,
    };
    let outcome = match error {
        ControlError::Unavailable => Outcome::new(
            Code::UnavailableCriticalExtension,
            "a critical control is not known, or not for this operation",
        ),
        ControlError::Malformed => {
            Outcome::new(Code::ProtocolError, "a control cannot be understood")
        }
    };
    answer::done(out, id, tag, &outcome);
    Next::Answered
}
