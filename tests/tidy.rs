//! House rules that neither rustfmt nor clippy can check.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

const CRATES: [&str; 5] = ["app", "conf-core", "directory", "media", "tests"];
const MAX_LINES: usize = 500;

/// A source file, split where its unit tests begin.
struct Source {
    path: String,
    code: String,
    tests: String,
}

#[test]
fn files_are_short() {
    let faults = sources().into_iter().filter_map(|file| {
        let lines = file.code.lines().count();
        (lines > MAX_LINES).then(|| format!("{}: {lines} lines before its tests", file.path))
    });
    assert_no_faults(faults);
}

#[test]
fn files_say_what_they_are_for() {
    let silent = sources()
        .into_iter()
        .filter(|file| !file.code.starts_with("//! "));
    assert_no_faults(silent.map(|file| format!("{}: does not begin with `//! `", file.path)));
}

#[test]
fn nothing_is_left_open() {
    // Put together here, so that this file does not find itself.
    let marks =
        ["TO DO", "FIX ME", "XX X", "to do!(", "unimpl emented!("].map(|m| m.replace(' ', ""));
    let ignore = format!("#[{}", "ignore");
    let marks: Vec<&str> = marks.iter().map(String::as_str).chain([&*ignore]).collect();
    assert_no_faults(sources().into_iter().flat_map(|file| {
        let text = format!("{}{}", file.code, file.tests);
        lines_with(&file.path, &text, &marks)
    }));
}

/// A failure must be repeatable, and a test that waits for time to pass is slow or flaky or both.
#[test]
fn tests_use_seeded_random_numbers_and_never_sleep() {
    let marks = [
        "Rng::new()",
        "rand::random",
        "thread_rng",
        "fastrand::u",
        "thread::sleep",
    ];
    assert_no_faults(sources().into_iter().flat_map(|file| {
        let is_virtual = ["tests/scenarios/", "tests/src/lan"];
        let is_scenario = is_virtual.iter().any(|dir| file.path.starts_with(dir));
        let text = if is_scenario { file.code } else { file.tests };
        lines_with(&file.path, &text, &marks)
    }));
}

#[test]
fn dependencies_say_why_they_are_there() {
    let manifests = CRATES.iter().map(|name| format!("{name}/Cargo.toml"));
    let all = manifests.chain(["Cargo.toml".to_owned()]);
    assert_no_faults(all.flat_map(|path| unexplained(&path)));
}

/// `directory` and `media` know nothing of each other, of conf-core or of the program.
#[test]
fn dependencies_point_one_way() {
    let allowed: [(&str, &[&str]); 4] = [
        ("directory", &[]),
        ("media", &[]),
        ("conf-core", &["directory", "media"]),
        ("app", &["conf-core"]),
    ];
    assert_no_faults(allowed.into_iter().flat_map(|(name, may)| {
        let manifest = read(&format!("{name}/Cargo.toml"));
        let names = ["app", "rendezvous", "conf-core", "directory", "media"];
        let used = names.into_iter().filter(move |other| {
            let line = format!("{other}.workspace");
            manifest.lines().any(|l| l.starts_with(&line)) && !may.contains(other)
        });
        used.map(move |other| format!("{name} depends on {other}"))
    }));
}

/// Dependency lines with neither a comment over their group of at most three nor a mention in the workspace.
fn unexplained(path: &str) -> Vec<String> {
    let text = read(path);
    let mut is_dependencies = false;
    let mut explained = 0;
    let mut faults = Vec::new();
    for line in text.lines() {
        match line.chars().next() {
            Some('[') => is_dependencies = line.contains("dependencies"),
            Some('#') => explained = 3,
            None => explained = 0,
            Some(_) if !is_dependencies || is_inherited(line) => {}
            Some(_) if explained > 0 => explained -= 1,
            Some(_) => faults.push(format!("{path}: `{line}` does not say why")),
        }
    }
    faults
}

fn is_inherited(line: &str) -> bool {
    line.contains("path = ") || line.contains("workspace = true") || line.starts_with([' ', ']'])
}

fn lines_with(path: &str, text: &str, marks: &[&str]) -> Vec<String> {
    let is_marked = |line: &&str| marks.iter().any(|mark| line.contains(mark));
    let found = text.lines().filter(is_marked);
    found
        .map(|line| format!("{path}: {}", line.trim()))
        .collect()
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    for name in CRATES {
        rust_files(&root().join(name), &mut paths);
    }
    paths.sort();
    let sources: Vec<_> = paths.iter().map(|path| source(path)).collect();
    assert!(sources.len() > CRATES.len(), "looked in the wrong place");
    sources
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    let (code, tests) = text.split_once("\n#[cfg(test)]\n").unwrap_or((&text, ""));
    Source {
        path: path.strip_prefix(root()).unwrap().display().to_string(),
        code: code.to_owned(),
        tests: tests.to_owned(),
    }
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn assert_no_faults(faults: impl Iterator<Item = String>) {
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
