//! The man page and the completions, made from the command line's own definition.
use std::io::Write as _;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Arguments;
use super::failure::Failure;

/// Prints one man page with a section for each command.
pub(super) fn man() -> Result<(), Failure> {
    let mut page = Vec::new();
    render(&mut page).map_err(Failure::other)?;
    std::io::stdout()
        .lock()
        .write_all(&page)
        .map_err(Failure::other)
}

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "rendezvous", &mut script);
    std::io::stdout()
        .lock()
        .write_all(&script)
        .map_err(Failure::other)
}

fn render(page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut command = Arguments::command();
    command.build();
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    render_commands(page, &command, "COMMAND")?;
    man.render_extra_section(page)?;
    man.render_version_section(page)
}

/// A section for each command, and for each that it has itself.
fn render_commands(page: &mut Vec<u8>, command: &Command, above: &str) -> std::io::Result<()> {
    let is_told = |sub: &&Command| !sub.is_hide_set() && sub.get_name() != "help";
    for sub in command.get_subcommands().filter(is_told) {
        let name = format!("{above} {}", sub.get_name().to_uppercase());
        writeln!(page, ".SH \"{name}\"")?;
        let man = Man::new(sub.clone());
        man.render_description_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_options_section(page)?;
        render_commands(page, sub, &name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn man_page_has_every_command_and_the_exit_codes() {
        let mut page = Vec::new();
        render(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for word in [
            "COMMAND LIST",
            "COMMAND SHOW",
            "COMMAND CREATE",
            "COMMAND JOIN",
            "COMMAND PUBLISH",
            "COMMAND EDIT",
            "COMMAND WITHDRAW",
            "COMMAND PEOPLE",
            "COMMAND DEVICES",
            "COMMAND DIRECTORY CHECK",
            "Exit codes",
        ] {
            assert!(page.contains(word), "{word}");
        }
    }
}
