//! Programs run by a test: their output as it comes, and an end in any case.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A program that was started; dropped, it is killed.
pub struct Running {
    child: Child,
    title: String,
    output: Arc<Output>,
}

/// A line of a program's output, and when it came.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was read.
    pub at: Instant,
    /// The line, without its end.
    pub text: String,
}

#[derive(Default)]
struct Output {
    said: Mutex<Said>,
    changed: Condvar,
}

#[derive(Default)]
struct Said {
    lines: Vec<Line>,
    /// Pipes that have not come to their end.
    open: usize,
}

impl Running {
    /// Starts the program with its output, standard and error, collected line by line.
    pub fn start(command: &mut Command) -> Self {
        let title = format!("{command:?}");
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{title}: {e}"));
        let output = Arc::<Output>::default();
        collect(child.stdout.take().unwrap(), &output);
        collect(child.stderr.take().unwrap(), &output);
        Self {
            child,
            title,
            output,
        }
    }

    /// Waits for a line that fits; without one in that time the test fails and tells all output so far.
    pub fn wait_for(&self, what: &str, within: Duration, fits: impl Fn(&str) -> bool) -> Line {
        let deadline = Instant::now() + within;
        let mut said = self.output.said.lock().unwrap();
        loop {
            if let Some(line) = said.lines.iter().find(|line| fits(&line.text)) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(said);
                panic!("no {what} within {within:?}: {self}");
            }
            said = self.output.changed.wait_timeout(said, left).unwrap().0;
        }
    }

    /// Waits until the program ends by itself and all its output is read; killed and a failure if it does not end.
    pub fn wait(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.read_to_end();
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "still running after {within:?}: {self}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What a program that has ended left in its pipes; somebody it started may hold them open for ever.
    fn read_to_end(&self) {
        const LONG_ENOUGH: Duration = Duration::from_secs(2);
        let said = self.output.said.lock().unwrap();
        let is_open = |said: &mut Said| said.open > 0;
        let read = self
            .output
            .changed
            .wait_timeout_while(said, LONG_ENOUGH, is_open);
        drop(read.unwrap());
    }

    /// Waits for the end as [`wait`](Self::wait) does, which has to be a success.
    pub fn succeed(&mut self, within: Duration) {
        let status = self.wait(within);
        assert!(status.success(), "{status}: {self}");
    }

    /// Its number in /proc.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends Ctrl-C.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends a signal, named as kill(1) names it.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success(), "kill -s {name}: {self}");
    }

    /// Everything the program has said so far.
    pub fn lines(&self) -> Vec<Line> {
        self.output.said.lock().unwrap().lines.clone()
    }
}

impl std::fmt::Display for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.title)?;
        for line in self.lines() {
            write!(f, "\n  | {}", line.text)?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        if self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}

fn collect(from: impl Read + Send + 'static, output: &Arc<Output>) {
    let output = Arc::clone(output);
    output.said.lock().unwrap().open += 1;
    let read = move || {
        for text in BufReader::new(from).lines().map_while(Result::ok) {
            let at = Instant::now();
            output.said.lock().unwrap().lines.push(Line { at, text });
            output.changed.notify_all();
        }
        output.said.lock().unwrap().open -= 1;
        output.changed.notify_all();
    };
    let thread = std::thread::Builder::new().name("output".to_owned());
    thread.spawn(read).unwrap();
}
