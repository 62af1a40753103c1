//! Warns of what is planned beyond the bandwidth of its scope. It is a warning: what was asked for is done.
use std::time::SystemTime;

use conf_core::calendar::{Budget, Clash};
use conf_core::directories::DirectoryConfig;
use conf_core::{Description, InterfaceChoice, Station};
use serde_json::{Value, json};

use super::stop::Waiter;
use super::text::{self, shown, span};
use super::{hearing, json as written};
use crate::{host, outlook, paths, settings_file};

/// What each scope bears, by the settings.
pub(super) fn budget() -> Budget {
    let settings = paths::data_dir().map(|dir| settings_file::load(&dir));
    settings.unwrap_or_default().bandwidth.into()
}

/// Says on standard error what this conference meets, among all that the station knows.
pub(super) fn warn(description: &Description, station: &Station) -> Vec<Clash> {
    let known = station.catalogue();
    let clashes = outlook::clashes(description, &known, &budget(), SystemTime::now());
    for clash in clashes.iter().take(TOLD) {
        eprintln!("{}", sentence(clash));
    }
    if let Some(more @ 1..) = clashes.len().checked_sub(TOLD) {
        eprintln!("So it is {more} times more.");
    }
    clashes
}

/// The same for a command that has no station: listens for what others announce, and what this directory lists.
pub(super) fn listen_and_warn(
    description: &Description,
    directory: &DirectoryConfig,
    waiter: &Waiter,
) {
    let directories = vec![directory.clone()];
    let interface = InterfaceChoice::Default;
    match host::start_station(interface, directories, false, waiter.waker()) {
        Ok(station) => {
            hearing::listen(&station, waiter, |_| true);
            warn(description, &station);
            station.shutdown();
        }
        Err(failure) => eprintln!("What else is planned is not known: {failure}"),
    }
}

/// The same for a program.
pub(super) fn json(clashes: &[Clash]) -> Value {
    let one = |clash: &Clash| {
        let with = clash.with.iter();
        let with = with.map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        json!({
            "scope": clash.scope.name(),
            "start": written::time(clash.time.start),
            "stop": written::time(clash.time.end),
            "kbit_per_s": clash.kbit_per_s,
            "budget_kbit_per_s": clash.budget_kbit_per_s,
            "with": with.collect::<Vec<_>>(),
        })
    };
    clashes.iter().map(one).collect()
}

fn sentence(clash: &Clash) -> String {
    let mut names: Vec<String> = clash.with.iter().map(|(_, name)| shown(name)).collect();
    names
        .iter_mut()
        .for_each(|name| *name = format!("“{name}”"));
    names.push("this one".to_owned());
    format!(
        "Too little bandwidth, {}: {} takes {} of {} kbit/s, for {}.",
        span(&clash.time),
        clash.scope.name(),
        text::grouped(clash.kbit_per_s),
        text::grouped(clash.budget_kbit_per_s),
        text::listing(&names),
    )
}

/// More than a person reads of a series.
const TOLD: usize = 3;

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use conf_core::Scope;

    use super::*;

    #[test]
    fn clash_is_told_with_names_and_figures() {
        let start = UNIX_EPOCH + Duration::from_secs(1_795_507_200);
        let id = "0123456789abcdef".parse().unwrap();
        let clash = Clash {
            scope: Scope::Site,
            time: start..start + Duration::from_secs(3_600),
            kbit_per_s: 1_064,
            budget_kbit_per_s: 1_000,
            with: vec![(id, "Town\nhall".to_owned())],
        };
        let told = sentence(&clash);
        assert!(told.contains("site takes 1,064 of 1,000 kbit/s"), "{told}");
        assert!(told.ends_with("for “Town hall” and this one."), "{told}");
        let json = json(&[clash]);
        assert_eq!(json[0]["with"][0]["id"], "0123456789abcdef");
        assert_eq!(json[0]["stop"], "2026-11-24T09:00:00Z");
    }
}
