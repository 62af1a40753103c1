//! The commands of `rendezvous` that the trials use.

use std::process::Command;
use std::time::Duration;

use conf_tests::netns::{Host, rendezvous};
use conf_tests::running::Running;

/// Longer than anything takes that is not itself measured.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// `rendezvous` on this host with these words.
pub(crate) fn command(host: &Host, words: &[&str]) -> Command {
    let mut command = host.command(rendezvous());
    command.args(words);
    command
}

/// Starts it.
pub(crate) fn start(host: &Host, words: &[&str]) -> Running {
    Running::start(&mut command(host, words))
}

/// `create --announce --name NAME` and more words.
pub(crate) fn announce(host: &Host, name: &str, more: &[&str]) -> Running {
    start(
        host,
        &[&["create", "--announce", "--name", name], more].concat(),
    )
}

/// `join CONFERENCE --headless --json --name NAME` and more words.
pub(crate) fn join(host: &Host, conference: &str, name: &str, more: &[&str]) -> Running {
    let words = ["join", conference, "--headless", "--json", "--name", name];
    start(host, &[&words, more].concat())
}

/// Whether a line of JSON is this event and says all of these things.
pub(crate) fn tells(line: &str, event: &str, words: &[&str]) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_str(line).ok();
    let is_event = json.is_some_and(|json| json["event"] == event);
    is_event && words.iter().all(|word| line.contains(word))
}
