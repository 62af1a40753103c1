//! Trials that need more than Rust: each names the tools it needs and is skipped, loudly, where they are not there.

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::{Arguments, Trial};

/// A trial before it is known whether it can run here.
#[derive(Clone, Copy)]
pub struct Planned {
    /// A sentence.
    pub name: &'static str,
    /// Programs in the search path, GStreamer elements as `gst:NAME`, files as absolute paths, and `root`.
    pub needs: &'static [&'static str],
    /// Panics if it fails.
    pub run: fn(),
}

/// Runs what can run; `obstacle` is a reason why nothing can.
///
/// Each skipped trial prints `skipped NAME: REASON` and counts as ignored.
pub fn run(trials: &[Planned], obstacle: Option<&str>) -> ! {
    let mut arguments = Arguments::from_args();
    // They run in real time, and some judge sound by the millisecond: one after the other.
    arguments.test_threads.get_or_insert(1);
    let missing: BTreeSet<_> = trials
        .iter()
        .flat_map(|trial| trial.needs)
        .copied()
        .collect();
    let missing: BTreeSet<_> = missing.into_iter().filter(|need| !is_there(need)).collect();
    let decide = |trial: &Planned| {
        let absent = trial.needs.iter().find(|need| missing.contains(*need));
        let reason = obstacle
            .map(str::to_owned)
            .or_else(|| Some(reason_without(absent?)));
        if let Some(reason) = &reason
            && !arguments.list
        {
            println!("skipped {}: {reason}", trial.name);
        }
        let run = trial.run;
        let trial = Trial::test(trial.name, move || {
            run();
            Ok(())
        });
        trial.with_ignored_flag(reason.is_some())
    };
    let trials = trials.iter().map(decide).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

fn reason_without(need: &str) -> String {
    match need {
        "root" => "it needs root".to_owned(),
        need => format!("{need} is not installed"),
    }
}

/// Whether this machine has a tool, element or file; [`Planned::needs`] tells how they are named.
pub fn is_there(need: &str) -> bool {
    if let Some(element) = need.strip_prefix("gst:") {
        let mut inspect = std::process::Command::new("gst-inspect-1.0");
        return inspect
            // Unless told otherwise, it has to be of GStreamer's own version.
            .args(["--exists", "--atleast-version=0.0", element])
            .status()
            .is_ok_and(|status| status.success());
    }
    if need == "root" {
        return is_root();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    Path::new(need).is_absolute() && Path::new(need).exists()
        || std::env::split_paths(&path).any(|directory| directory.join(need).is_file())
}

/// Whether the tests run as root; where there is no such person, they do not.
fn is_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
    }
    #[cfg(not(unix))]
    false
}
