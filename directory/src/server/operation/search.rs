//! Search (RFC 4511 section 4.5): a few entries at a time, so that nobody waits for it.
use std::sync::Arc;
use std::time::Duration;

use ldap3_proto::proto::{LdapSearchRequest, LdapSearchScope};

use super::super::access::{Identity, Wish, is_allowed};
use super::super::core::Core;
use super::super::entry::dn::Dn;
use super::super::entry::matching::folded;
use super::super::entry::moment::Moment;
use super::super::entry::place::{Kind, Place};
use super::super::entry::{Entry, EntryId, SUBSCHEMA};
use super::super::filter::Filter;
use super::super::protocol::answer::{self, Code, Outcome};
use super::super::protocol::ber;
use super::super::protocol::control::{self, Controls, PAGED};
use super::super::session::{Next, Session};
use super::super::tree::plan::{Plan, Position, Region};
use super::ils;
use super::root;
use super::select::Selection;
use super::sync::{Refresh, Subject};

/// A search under way.
#[derive(Debug)]
pub(in crate::server) struct Search {
    pub(in crate::server) id: i32,
    asked: LdapSearchRequest,
    pub(in crate::server) subject: Subject,
    plan: Plan,
    position: Position,
    /// How many more entries there may be.
    left: usize,
    deadline: Moment,
    /// How many more fit on this page.
    page: Option<u32>,
    pub(in crate::server) refresh: Option<Refresh>,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Progress {
    /// There is more to look at.
    More,
    /// This page is full; the search is to be put by, and its cookie told.
    PageFull,
    /// It has ended, and this was said.
    Done,
    /// It goes on with what will change.
    Watching,
}

/// Entries looked at, and bytes written, before others get their turn.
const STEP_ENTRIES: usize = 1_000;
const STEP_BYTES: usize = 64 * 1024;

/// Understands a search.
pub(in crate::server) fn begin(
    session: &mut Session,
    core: &Core,
    now: Moment,
    id: i32,
    mut asked: LdapSearchRequest,
    controls: Controls,
) -> Result<Next, Outcome> {
    let deadline = now.after(core.limits.search_time);
    if let Some(page) = controls
        .page
        .as_ref()
        .filter(|page| !page.cookie.is_empty())
    {
        let search = session.pages.take(&page.cookie);
        let mut search = search
            .filter(|search| search.asked == asked)
            .ok_or_else(|| Outcome::new(Code::UnwillingToPerform, "no such page"))?;
        (search.id, search.page, search.deadline) = (id, Some(page.size), deadline);
        if page.size == 0 {
            search.left = 0;
        }
        return Ok(Next::Search(Box::new(search)));
    }
    if let Some(special) = root::Special::of(&asked) {
        return Ok(Next::Search(Box::new(Search::special(
            id, asked, special, core, deadline,
        ))));
    }
    let original = asked.clone();
    let wish = ils::take_refresh(&mut asked);
    let region = region(session, core, now, &mut asked)?;
    let filter = Filter::ready(&core.schema, &asked.filter, core.limits.filter_terms)
        .map_err(|_| Outcome::new(Code::AdminLimitExceeded, "the filter has too many terms"))?;
    let subject = Subject {
        identity: session.identity.clone(),
        region,
        filter,
        selection: Selection::new(&core.schema, &asked.attrs, asked.typesonly),
        special: None,
    };
    let refresh = controls.sync.map(|sync| Refresh::new(core, &sync));
    let plan = match &refresh {
        Some(Refresh {
            since: Some(since), ..
        }) => Plan::Changed(*since),
        _ => Plan::new(region, &subject.filter),
    };
    let limit = match &controls.page {
        Some(_) => usize::MAX,
        None => core.limits.search_size,
    };
    let search = Search {
        id,
        left: usize::try_from(asked.sizelimit)
            .ok()
            .filter(|size| *size > 0)
            .map_or(limit, |size| size.min(limit)),
        deadline: u64::try_from(asked.timelimit)
            .ok()
            .filter(|secs| *secs > 0)
            .map_or(deadline, |secs| {
                deadline.min(now.after(Duration::from_secs(secs)))
            }),
        asked: original,
        subject,
        plan,
        position: Position::default(),
        page: controls.page.map(|page| page.size),
        refresh,
    };
    match wish {
        Some(lifetime) => Ok(ils::refresh(session, core, now, search, lifetime)),
        None => Ok(Next::Search(Box::new(search))),
    }
}

impl Search {
    fn special(
        id: i32,
        asked: LdapSearchRequest,
        special: root::Special,
        core: &Core,
        deadline: Moment,
    ) -> Self {
        Self {
            id,
            subject: Subject {
                identity: Identity::Anonymous,
                region: Region::Nothing,
                filter: Filter::True,
                selection: Selection::new(&core.schema, &asked.attrs, asked.typesonly),
                special: Some(special),
            },
            plan: Plan::new(Region::Nothing, &Filter::True),
            position: Position::default(),
            left: usize::MAX,
            deadline,
            page: None,
            refresh: None,
            asked,
        }
    }

    /// Looks at some entries, and writes those that are found.
    pub(in crate::server) fn step(
        &mut self,
        core: &Core,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Progress {
        if let Some(special) = self.subject.special {
            special.put(
                core,
                &self.asked.filter,
                &self.subject.selection,
                self.id,
                out,
            );
            return self.done(&Outcome::SUCCESS, out);
        }
        if now >= self.deadline {
            return self.done(
                &Outcome::new(Code::TimeLimitExceeded, "that took too long"),
                out,
            );
        }
        let plan = self.plan.clone();
        let from = std::mem::take(&mut self.position);
        let mut last = None;
        let mut progress = None;
        for (examined, step) in core.tree.walk(&plan, &from).enumerate() {
            if examined >= STEP_ENTRIES || out.len() >= STEP_BYTES {
                progress = Some(Progress::More);
                break;
            }
            if !self.subject.holds(core, now, step.entry) {
                if let Some(refresh) = &mut self.refresh {
                    refresh.note_other(&self.subject, step.entry);
                }
            } else if self.page == Some(0) {
                progress = Some(Progress::PageFull);
                break;
            } else if self.left == 0 {
                let message = "there are more entries than may be given";
                return self.done(&Outcome::new(Code::SizeLimitExceeded, message), out);
            } else {
                self.put(step.entry, now, out);
            }
            last = Some(step);
        }
        self.position = last.map_or_else(|| from.clone(), |step| step.position());
        match progress {
            Some(progress) => progress,
            None => self.finish(core, out),
        }
    }

    /// The first entries that it finds.
    pub(super) fn found(&self, core: &Core, now: Moment, limit: usize) -> Vec<EntryId> {
        core.tree
            .walk(&self.plan, &self.position)
            .filter(|step| self.subject.holds(core, now, step.entry))
            .map(|step| step.entry.id)
            .take(limit)
            .collect()
    }

    /// Says where the next page begins.
    pub(in crate::server) fn end_page(id: i32, cookie: &[u8], out: &mut Vec<u8>) {
        let control = page_control(cookie);
        answer::done_with(out, id, answer::SEARCH_DONE, &Outcome::SUCCESS, &control);
    }

    fn put(&mut self, entry: &Entry, now: Moment, out: &mut Vec<u8>) {
        self.left -= 1;
        self.page = self.page.map(|left| left - 1);
        let controls = match &self.refresh {
            Some(_) => Refresh::state_of(entry),
            None => Vec::new(),
        };
        answer::entry(out, self.id, &entry.dn, &controls, |out| {
            self.subject.selection.put(out, entry, now);
        });
    }

    fn finish(&mut self, core: &Core, out: &mut Vec<u8>) -> Progress {
        let Some(refresh) = self.refresh.take() else {
            return self.done(&Outcome::SUCCESS, out);
        };
        match refresh.finish(core, self.id, out) {
            true => Progress::Watching,
            false => Progress::Done,
        }
    }

    fn done(&self, outcome: &Outcome, out: &mut Vec<u8>) -> Progress {
        let control = match self.page {
            Some(_) => page_control(&[]),
            None => Vec::new(),
        };
        answer::done_with(out, self.id, answer::SEARCH_DONE, outcome, &control);
        Progress::Done
    }
}

/// RFC 2696: size is an estimate of all there is, 0 if there is none.
fn page_control(cookie: &[u8]) -> Vec<u8> {
    control::encode(PAGED, |out| {
        ber::put_number(out, ber::INTEGER, 0);
        ber::put(out, ber::OCTETS, cookie);
    })
}

/// The part of the tree that a request names.
fn region(
    session: &Session,
    core: &Core,
    now: Moment,
    asked: &mut LdapSearchRequest,
) -> Result<Region, Outcome> {
    let base = Dn::parse(&asked.base)
        .map(ils::translated)
        .ok_or_else(|| Outcome::new(Code::InvalidDNSyntax, "the base is not a name"))?;
    if let Some(kind) = ils::container(&base) {
        ils::read_wildcards(&mut asked.filter);
        return Ok(Region::Container(kind, false));
    }
    let key = base.key();
    if key.is_empty() {
        return Ok(match asked.scope {
            LdapSearchScope::Subtree | LdapSearchScope::Children => Region::All(true),
            _ => Region::Base(find(session, core, now, super::super::entry::SUFFIX)?.id),
        });
    }
    let entry = find(session, core, now, &key)?;
    Ok(match (&asked.scope, entry.place) {
        (LdapSearchScope::Base, _) => Region::Base(entry.id),
        (LdapSearchScope::OneLevel, Place::Suffix) => Region::Containers,
        (LdapSearchScope::Subtree, Place::Suffix) => Region::All(true),
        (LdapSearchScope::Children, Place::Suffix) => Region::All(false),
        (LdapSearchScope::Subtree, Place::Container(kind)) => Region::Container(kind, true),
        (_, Place::Container(kind)) => Region::Container(kind, false),
        (LdapSearchScope::Subtree, Place::Within(_)) => Region::Base(entry.id),
        (_, Place::Within(_)) => Region::Nothing,
    })
}

/// The entry of a name, if there is one that may be seen; otherwise how far the name goes.
pub(in crate::server) fn find<'a>(
    session: &Session,
    core: &'a Core,
    now: Moment,
    key: &str,
) -> Result<&'a Arc<Entry>, Outcome> {
    let may_see = |entry: &&Arc<Entry>| {
        !entry.is_expired(now) && is_allowed(&session.identity, Wish::Read, entry, &core.tree)
    };
    core.tree
        .find(key)
        .filter(may_see)
        .ok_or_else(|| no_such_object(key))
}

/// Not there, or not to be seen: it is the same answer.
pub(in crate::server) fn no_such_object(key: &str) -> Outcome {
    let above = Kind::ALL.iter().map(|kind| kind.container());
    let ends = |name: &&str| {
        let name: String = folded(name).collect();
        key.ends_with(&format!(",{name}"))
    };
    let matched = above.chain([super::super::entry::SUFFIX]).find(ends);
    Outcome {
        matched: matched.unwrap_or_default().to_owned(),
        ..Outcome::new(Code::NoSuchObject, "")
    }
}

/// Whether a name is that of the subschema.
pub(in crate::server) fn is_subschema(key: &str) -> bool {
    SUBSCHEMA.eq_ignore_ascii_case(key)
}
