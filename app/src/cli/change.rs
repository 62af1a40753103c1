//! What became of a change in a directory, as an exit code and in words.
use std::time::SystemTime;

use conf_core::directories::{
    Basis, ConferenceEntry, DirectoryConfig, DirectoryError, Entry, Found, Record, differences,
    queue,
};
use conf_core::{ConferenceId, Description, calendar};

use super::choice;
use super::failure::{Failure, FailureKind};
use super::text;
use crate::paths;

/// What was to be done.
pub(super) struct Change<'a> {
    pub(super) config: &'a DirectoryConfig,
    pub(super) id: ConferenceId,
    /// Nothing where it was to be withdrawn.
    pub(super) entry: Option<ConferenceEntry>,
    pub(super) basis: Basis,
}

impl Change<'_> {
    /// The failure that the error comes to. Where the directory is away, the change is kept, to be made by the next of
    /// this user's commands or windows that uses the directory.
    pub(super) fn failed(self, error: DirectoryError) -> Failure {
        let name = choice::name(self.config);
        if let DirectoryError::Changed { theirs } = &error {
            return conflict(self.entry.as_ref(), theirs);
        }
        if !error.is_temporary() {
            return failure(&name, &error);
        }
        let record = Record {
            directory: name.clone(),
            id: self.id,
            entry: self.entry,
            basis: self.basis,
            until: None,
        };
        let kept = paths::data_dir().map(|dir| queue(&dir, &record));
        match kept {
            Some(Ok(())) => Failure::new(
                FailureKind::Queued,
                format!(
                    "{error}. The change is kept, and made as soon as the window or “rendezvous list” finds {name} there again."
                ),
            ),
            Some(Err(reason)) => Failure::new(
                FailureKind::Network,
                format!("{error}; and the change is not kept: {reason}"),
            ),
            None => failure(&name, &error),
        }
    }
}

/// Any error of a directory.
pub(super) fn failure(name: &str, error: &DirectoryError) -> Failure {
    let kind = match error {
        DirectoryError::NotFound => FailureKind::NotFound,
        DirectoryError::Refused(_)
        | DirectoryError::BadCredentials
        | DirectoryError::AlreadyExists => FailureKind::DirectoryRefused,
        DirectoryError::Changed { .. } => FailureKind::DirectoryRefused,
        error if error.is_temporary() => FailureKind::Network,
        DirectoryError::Tls { .. } => FailureKind::Network,
        _ => FailureKind::Other,
    };
    Failure::new(kind, format!("{name}: {error}"))
}

fn conflict(mine: Option<&ConferenceEntry>, theirs: &Found) -> Failure {
    let mut message = format!(
        "somebody else changed “{}” meanwhile; nothing was done",
        text::shown(theirs.entry.name())
    );
    if let (Some(mine), Entry::Conference(there)) = (mine, &theirs.entry) {
        let fields = differences(&mine.description, &there.description);
        let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        message += &format!(". It differs in: {}", names.join(", "));
    }
    Failure::new(FailureKind::DirectoryRefused, message)
}

/// For how long an entry stays, in a sentence.
pub(super) fn lifetime(
    published: &conf_core::directories::Published,
    description: &Description,
) -> String {
    let Some(lifetime) = published.lifetime else {
        return "It stays until it is withdrawn.".to_owned();
    };
    let dies = SystemTime::now() + lifetime;
    let end = calendar::end(description);
    if end.is_some_and(|end| end <= dies + std::time::Duration::from_secs(60)) {
        return "It stays until the conference is over.".to_owned();
    }
    format!(
        "It lives until {}, unless it is published again; --keep sees to that.",
        text::local(dies)
    )
}
