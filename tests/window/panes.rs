//! Pictures that pass the painting of the window, where the processor runs OpenGL: what lies over them stays over them, and
//! what is done with the pointer is done to the window.

use conf_tests::desktop::Desktop;
use conf_tests::netns::{Segment, rendezvous};
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::seen::{BLOCK, COLUMNS, LONG, ROWS, WIDTH, changes, program};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "pictures_pass_the_painting_of_the_window",
        needs: &["Xvfb", "xdotool", "import"],
        run: with_panes,
    },
    Planned {
        name: "pictures_are_painted_where_no_memory_is_shared_with_the_screen",
        needs: &["Xvfb", "xdotool", "import"],
        run: without_panes,
    },
];

fn with_panes() {
    let lan = Segment::new(2);
    let desktop = Desktop::silent(&lan.hosts[0]);
    let (_bo, window) = room(&lan, &desktop);
    let picture = moving(&desktop);
    desktop.picture("7-panes");
    assert!(plate(&desktop, picture) > 20, "no name on the picture");
    let told = |name| sum(&window, name);
    let frames = told("frames=") * 1_000 / told("span_ms=").max(1);
    assert!(frames < 8, "painted {frames} times a second: {window}");

    let middle = [
        picture[0].midpoint(picture[1]),
        picture[2].midpoint(picture[3]),
    ];
    click(&desktop, middle, "3");
    desktop.look(1.0);
    desktop.picture("7-panes-menu");
    let beside = |moving: &[bool]| {
        let [x, y] = [middle[0] + 40, middle[1] + 40];
        moving[y / BLOCK * COLUMNS + x / BLOCK]
    };
    assert!(
        !beside(&changes(&desktop)),
        "the menu is not over the picture: {window}"
    );
    desktop.press("Escape");
    desktop.look(0.5);
    assert!(
        beside(&changes(&desktop)),
        "the picture stands still: {window}"
    );
}

fn without_panes() {
    let lan = Segment::new(2);
    let desktop = Desktop::remote(&lan.hosts[0]);
    let (_bo, window) = room(&lan, &desktop);
    let picture = moving(&desktop);
    assert!(plate(&desktop, picture) > 20, "no name on the picture");
    let (frames, pictures) = (sum(&window, "frames="), sum(&window, "pictures="));
    assert!(frames >= pictures / 2, "{frames} frames: {window}");
}

/// Bo, who sends pictures, and a window that shows them.
fn room(lan: &Segment, desktop: &Desktop<'_>) -> (Running, Running) {
    let there = &lan.hosts[1];
    let file = there.file("two.sdp");
    let file = file.to_str().unwrap();
    let create = ["create", "--video", "--name", "Two", "--output", file];
    program(there, &create).succeed(LONG);
    let join = ["join", file, "--headless", "--json", "--name", "Bo"];
    let sent = ["--camera", "test:640x360@30", "--microphone", "none"];
    let bo = program(there, &[&join[..], &sent, &["--speaker", "none"]].concat());
    bo.wait_for("joined", LONG, |line| line.contains("\"joined\""));
    let mut window = desktop.command(rendezvous());
    window.env("RENDEZVOUS_LOG", "rendezvous::ui::pictures=debug");
    window.env("NO_COLOR", "1");
    let silent = ["--microphone", "none", "--speaker", "none"];
    let window = Running::start(window.args(["join", file, "--name", "Ana"]).args(silent));
    desktop.focus("Rendezvous");
    (bo, window)
}

/// Where a picture moves: left, right, top, bottom, in pixels.
fn moving(desktop: &Desktop<'_>) -> [usize; 4] {
    // Until it is large; slow computers take their time.
    for _ in 0..10 {
        let changed = changes(desktop);
        let blocks = (0..COLUMNS * ROWS).filter(|block| changed[*block]);
        let blocks: Vec<usize> = blocks.collect();
        if blocks.len() > COLUMNS * ROWS / 4 {
            let ends = |along: &dyn Fn(usize) -> usize| {
                let places = || blocks.iter().map(|block| along(*block));
                [
                    places().min().unwrap() * BLOCK,
                    (places().max().unwrap() + 1) * BLOCK,
                ]
            };
            let ([left, right], [top, bottom]) = (
                ends(&|block| block % COLUMNS),
                ends(&|block| block / COLUMNS),
            );
            desktop.look(3.0);
            return [left, right, top, bottom];
        }
    }
    panic!("nothing moves");
}

/// How many pixels of the name are as bright in one picture as in the next.
fn plate(desktop: &Desktop<'_>, [left, _, _, bottom]: [usize; 4]) -> usize {
    let first = desktop.grey();
    desktop.look(0.7);
    let next = desktop.grey();
    let places = (bottom - 40..bottom).flat_map(|y| (left..left + 60).map(move |x| y * WIDTH + x));
    places
        .filter(|place| first[*place] > 225 && next[*place] > 225)
        .count()
}

fn click(desktop: &Desktop<'_>, [x, y]: [usize; 2], button: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    let words = ["mousemove", &x, &y, "sleep", "0.3", "click", button];
    Running::start(desktop.command("xdotool").args(words)).succeed(LONG);
}

/// What the window said of a figure, all in all.
fn sum(window: &Running, name: &str) -> u32 {
    let told = |text: &str| -> Option<u32> {
        let mut words = text.split_whitespace();
        words.find_map(|word| word.strip_prefix(name))?.parse().ok()
    };
    let lines = window.lines();
    // Of the first seconds, in which the window opens, nothing is counted.
    lines
        .iter()
        .skip(1)
        .filter_map(|line| told(&line.text))
        .sum()
}
