//! What this process, or those it started, cost so far (Linux).

use std::collections::BTreeMap;
use std::str::FromStr;

/// CPU seconds of this process, user and system, in steps of 10 ms.
pub fn cpu_seconds() -> f64 {
    ticks(11) + ticks(12)
}

/// CPU seconds of all child processes that ended and were waited for.
pub fn children_cpu_seconds() -> f64 {
    ticks(13) + ticks(14)
}

/// CPU seconds of another process and all its threads, user and system.
pub fn cpu_seconds_of(process: u32) -> f64 {
    let process = process.to_string();
    ticks_of(&process, 11) + ticks_of(&process, 12)
}

/// What each thread of this process cost so far, by name: milliseconds of CPU, and how often it was woken.
pub fn threads() -> BTreeMap<String, (f64, u64)> {
    let mut found = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        // It may have ended since it was listed.
        let read = |file: &str| std::fs::read_to_string(task.join(file)).unwrap_or_default();
        let first = |text: &str| text.split_whitespace().next().map(str::to_owned);
        let nanoseconds: f64 = parsed(first(&read("schedstat")));
        let status = read("status");
        let mut lines = status.lines();
        let waits = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let (name, waits) = (read("comm"), parsed::<u64>(waits.and_then(first)));
        let cost: &mut (f64, u64) = found.entry(name.trim().to_owned()).or_default();
        *cost = (cost.0 + nanoseconds / 1e6, cost.1 + waits);
    }
    found
}

fn parsed<T: FromStr + Default>(text: Option<String>) -> T {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Bytes of memory that this process holds now.
pub fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

fn ticks(field: usize) -> f64 {
    ticks_of("self", field)
}

/// A field of /proc/PID/stat, counted from the state, which follows the name in parentheses; see proc(5).
fn ticks_of(process: &str, field: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields = stat.rsplit(')').next().unwrap();
    let value = fields.split_whitespace().nth(field).unwrap();
    let ticks: f64 = value.parse().unwrap();
    // USER_HZ, which is 100 on every architecture that Rust's std supports.
    ticks / 100.0
}
