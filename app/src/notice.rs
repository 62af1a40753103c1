//! Every sentence about what is wrong: what happened, what to do, and the detail for experts.
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{DirectoryProblem, DraftFault, Failure, LeaseProblem, Lock, Problem};
use crate::ui::words;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something is not as it should be.
    Warning,
    /// It does not work.
    Danger,
}

/// What a press of a button does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Be heard again.
    Unmute,
    /// Choose a microphone, a speaker or a network.
    OpenSettings,
}

/// What is told about one problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What happened: a sentence without its full stop.
    pub title: String,
    /// What to do: one or two sentences.
    pub remedy: String,
    /// What the system said, for experts.
    pub detail: Option<String>,
    /// What can be done right here.
    pub action: Option<Remedy>,
}

impl Notice {
    fn new(severity: Severity, title: &str, remedy: &str) -> Self {
        Self {
            severity,
            title: title.to_owned(),
            remedy: remedy.to_owned(),
            detail: None,
            action: None,
        }
    }

    fn danger(title: &str, remedy: &str) -> Self {
        Self::new(Severity::Danger, title, remedy)
    }

    fn warning(title: &str, remedy: &str) -> Self {
        Self::new(Severity::Warning, title, remedy)
    }

    fn info(title: &str, remedy: &str) -> Self {
        Self::new(Severity::Info, title, remedy)
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into()).filter(|detail| !detail.is_empty());
        self
    }

    fn action(mut self, action: Remedy) -> Self {
        self.action = Some(action);
        self
    }
}

/// The words for `problem`; `now` and `zone` tell its times.
pub fn notice(problem: &Problem, now: Timestamp, zone: &TimeZone) -> Notice {
    match problem {
        Problem::NoNetwork
        | Problem::PortTaken { .. }
        | Problem::NothingCanBeSent { .. }
        | Problem::NobodyHeardYet
        | Problem::NetworkDropsMulticast => network(problem),
        Problem::NoMicrophone { .. }
        | Problem::MicrophoneFailing { .. }
        | Problem::MicrophoneSilent
        | Problem::NoSpeaker { .. }
        | Problem::NoCamera { .. }
        | Problem::NothingShared { .. }
        | Problem::TooSlow
        | Problem::TooSlowToSend
        | Problem::TalkingWhileMuted => device(problem),
        Problem::NotYetBegun { start } => Notice::info(
            &format!(
                "This conference begins {}",
                words::moment(*start, now, zone)
            ),
            "You can stay and wait here; the others hear you as soon as they join.",
        ),
        _ => conference(problem),
    }
}

fn network(problem: &Problem) -> Notice {
    match problem {
        Problem::PortTaken { port } => Notice::danger(
            "Another program is using this conference’s port",
            "Close the other conferencing program and join again.",
        )
        .detail(format!("UDP port {port} is taken")),
        Problem::NothingCanBeSent { reason } => Notice::danger(
            "Nobody can hear you: the network refuses what you send",
            "Check that a firewall on this computer allows Rendezvous, or choose another network in the settings.",
        )
        .detail(reason)
        .action(Remedy::OpenSettings),
        Problem::NobodyHeardYet => Notice::info(
            "Nobody else has been heard yet",
            "You may be the first one here. If you know that others are in, compare with them which network you are on.",
        ),
        Problem::NetworkDropsMulticast => Notice::warning(
            "Everyone fell silent at once: the network no longer passes the conference on",
            "Use a cable instead of Wi-Fi, or ask your administrator to allow multicast. It goes on as soon as they are heard again.",
        ),
        _ => Notice::danger(
            "There is no network",
            "Plug in the cable or switch on Wi-Fi; everything goes on by itself.",
        ),
    }
}

fn device(problem: &Problem) -> Notice {
    match problem {
        Problem::MicrophoneFailing { reason } => Notice::danger(
            "Nobody can hear you: the microphone stopped working",
            "Plug it in again or choose another one.",
        )
        .detail(reason)
        .action(Remedy::OpenSettings),
        Problem::MicrophoneSilent => Notice::warning(
            "Your microphone gives only silence",
            "It may be muted in the system or by a switch on its cable. You can also choose another one.",
        )
        .action(Remedy::OpenSettings),
        Problem::NoSpeaker { reason } => Notice::danger(
            "You cannot hear the others: there is no speaker",
            "Plug in a headset or speakers, or choose another device. The conference goes on meanwhile.",
        )
        .detail(reason)
        .action(Remedy::OpenSettings),
        Problem::NoCamera { reason } => Notice::warning(
            "Nobody can see you: the camera gives no picture",
            "Plug it in again, close other programs that use it, or choose another one. You are heard all the same.",
        )
        .detail(reason)
        .action(Remedy::OpenSettings),
        Problem::NothingShared { reason } => Notice::warning(
            "The others no longer see what you share",
            "Stop sharing, or share something else.",
        )
        .detail(reason),
        Problem::TooSlow => Notice::warning(
            "This computer cannot keep up with all the pictures",
            "Small pictures stand still now and then, so that sound and the large picture go on. Show fewer people, or close other programs.",
        ),
        Problem::TooSlowToSend => Notice::warning(
            "The others see your pictures jerk",
            "This computer cannot code all of them. Choose a smaller size or fewer pictures in the settings, or close other programs.",
        ),
        Problem::TalkingWhileMuted => Notice::warning(
            "You are muted, so nobody hears you",
            "Press M to be heard, or hold Space while you speak.",
        )
        .action(Remedy::Unmute),
        Problem::NoMicrophone { reason } => Notice::danger(
            "Nobody can hear you: there is no microphone",
            "Plug one in or choose another one. You hear the others all the same.",
        )
        .detail(reason)
        .action(Remedy::OpenSettings),
        _ => Notice::danger("A device does not work", "Choose another one in the settings."),
    }
}

fn conference(problem: &Problem) -> Notice {
    match problem {
        Problem::ConferenceOver => Notice::info(
            "This conference is over",
            "Ask its author for a new one, or create your own.",
        ),
        Problem::NoCommonCodec { offered } => Notice::danger(
            "This conference uses a kind of sound that this program does not know",
            "Ask its author to offer Opus, which every Rendezvous understands.",
        )
        .detail(format!("Offered: {}", offered.join(", "))),
        Problem::NoAudio => Notice::danger(
            "This conference has no sound",
            "There is nothing to take part in with this version.",
        ),
        Problem::NotMulticast => Notice::danger(
            "This conference is meant for one receiver only",
            "Its address is not a group address, so it cannot be joined. Ask its author to announce a group.",
        ),
        Problem::Encrypted(lock) => Notice::danger(
            "This conference is encrypted, so it cannot be joined yet",
            "Rendezvous never sends in clear what was meant to be secret, and cannot use its keys yet.",
        )
        .detail(lock_detail(*lock)),
        Problem::Other { reason } => Notice::danger(
            "Something went wrong in this conference",
            "Leave and join again. If it comes back, the detail tells an expert more.",
        )
        .detail(reason),
        _ => Notice::danger("This conference cannot be joined", "Ask its author what is wrong."),
    }
}

fn lock_detail(lock: Lock) -> &'static str {
    match lock {
        Lock::SecureProfile => "The description asks for RTP/SAVP",
        Lock::Crypto => "The description has a=crypto",
        Lock::Key => "The description has a k= line",
    }
}

/// The words for a command that failed.
pub fn failure(failure: &Failure, now: Timestamp, zone: &TimeZone) -> Notice {
    match failure {
        Failure::Join { name, problem } => {
            let why = notice(problem, now, zone);
            Notice {
                title: format!("“{name}” could not be joined. {}", why.title),
                ..why
            }
        }
        Failure::Publish(reason) => Notice::danger(
            "The conference could not be announced",
            "Check the network below and try again; what you wrote is still here.",
        )
        .detail(reason),
        Failure::Withdraw(reason) => Notice::danger(
            "The conference could not be withdrawn",
            "Try again. Without you it ends by itself at its end time.",
        )
        .detail(reason),
        Failure::File { path, reason } => Notice::danger(
            &format!("{} is not a conference", path.display()),
            "Open a file that ends in .sdp and holds a session description.",
        )
        .detail(reason),
        Failure::Directory {
            name,
            directory,
            problem,
        } => directory_problem(name, directory, problem),
        Failure::SavePicture(reason) => Notice::warning(
            "The picture could not be kept",
            "See that there is room on the disk, and that you may write to your pictures.",
        )
        .detail(reason),
        Failure::Settings(reason) => Notice::warning(
            "Your settings could not be saved",
            "They hold until you close the window. Check that the disk is not full.",
        )
        .detail(reason),
        Failure::UseDirectory(name, reason) => Notice::warning(
            &format!("The directory {name} cannot be used"),
            "See the settings: its address, whom you log in as, and the password.",
        )
        .detail(reason),
        Failure::Keyring(name, reason) => Notice::warning(
            &format!("The password for {name} could not be kept"),
            "It is used until you close the window, and asked for again after that.",
        )
        .detail(reason),
        Failure::Export(name, reason) => Notice::danger(
            &format!("“{name}” could not be saved"),
            "Check that the disk is not full.",
        )
        .detail(reason),
        Failure::Lease(name, problem) => lease_problem(name, problem),
    }
}

fn lease_problem(name: &str, problem: &LeaseProblem) -> Notice {
    match problem {
        LeaseProblem::PickedHere(reason) => Notice::warning(
            &format!("Nobody leased a group for “{name}”"),
            "It is announced all the same: its group was picked here, at random among those that nobody uses.",
        )
        .detail(reason),
        LeaseProblem::NotMoved(reason) => Notice::warning(
            &format!("The group of “{name}” is not leased for its new times"),
            "It is announced all the same. Choose other times, or create it anew to get another group.",
        )
        .detail(reason),
        LeaseProblem::Overdue => Notice::warning(
            &format!("Nobody prolongs the lease of the group of “{name}”"),
            "It goes on, and the server is asked again. Tell whoever looks after it.",
        ),
        LeaseProblem::Lost(reason) => Notice::warning(
            &format!("The group of “{name}” is no longer leased to you"),
            "Others may get it. Create the conference anew if it is to go on.",
        )
        .detail(reason),
    }
}

fn directory_problem(name: &str, directory: &str, problem: &DirectoryProblem) -> Notice {
    match problem {
        DirectoryProblem::Queued(reason) => Notice::warning(
            &format!("{directory} cannot be reached"),
            &format!("What you changed of “{name}” is kept, and made as soon as it is back."),
        )
        .detail(reason),
        DirectoryProblem::Refused(reason) => Notice::danger(
            &format!("{directory} does not accept “{name}”"),
            "Ask whoever looks after the directory for the right to publish.",
        )
        .detail(reason),
        DirectoryProblem::Conflict(fields) => Notice::warning(
            &format!("Somebody else changed “{name}” in {directory} first"),
            "Yours is kept and not published. Look at theirs, then edit again to replace it.",
        )
        .detail(format!("It differs in: {fields}.")),
        DirectoryProblem::Removed => Notice::warning(
            &format!("Somebody removed “{name}” from {directory}"),
            "Publish it again if it is to stay there.",
        ),
    }
}

/// The words under a field of the conference form.
pub fn draft_fault(fault: DraftFault) -> &'static str {
    match fault {
        DraftFault::NoName => "Give it a name, so that others find it.",
        DraftFault::LongName => "Use at most 120 characters.",
        DraftFault::EndsBeforeStart => "The end must come after the start.",
        DraftFault::AlreadyOver => "This end has passed already.",
    }
}

#[cfg(test)]
mod tests;
