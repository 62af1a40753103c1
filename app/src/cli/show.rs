//! `rendezvous show`: one conference, for people, for scripts, or as it would be announced.
use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::{Description, Seen};

use super::args::ShowArguments;
use super::failure::Failure;
use super::lookup;
use super::reference::Reference;
use super::stop::Waiter;
use super::{json, text};
use crate::host;

pub(super) fn run(arguments: &ShowArguments) -> Result<(), Failure> {
    let reference = lookup::reference(&arguments.conference);
    let (description, sources) = match lookup::read_local(&reference)? {
        Some(description) => (description, Vec::new()),
        None => look_for(arguments, &reference)?,
    };
    let text = if arguments.json {
        return json::print(&serde_json::to_value(&*description).map_err(Failure::other)?);
    } else if arguments.sdp {
        description.to_string()
    } else {
        text::details(&description, &sources, SystemTime::now())
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::other)
}

fn look_for(
    arguments: &ShowArguments,
    reference: &Reference,
) -> Result<(Arc<Description>, Vec<Seen>), Failure> {
    let waiter = Waiter::new()?;
    let station = host::start_station(arguments.interface.clone(), false, waiter.waker())?;
    let found = lookup::find(&station, &waiter, reference.wanted());
    station.shutdown();
    found.map(|entry| (entry.description, entry.sources))
}
