//! Finds the conference that the command line means.
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use conf_core::{CatalogueEntry, Description, Lookup, Seen, Station, find as find_entry};

use super::failure::{Failure, FailureKind};
use super::reference::Reference;
use super::stop::{Awakened, Waiter};

/// Announcers answer the question of a newcomer within half a second; those that do not know it
/// repeat themselves every 10 s at least within room and site.
const LISTEN: Duration = Duration::from_secs(16);
/// After so long, what the cache tells is believed.
const TRUST_CACHE_AFTER: Duration = Duration::from_millis(1_200);

/// A reference, as written on the command line.
pub(super) fn reference(text: &str) -> Reference {
    Reference::parse(text, Path::exists)
}

/// Reads a description that needs no network; `None` where it has to be looked for.
pub(super) fn read_local(reference: &Reference) -> Result<Option<Arc<Description>>, Failure> {
    let (bytes, origin) = match reference {
        Reference::Known(_) => return Ok(None),
        Reference::StandardInput => {
            let mut bytes = Vec::new();
            // A description is never longer; a longer input is refused by the parser.
            let limit = Description::MAX_BYTES as u64 + 1;
            std::io::stdin()
                .lock()
                .take(limit)
                .read_to_end(&mut bytes)
                .map_err(Failure::other)?;
            (bytes, "standard input".to_owned())
        }
        Reference::File(path) => (read_file(path)?, path.display().to_string()),
    };
    let parsed = Description::parse(&bytes);
    let description =
        parsed.map_err(|error| Failure::new(FailureKind::Broken, format!("{origin}: {error}")))?;
    Ok(Some(Arc::new(description)))
}

/// Looks for a conference among those that are heard now; among all that are known after a moment; then listens on.
pub(super) fn find(
    station: &Station,
    waiter: &Waiter,
    wanted: &str,
) -> Result<Arc<CatalogueEntry>, Failure> {
    let (began, started) = (Instant::now(), SystemTime::now());
    let mut may_trust_cache = false;
    loop {
        let known = station.catalogue();
        let live: Vec<Arc<CatalogueEntry>> = known
            .iter()
            .filter(|entry| is_live(entry, started))
            .cloned()
            .collect();
        match find_entry(&live, wanted) {
            Lookup::Found(entry) => return Ok(Arc::clone(entry)),
            Lookup::Ambiguous(entries) if may_trust_cache => {
                return Err(ambiguous(wanted, &entries));
            }
            Lookup::None if may_trust_cache => match find_entry(&known, wanted) {
                Lookup::Found(entry) => return Ok(Arc::clone(entry)),
                Lookup::Ambiguous(entries) => return Err(ambiguous(wanted, &entries)),
                Lookup::None => {}
            },
            Lookup::Ambiguous(_) | Lookup::None => {}
        }
        let deadline = began
            + if may_trust_cache {
                LISTEN
            } else {
                TRUST_CACHE_AFTER
            };
        match waiter.wait(Some(deadline)) {
            Awakened::Woken => {}
            Awakened::Due if !may_trust_cache => {
                may_trust_cache = true;
                if matches!(find_entry(&station.catalogue(), wanted), Lookup::None) {
                    eprintln!("Listening for “{wanted}” …");
                }
            }
            Awakened::Due => return Err(unknown(wanted)),
            Awakened::Stopped => return Err(Failure::new(FailureKind::NotFound, "stopped")),
        }
    }
}

/// Whether it was heard since this program started, and not only before.
fn is_live(entry: &CatalogueEntry, started: SystemTime) -> bool {
    entry.sources.iter().any(|seen| match seen {
        Seen::Own | Seen::File(_) | Seen::Directory { .. } => true,
        Seen::Sap { last_heard, .. } => *last_heard >= started,
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(
            FailureKind::NotFound,
            format!("there is no file {}", path.display()),
        ),
        _ => Failure::other(format!("{}: {error}", path.display())),
    })
}

fn unknown(wanted: &str) -> Failure {
    let message = format!(
        "no conference called “{wanted}” was heard in {} s; “rendezvous list --watch” shows what is heard",
        LISTEN.as_secs()
    );
    Failure::new(FailureKind::NotFound, message)
}

pub(super) fn ambiguous(wanted: &str, entries: &[&Arc<CatalogueEntry>]) -> Failure {
    let each =
        |entry: &&Arc<CatalogueEntry>| format!("\n  {}  {}", entry.id, entry.description.name);
    let list: String = entries.iter().map(each).collect();
    Failure::new(
        FailureKind::NotFound,
        format!("“{wanted}” may be any of these; name one by its id:{list}"),
    )
}
