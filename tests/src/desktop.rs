//! A desktop without hardware: a screen, a keyboard, and a sound card whose microphone and speaker are files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::netns::Host;
use crate::running::Running;

/// One host's desktop; everything ends when it is dropped.
pub struct Desktop<'a> {
    host: &'a Host,
    display: String,
    sound: PathBuf,
    _servers: Vec<Running>,
}

impl<'a> Desktop<'a> {
    /// Starts the screen and the sound server.
    pub fn start(host: &'a Host) -> Self {
        let mut desktop = Self::silent(host);
        desktop.start_sound();
        desktop
    }

    /// Starts the screen alone.
    pub fn silent(host: &'a Host) -> Self {
        Self::screen(host, &[])
    }

    /// Starts a screen that shares no memory with programs, as one on another computer.
    pub fn remote(host: &'a Host) -> Self {
        Self::screen(host, &["-extension", "MIT-SHM"])
    }

    fn screen(host: &'a Host, more: &[&str]) -> Self {
        // Monitors that were told to it stay when the last program goes.
        let screen = [
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ];
        let mut xvfb = host.command("Xvfb");
        let xvfb = Running::start(xvfb.args(["-displayfd", "1"]).args(screen).args(more));
        let is_number = |line: &str| line.parse::<u32>().is_ok();
        let number = xvfb.wait_for("display", SOON, is_number).text;
        Self {
            host,
            display: format!(":{number}"),
            sound: host.file("sound"),
            _servers: vec![xvfb],
        }
    }

    /// A command on this desktop.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_RUNTIME_DIR", self.sound.join("run"))
            .env("PULSE_RUNTIME_PATH", self.sound.join("run/pulse"))
            .env("PULSE_STATE_PATH", self.sound.join("state"))
            .env(
                "PULSE_SERVER",
                format!("unix:{}", self.sound.join("native").display()),
            );
        command
    }

    /// Presses keys, named as xdotool names them.
    pub fn press(&self, keys: &str) {
        let keys = keys.split(' ');
        run(self
            .command("xdotool")
            .args(["key", "--delay", "60"])
            .args(keys));
    }

    /// Types a text.
    pub fn write(&self, text: &str) {
        run(self
            .command("xdotool")
            .args(["type", "--delay", "40", text]));
    }

    /// Waits until a window of this title is there, and gives it the keyboard.
    pub fn focus(&self, title: &str) {
        let search = [
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            title,
            "windowfocus",
            "--sync",
        ];
        Running::start(self.command("xdotool").args(search)).succeed(SOON);
    }

    /// Waits: a person looks at what has changed.
    pub fn look(&self, seconds: f32) {
        let pause = Duration::from_secs_f32(seconds);
        std::thread::sleep(pause);
    }

    /// Keeps a picture of the screen as `target/window/NAME.png`; gives how many colours it has.
    pub fn picture(&self, name: &str) -> u32 {
        let program = crate::netns::rendezvous();
        let folder = program.ancestors().nth(2).unwrap().join("window");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name).with_extension("png");
        // It takes what the processors have left, lest the sound stop for the picture.
        let patiently = |program| {
            let mut command = self.command("chrt");
            command.args(["--idle", "0", program]);
            command
        };
        run(patiently("import").args(["-window", "root"]).arg(&path));
        let colours = patiently("identify")
            .args(["-format", "%k"])
            .arg(&path)
            .output();
        String::from_utf8(colours.unwrap().stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    }

    /// The screen as it is now: a byte of brightness for each pixel.
    pub fn grey(&self) -> Vec<u8> {
        let grab = ["-window", "root", "-depth", "8", "gray:-"];
        let output = self.command("import").args(grab).output();
        output.unwrap().stdout
    }

    /// Speaks a sound file into the microphone.
    pub fn speak(&self, file: &Path) -> Running {
        Running::start(self.command("paplay").args(["-d", "micfeed"]).arg(file))
    }

    /// Records what the loudspeaker plays, until it is dropped or interrupted.
    pub fn record(&self, file: &Path) -> Running {
        let how = [
            "-d",
            "spk.monitor",
            "--latency-msec=20",
            "--file-format=wav",
            "--rate=48000",
            "--channels=1",
        ];
        Running::start(self.command("parec").args(how).arg(file))
    }

    fn start_sound(&mut self) {
        use std::os::unix::fs::DirBuilderExt as _;
        for folder in ["run/pulse", "state"] {
            let mut private = std::fs::DirBuilder::new();
            private
                .recursive(true)
                .mode(0o700)
                .create(self.sound.join(folder))
                .unwrap();
        }
        let socket = self.sound.join("native");
        let modules = [
            format!(
                "module-native-protocol-unix auth-anonymous=1 socket={}",
                socket.display()
            ),
            "module-null-sink sink_name=spk rate=48000 channels=2".to_owned(),
            "module-null-sink sink_name=micfeed rate=48000 channels=1".to_owned(),
            "module-remap-source master=micfeed.monitor source_name=mic".to_owned(),
        ];
        let mut pulse = self.command("pulseaudio");
        pulse.args([
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disallow-exit=1",
        ]);
        pulse.args(modules.iter().flat_map(|module| ["-L", module]));
        self._servers.push(Running::start(&mut pulse));
        let mut ready = self.command("sh");
        let wait = "until pactl info >/dev/null 2>&1; do sleep 0.1; done; \
            pactl set-default-sink spk; pactl set-default-source mic";
        Running::start(ready.args(["-c", wait])).succeed(SOON);
        // Sinks that nobody plays to and monitors that nobody hears fall asleep, and lose seconds of sound.
        let silence = [
            "-p",
            "--latency-msec=20",
            "--rate=48000",
            "--channels=1",
            "/dev/zero",
        ];
        for sink in ["spk", "micfeed"] {
            let mut awake = self.command("pacat");
            self._servers
                .push(Running::start(awake.args(["-d", sink]).args(silence)));
        }
    }
}

/// Longer than anything takes to start.
const SOON: Duration = Duration::from_secs(20);

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
}
