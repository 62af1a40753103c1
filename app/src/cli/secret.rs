//! A password from the terminal, unseen, or the first line of what comes through a pipe.
use std::io::{BufRead as _, IsTerminal as _, Read as _};

use conf_core::directories::Secret;

use super::failure::Failure;

/// Longer passwords are none.
const LIMIT: u64 = 4096;

pub(super) fn read(prompt: &str) -> Result<Secret, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let typed = rpassword::prompt_password(prompt);
        return typed.map(Secret::new).map_err(Failure::other);
    }
    let mut line = String::new();
    let read = input.lock().take(LIMIT).read_line(&mut line);
    read.map_err(Failure::other)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(line))
}
