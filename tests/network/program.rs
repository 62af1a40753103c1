//! The commands of `rendezvous` that the trials use.

use std::process::Command;
use std::time::Duration;

use conf_tests::netns::{Host, rendezvous};
use conf_tests::running::{Line, Running};
use serde_json::Value;

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

/// `create --announce --name NAME` and more words, from when it says that it announces.
pub(crate) fn announce(host: &Host, name: &str, more: &[&str]) -> Running {
    start(
        host,
        &[&["create", "--announce", "--name", name], more].concat(),
    )
}

/// ffmpeg on a host, with these words; it says errors only.
pub(crate) fn ffmpeg(host: &Host, words: &str) -> Running {
    let mut command = host.command("ffmpeg");
    command.args(["-v", "error", "-y"]);
    Running::start(command.args(words.split_whitespace()))
}

/// `join CONFERENCE --headless --json --name NAME` and more words.
pub(crate) fn join(host: &Host, conference: &str, name: &str, more: &[&str]) -> Running {
    let words = ["join", conference, "--headless", "--json", "--name", name];
    start(host, &[&words, more].concat())
}

/// Lets real time pass, where it is the network that needs it.
pub(crate) fn pause(seconds: u64) {
    std::thread::sleep(Duration::from_secs(seconds));
}

/// Waits until somebody of this name is there; gives the person's id.
pub(crate) fn meets(program: &Running, name: &str) -> u64 {
    let is_here = |line: &str| {
        let json = parsed(line);
        let is_news = json["event"] == "person_joined" || json["event"] == "person_changed";
        is_news && json["person"]["name"] == name
    };
    let line = program.wait_for(name, LONG, is_here);
    parsed(&line.text)["person"]["id"].as_u64().unwrap()
}

/// Waits for an event that concerns this person or conference.
pub(crate) fn tells(program: &Running, event: &str, id: u64, within: Duration) -> Value {
    let is_it = |line: &str| {
        let json = parsed(line);
        json["event"] == event && json["id"] == id
    };
    parsed(&program.wait_for(event, within, is_it).text)
}

/// Waits until a problem of this word starts or ends.
pub(crate) fn problem(program: &Running, event: &str, word: &str, within: Duration) -> Line {
    let is_it = |line: &str| {
        let json = parsed(line);
        json["event"] == event && json["problem"] == word
    };
    program.wait_for(&format!("{event} {word}"), within, is_it)
}

/// Writes a description of these lines into this host's home; gives its path.
pub(crate) fn write_sdp(host: &Host, name: &str, lines: &[&str]) -> String {
    let file = host.file(name);
    std::fs::write(&file, lines.join("\r\n") + "\r\n").unwrap();
    file.display().to_string()
}

/// A line of JSON; null where it is something else.
pub(crate) fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_default()
}
