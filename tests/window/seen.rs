//! Nine people are seen at the window, all of them moving.

use std::time::Duration;

use conf_tests::netns::{Host, Segment, rendezvous};
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use conf_tests::desktop::Desktop;

pub(crate) const TRIALS: &[Planned] = &[Planned {
    name: "nine_people_are_seen_moving_at_the_window",
    needs: &["Xvfb", "xdotool", "import", "pulseaudio"],
    run: nine_move,
}];

fn nine_move() {
    let lan = Segment::new(2);
    let desktop = Desktop::start(&lan.hosts[0]);
    let there = &lan.hosts[1];
    let file = there.file("nine.sdp");
    let file = file.to_str().unwrap();
    let create = ["create", "--video", "--name", "Nine", "--output", file];
    program(there, &create).succeed(LONG);
    let people: Vec<Running> = NAMES.iter().map(|name| joined(there, file, name)).collect();
    for person in &people {
        person.wait_for("joined", LONG, |line| line.contains("\"joined\""));
    }
    let mut window = desktop.command(rendezvous());
    let here = ["--name", "Ana", "--microphone", "none", "--speaker", "none"];
    let window = Running::start(window.args(["join", file]).args(here));
    desktop.focus("Rendezvous");
    desktop.press("g");
    // Until the last of them has been seen; slow computers take their time.
    let mut moving = 0;
    for _ in 0..20 {
        desktop.look(1.0);
        moving = moving_tiles(&desktop);
        if moving == NAMES.len() {
            break;
        }
    }
    desktop.picture("6-nine");
    assert_eq!(moving, NAMES.len(), "{window}");
}

/// Which blocks of the screen change within two seconds, line by line.
pub(crate) fn changes(desktop: &Desktop<'_>) -> Vec<bool> {
    let first = desktop.grey();
    let mut has_changed = vec![false; COLUMNS * ROWS];
    for _ in 0..8 {
        desktop.look(0.25);
        let next = desktop.grey();
        let pixels = first.iter().zip(&next).enumerate();
        for (place, _) in pixels.filter(|(_, (a, b))| a.abs_diff(**b) > 12) {
            let (x, y) = (place % WIDTH, place / WIDTH);
            has_changed[y / BLOCK * COLUMNS + x / BLOCK] = true;
        }
    }
    has_changed
}

/// How many areas of the size of a tile change within two seconds.
fn moving_tiles(desktop: &Desktop<'_>) -> usize {
    let mut has_changed = changes(desktop);
    let mut tiles = 0;
    while let Some(start) = has_changed.iter().position(|changed| *changed) {
        tiles += usize::from(take_area(&mut has_changed, start) >= LEAST_BLOCKS);
    }
    tiles
}

/// Takes an area that hangs together out of the blocks; gives how many they were.
fn take_area(blocks: &mut [bool], start: usize) -> usize {
    let mut waiting = vec![start];
    let mut count = 0;
    while let Some(place) = waiting.pop() {
        if !std::mem::take(&mut blocks[place]) {
            continue;
        }
        count += 1;
        let column = place % COLUMNS;
        waiting.extend((column > 0).then(|| place - 1));
        waiting.extend((column + 1 < COLUMNS).then(|| place + 1));
        waiting.extend(place.checked_sub(COLUMNS));
        waiting.extend(Some(place + COLUMNS).filter(|place| *place < blocks.len()));
    }
    count
}

fn joined(host: &Host, file: &str, name: &str) -> Running {
    let join = ["join", file, "--headless", "--json", "--name", name];
    // Nine of them and the window share what this computer has.
    let camera = ["--camera", "test:320x180@10"];
    let silent = ["--microphone", "none", "--speaker", "none"];
    program(host, &[&join[..], &camera, &silent].concat())
}

pub(crate) fn program(host: &Host, words: &[&str]) -> Running {
    Running::start(host.command(rendezvous()).args(words))
}

const NAMES: [&str; 9] = [
    "Bo", "Chen", "Dia", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas",
];
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// The screen of a [`Desktop`].
pub(crate) const WIDTH: usize = 1280;
const HEIGHT: usize = 800;
/// Tiles are eight pixels apart: smaller blocks than that never join two of them.
pub(crate) const BLOCK: usize = 4;
pub(crate) const COLUMNS: usize = WIDTH / BLOCK;
pub(crate) const ROWS: usize = HEIGHT / BLOCK;
/// Two thirds of a tile of a grid of ten, 256 by 144.
const LEAST_BLOCKS: usize = 256 * 144 / BLOCK / BLOCK * 2 / 3;
