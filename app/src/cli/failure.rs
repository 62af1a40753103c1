//! Why a command failed, and the exit code that says so to a script.
use std::fmt;
use std::process::ExitCode;

/// A failure, told to the user once.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    kind: FailureKind,
    message: String,
}

/// Kinds of failure that a script may want to tell apart; each has an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Anything that has no code of its own.
    Other = 1,
    /// The command line cannot be carried out as it stands.
    Usage = 2,
    /// There is no such conference, or more than one.
    NotFound = 3,
    /// The description cannot be read.
    Broken = 4,
    /// The conference cannot be joined.
    Refused = 5,
    /// The network cannot be used.
    Network = 6,
    /// The directory is away; the change is kept, to be made later.
    Queued = 7,
    /// The directory does not allow it, or somebody else was first.
    DirectoryRefused = 8,
}

impl Failure {
    /// A failure of this kind, in the user's words.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Any failure without a code of its own.
    pub fn other(error: impl fmt::Display) -> Self {
        Self::new(FailureKind::Other, error.to_string())
    }

    /// What kind it is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second listing of the codes: what --help promises.
    #[test]
    fn exit_codes_are_those_that_help_lists() {
        let promised = super::super::args::EXIT_CODES;
        let listed = [
            (FailureKind::Other, "1  failed"),
            (FailureKind::Usage, "2  the command line"),
            (FailureKind::NotFound, "3  no such conference"),
            (FailureKind::Broken, "4  the description is broken"),
            (FailureKind::Refused, "5  the conference cannot be joined"),
            (FailureKind::Network, "6  the network"),
            (FailureKind::Queued, "7  the directory is away"),
            (FailureKind::DirectoryRefused, "8  the directory refuses"),
        ];
        for (kind, line) in listed {
            assert!(
                line.starts_with(&(kind as u8).to_string()) && promised.contains(line),
                "{line}"
            );
        }
    }
}
