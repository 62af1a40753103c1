//! `rendezvous directory check`: each server of a directory, what it is and what may be done there, a line for each fact.
use clap::Args;
use conf_core::directories::{DirectoryClient, Finding};
use serde_json::json;

use super::super::choice::{Login, parse_urls};
use super::super::failure::{Failure, FailureKind};
use super::super::json;

/// Options of `directory check`.
#[derive(Args, Debug)]
pub(super) struct CheckArguments {
    /// ldap://HOST[:PORT][/BASE], ldaps://… or ils://…; several may be separated by commas
    #[arg(value_name = "URL", value_parser = parse_urls)]
    directory: String,
    /// How it is reached
    #[command(flatten)]
    login: Login,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Fails if there is a server where not even its entries can be read.
pub(super) fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    let config = arguments.login.config(&arguments.directory)?;
    let urls = config.urls.clone();
    let client = DirectoryClient::new(config).map_err(Failure::other)?;
    let mut is_of_use = true;
    for (url, findings) in urls.iter().zip(client.check()) {
        let url = url.to_string();
        if !arguments.json && urls.len() > 1 {
            println!("{url}");
        }
        for finding in &findings {
            print(arguments, &url, finding)?;
        }
        let is_bad = |finding: &Finding| !finding.is_good && ESSENTIAL.contains(&finding.subject);
        is_of_use &= !findings.iter().any(is_bad);
    }
    if is_of_use {
        return Ok(());
    }
    let message = "not all of it can be used: see the lines with an exclamation mark";
    Err(Failure::new(FailureKind::Other, message))
}

fn print(arguments: &CheckArguments, url: &str, finding: &Finding) -> Result<(), Failure> {
    if !arguments.json {
        println!("{finding}");
        return Ok(());
    }
    json::print(&json!({
        "directory": url,
        "subject": finding.subject,
        "text": finding.text,
        "good": finding.is_good,
    }))
}

/// Without these nothing can be found there.
const ESSENTIAL: [&str; 4] = ["server", "base", "schema", "conferences"];
