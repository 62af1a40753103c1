//! A session of Wayland as far as sharing goes: a real PipeWire with a film in it, and a desktop portal whose person
//! says yes to everything.

use std::collections::HashMap;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use futures_lite::future::block_on;
use serde_json::Value as Json;
use zbus::message::Header;
use zbus::zvariant::{ObjectPath, OwnedFd, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, connection};

use crate::netns::Host;
use crate::running::Running;

/// The session; everything ends when it is dropped.
pub struct Portal<'a> {
    host: &'a Host,
    runtime: PathBuf,
    connection: Option<Connection>,
    _servers: Vec<Running>,
}

impl<'a> Portal<'a> {
    /// Starts it, with this film (YUV4MPEG2), which plays as soon as somebody watches.
    pub fn start(host: &'a Host, film: &Path) -> Self {
        let runtime = host.file("wayland");
        std::fs::create_dir(&runtime).unwrap();
        let mut portal = Self {
            host,
            runtime,
            connection: None,
            _servers: Vec::new(),
        };
        let bus = format!("--address={}", portal.bus());
        let bus = portal.run(
            "dbus-daemon",
            &["--session", "--nofork", &bus, "--print-address"],
        );
        bus.wait_for("bus", SOON, |line| line.starts_with("unix:"));
        let pipewire = portal.run("pipewire", &[]);
        portal.wait_for("PipeWire", |_| true);
        let location = format!("location={}", film.display());
        let caps = "video/x-raw,format=BGRx";
        let sink = ["pipewiresink", "mode=provide", SCREEN];
        let play = [
            "-q",
            "filesrc",
            &location,
            "!",
            "y4mdec",
            "!",
            "videoconvert",
            "!",
            caps,
            "!",
        ];
        let screen = portal.run("gst-launch-1.0", &[&play[..], &sink].concat());
        let node = portal.wait_for("film", |object| {
            object["info"]["props"]["node.name"] == "film"
        });
        portal._servers = vec![screen, pipewire, bus];
        let desktop = Desktop {
            node,
            pipewire: portal.runtime.join("pipewire-0"),
        };
        let address = portal.bus();
        let served = block_on(async {
            let builder = connection::Builder::address(&*address)?;
            builder.serve_at(OBJECT, desktop)?.name(NAME)?.build().await
        });
        portal.connection = Some(served.unwrap());
        portal
    }

    /// A command in this session.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus())
            .env("WAYLAND_DISPLAY", "wayland-0")
            .env_remove("DISPLAY");
        command
    }

    /// Brings the film and whoever asked for it together, as a session manager does.
    pub fn link(&self) {
        let began = Instant::now();
        let ends = ["film:out_0", "rendezvous:in_0"];
        let is_linked = || {
            self.command("pw-link")
                .args(ends)
                .output()
                .unwrap()
                .status
                .success()
        };
        while !is_linked() {
            assert!(began.elapsed() < SOON, "nobody asked for the film");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The person has had enough of sharing.
    pub fn end_sharing(&self) {
        let nothing = HashMap::<&str, Value<'_>>::new();
        let connection = self.connection.as_ref().unwrap();
        let interface = "org.freedesktop.portal.Session";
        let ended = connection.emit_signal(None::<&str>, SESSION, interface, "Closed", &nothing);
        block_on(ended).unwrap();
    }

    fn bus(&self) -> String {
        format!("unix:path={}", self.runtime.join("bus").display())
    }

    fn run(&self, program: &str, words: &[&str]) -> Running {
        Running::start(self.command(program).args(words))
    }

    /// The number of something in PipeWire, once it is there.
    fn wait_for(&self, what: &str, is_it: impl Fn(&Json) -> bool) -> u32 {
        let began = Instant::now();
        loop {
            let dumped = self.command("pw-dump").output().unwrap().stdout;
            let objects: Json = serde_json::from_slice(&dumped).unwrap_or_default();
            let objects = objects.as_array().cloned().unwrap_or_default();
            if let Some(found) = objects.iter().find(|object| is_it(object)) {
                return found["id"].as_u64().unwrap() as u32;
            }
            assert!(began.elapsed() < SOON, "no {what} in {objects:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// What the portal offers (`org.freedesktop.portal.ScreenCast`).
struct Desktop {
    node: u32,
    pipewire: PathBuf,
}

type Options = HashMap<String, OwnedValue>;

#[zbus::interface(name = "org.freedesktop.portal.ScreenCast")]
impl Desktop {
    #[zbus(property)]
    fn available_source_types(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn available_cursor_modes(&self) -> u32 {
        2
    }

    async fn create_session(
        &self,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> OwnedObjectPath {
        let session = Value::from(SESSION);
        answer(
            connection,
            &header,
            &options,
            &[("session_handle", session)],
        )
        .await
    }

    async fn select_sources(
        &self,
        _session: ObjectPath<'_>,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> OwnedObjectPath {
        answer(connection, &header, &options, &[]).await
    }

    async fn start(
        &self,
        _session: ObjectPath<'_>,
        _parent: String,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> OwnedObjectPath {
        let stream = (self.node, HashMap::<String, Value<'_>>::new());
        let streams = Value::from(vec![stream]);
        answer(connection, &header, &options, &[("streams", streams)]).await
    }

    #[zbus(name = "OpenPipeWireRemote")]
    fn open_pipe_wire_remote(&self, _session: ObjectPath<'_>, _options: Options) -> OwnedFd {
        let socket = UnixStream::connect(&self.pipewire).unwrap();
        std::os::fd::OwnedFd::from(socket).into()
    }
}

/// Says yes, as a portal does: by a signal of an object that the caller named.
async fn answer(
    connection: &Connection,
    header: &Header<'_>,
    options: &Options,
    results: &[(&str, Value<'_>)],
) -> OwnedObjectPath {
    let caller = header.sender().unwrap().trim_start_matches(':');
    let token: String = options["handle_token"]
        .try_clone()
        .unwrap()
        .try_into()
        .unwrap();
    let path = format!("{OBJECT}/request/{}/{token}", caller.replace('.', "_"));
    let path = ObjectPath::try_from(path).unwrap();
    let results: HashMap<&str, &Value<'_>> =
        results.iter().map(|(key, value)| (*key, value)).collect();
    let (interface, body) = ("org.freedesktop.portal.Request", (0_u32, results));
    let said = connection.emit_signal(None::<&str>, &path, interface, "Response", &body);
    said.await.unwrap();
    path.into()
}

const NAME: &str = "org.freedesktop.portal.Desktop";
const OBJECT: &str = "/org/freedesktop/portal/desktop";
const SESSION: &str = "/org/freedesktop/portal/desktop/session/trial";
const SCREEN: &str = "stream-properties=p,media.class=Video/Source,node.name=film";
/// Longer than anything takes to start.
const SOON: Duration = Duration::from_secs(20);
