//! Real networks out of Linux network namespaces, without root.

use std::fs::File;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};

use nix::sched::{CloneFlags, setns};
use tempfile::TempDir;

use crate::trials::is_there;

/// Runs this test binary again where it may make networks; returns there, or with the reason why it cannot.
pub fn enter() -> Result<(), String> {
    if let Some(missing) = TOOLS.into_iter().find(|tool| !is_there(tool)) {
        return Err(format!("{missing} is not installed"));
    }
    if std::env::var_os(INSIDE).is_none() {
        try_run(Command::new("unshare").args(["-Urnm", "true"]))?;
        let me = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut again = Command::new("unshare");
        again.arg("-Urnm").arg("--").arg(me);
        let error = again
            .args(std::env::args_os().skip(1))
            .env(INSIDE, "1")
            .exec();
        return Err(error.to_string());
    }
    try_run(Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/run"]))?;
    try_run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    try_run(Command::new("ip").args(["netns", "add", "probe"]))?;
    try_run(Command::new("nsenter").args(["--net=/run/netns/probe", "true"]))
}

/// Hosts on one Ethernet: a bridge that forwards multicast to everybody.
pub struct Segment {
    /// The hosts, numbered as their addresses end, from 1.
    pub hosts: Vec<Host>,
    bridge: String,
}

/// A computer of its own: network, home directory.
pub struct Host {
    namespace: String,
    home: TempDir,
    /// Its address on the segment.
    pub v4: Ipv4Addr,
    /// Its other address on the segment.
    pub v6: Ipv6Addr,
}

impl Segment {
    /// Makes so many hosts, each with `eth0` up and a default route to a router that is not there.
    pub fn new(hosts: u8) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let bridge = format!("t{number}");
        ip(&format!("link add {bridge} type bridge mcast_snooping 0"));
        ip(&format!("link set {bridge} up"));
        let hosts = (1..=hosts).map(|host| Host::plugged(&bridge, number, host));
        let hosts = hosts.collect();
        Self { hosts, bridge }
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        for host in &self.hosts {
            try_run(Command::new("ip").args(["netns", "delete", &host.namespace])).ok();
        }
        try_run(Command::new("ip").args(["link", "delete", &self.bridge])).ok();
    }
}

impl Host {
    /// A command that runs on this host.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        let namespace = format!("--net=/run/netns/{}", self.namespace);
        command.arg(namespace).arg("--").arg(program);
        let home = self.home.path();
        command.current_dir(home).env("HOME", home);
        for (name, folder) in XDG {
            command.env(name, home.join(folder));
        }
        command
    }

    /// Runs `ip` on this host.
    pub fn ip(&self, arguments: &str) {
        run(self.command("ip").args(arguments.split(' ')));
    }

    /// Another program on this host that has a UDP port and shares it with nobody, until it is dropped.
    pub fn hold_port(&self, port: u16) -> UdpSocket {
        self.inside(move || UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap())
    }

    /// Does something on this host. Threads that it starts stay there.
    pub fn inside<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> T {
        let namespace = File::open(format!("/run/netns/{}", self.namespace)).unwrap();
        let moved = move || {
            setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
            act()
        };
        // A thread of its own: it alone moves to the host.
        let thread = std::thread::Builder::new().name("on a host".to_owned());
        thread.spawn(moved).unwrap().join().unwrap()
    }

    /// A file in this host's home directory.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    fn plugged(bridge: &str, segment: u8, number: u8) -> Self {
        let namespace = format!("{bridge}h{number}");
        let v4 = Ipv4Addr::new(10, 77, segment, number);
        let v6 = Ipv6Addr::new(0xfd77, 0, 0, segment.into(), 0, 0, 0, number.into());
        ip(&format!("netns add {namespace}"));
        let host = Self {
            home: tempfile::tempdir().unwrap(),
            namespace,
            v4,
            v6,
        };
        // Duplicate address detection would keep IPv6 silent for the first two seconds.
        let no_dad = "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad";
        run(host.command("sh").args(["-c", no_dad]));
        let outside = format!("{}e", host.namespace);
        ip(&format!(
            "link add {outside} type veth peer name eth0 netns {}",
            host.namespace
        ));
        ip(&format!("link set {outside} master {bridge} up"));
        host.ip("link set lo up");
        host.ip("link set eth0 up");
        host.address();
        host
    }

    /// Gives `eth0` its addresses and routes, as it loses some of them when it goes down.
    pub fn address(&self) {
        let [a, b, c, _] = self.v4.octets();
        self.ip(&format!("address replace {}/24 dev eth0", self.v4));
        self.ip(&format!("-6 address replace {}/64 dev eth0 nodad", self.v6));
        self.ip(&format!("route replace default via {a}.{b}.{c}.254"));
    }
}

const TOOLS: [&str; 4] = ["unshare", "nsenter", "ip", "mount"];

const INSIDE: &str = "CONF_TESTS_INSIDE_NAMESPACE";
const XDG: [(&str, &str); 4] = [
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
];
static NEXT: AtomicU8 = AtomicU8::new(1);

fn ip(arguments: &str) {
    run(Command::new("ip").args(arguments.split(' ')));
}

fn run(command: &mut Command) {
    try_run(command).unwrap();
}

fn try_run(command: &mut Command) -> Result<(), String> {
    let output = command.output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", complaint.trim()))
}

/// The program under test, built beside this test.
pub fn rendezvous() -> std::path::PathBuf {
    let me = std::env::current_exe().unwrap();
    let built = me.ancestors().nth(2).unwrap();
    let program = built.join("rendezvous");
    assert!(
        program.exists(),
        "{}: build the workspace first",
        program.display()
    );
    program
}
