//! One terminal over its life: opened, running, lost, looked for again.
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::DeviceState;
use super::keeper::{Fault, Keeper, Open};

/// How the working end of a terminal is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It works, and this number changes as long as it does.
    Beating(u64),
    /// It complains, and may recover: it is broken if this number does not change soon.
    Ailing(u64, Fault),
    /// It works; no heartbeat is to be expected.
    Working,
    /// It has come to its end, as it should.
    Ended,
    /// It must be opened again.
    Broken(Fault),
}

/// The working end of a terminal, on the audio thread.
pub(crate) trait Flow: Send + 'static {
    /// How it is doing; asked every step.
    fn condition(&self) -> Condition;
}

/// A terminal that is opened by a [`Keeper`], watched, and opened again when it fails.
pub(crate) struct Port<F: ?Sized> {
    name: &'static str,
    open: Arc<Open<Box<F>>>,
    phase: Phase<F>,
    state: DeviceState,
    /// So many failures more may be passing ones.
    quick_tries: u8,
    /// Told to let go, and not yet gone.
    leaving: Vec<Keeper<Box<F>>>,
}

enum Phase<F: ?Sized> {
    Opening(Keeper<Box<F>>),
    Running {
        keeper: Keeper<Box<F>>,
        flow: Box<F>,
        since: Instant,
        beat: u64,
        beat_at: Instant,
    },
    Waiting(Instant),
    Ended,
}

impl<F: Flow + ?Sized> Port<F> {
    /// Starts to open; the thread that does it carries `name`.
    pub(crate) fn new(name: &'static str, open: Arc<Open<Box<F>>>, now: Instant) -> Self {
        let mut this = Self {
            name,
            open,
            phase: Phase::Ended,
            state: DeviceState::Opening,
            quick_tries: QUICK_TRIES,
            leaving: Vec::new(),
        };
        this.start(now);
        this
    }

    /// Looks after it; to be called every step.
    pub(crate) fn tend(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Opening(keeper) => {
                if let Some(answer) = keeper.poll() {
                    self.settle(answer, now);
                }
            }
            Phase::Running { .. } => self.watch(now),
            Phase::Waiting(until) if *until <= now => self.start(now),
            Phase::Waiting(_) | Phase::Ended => {}
        }
        self.leaving.retain(|keeper| !keeper.is_finished());
    }

    /// Its working end, while there is one.
    pub(crate) fn flow(&mut self) -> Option<&mut F> {
        match &mut self.phase {
            Phase::Running { flow, .. } => Some(flow),
            _ => None,
        }
    }

    /// How it is doing.
    pub(crate) fn state(&self) -> &DeviceState {
        &self.state
    }

    /// Tells it to let go.
    pub(crate) fn close(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Opening(keeper) | Phase::Running { keeper, .. } => {
                keeper.close();
                self.leaving.push(keeper);
            }
            Phase::Waiting(_) | Phase::Ended => {}
        }
        self.state = DeviceState::Off;
    }

    /// Whether everything has been let go, so that dropping this does not wait.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Ended) && self.leaving.iter().all(Keeper::is_finished)
    }

    fn start(&mut self, now: Instant) {
        // A driver that never answers must not gather threads.
        if self.leaving.len() >= MAX_LEAVING {
            self.phase = Phase::Waiting(now + RETRY);
            return;
        }
        match Keeper::start(self.name, Arc::clone(&self.open)) {
            Ok(keeper) => self.phase = Phase::Opening(keeper),
            Err(fault) => self.fail(fault, now),
        }
    }

    fn settle(&mut self, answer: Result<Box<F>, Fault>, now: Instant) {
        let Phase::Opening(keeper) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            return;
        };
        match answer {
            Ok(flow) => {
                self.phase = Phase::Running {
                    keeper,
                    flow,
                    since: now,
                    beat: 0,
                    beat_at: now,
                };
                self.state = DeviceState::Running;
            }
            Err(fault) => {
                self.leaving.push(keeper);
                self.fail(fault, now);
            }
        }
    }

    fn watch(&mut self, now: Instant) {
        let Phase::Running {
            flow,
            since,
            beat,
            beat_at,
            ..
        } = &mut self.phase
        else {
            return;
        };
        if now.saturating_duration_since(*since) >= PROVEN {
            self.quick_tries = QUICK_TRIES;
        }
        match flow.condition() {
            Condition::Working => {}
            Condition::Ended => self.close(),
            Condition::Broken(fault) => self.give_up(fault, now),
            Condition::Beating(new) | Condition::Ailing(new, _) if new != *beat => {
                *beat = new;
                *beat_at = now;
            }
            Condition::Ailing(_, fault) => {
                if now.saturating_duration_since(*beat_at) >= PATIENCE {
                    self.give_up(fault, now);
                }
            }
            Condition::Beating(_) if now.saturating_duration_since(*beat_at) < WATCHDOG => {}
            Condition::Beating(_) => {
                self.give_up(Fault::Failed("the device has fallen silent".into()), now);
            }
        }
    }

    fn give_up(&mut self, fault: Fault, now: Instant) {
        self.close();
        self.fail(fault, now);
        if let Some(left) = self.quick_tries.checked_sub(1) {
            self.quick_tries = left;
            self.phase = Phase::Waiting(now + QUICK_RETRY);
        }
    }

    fn fail(&mut self, fault: Fault, now: Instant) {
        self.phase = Phase::Waiting(now + RETRY);
        self.state = match fault {
            Fault::Missing(reason) | Fault::Over(reason) => DeviceState::Missing { reason },
            Fault::Failed(reason) => DeviceState::Failed { reason },
        };
    }
}

/// Soon enough for somebody who has just plugged in a headset, seldom enough to cost nothing.
const RETRY: Duration = Duration::from_secs(2);
/// PulseAudio, just waking, breaks a new stream now and then; the next one works.
const QUICK_RETRY: Duration = Duration::from_millis(200);
const QUICK_TRIES: u8 = 3;
/// What has run for so long deserves quick tries again.
const PROVEN: Duration = Duration::from_secs(10);
/// The longest period of a device is a fraction of this; see RustAudio/cpal#1175 for streams that die silently.
const WATCHDOG: Duration = Duration::from_secs(2);
/// A device that complains skips a few periods at most when it recovers.
const PATIENCE: Duration = Duration::from_millis(100);
const MAX_LEAVING: usize = 4;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs one epoch")]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;
    use crate::device::keeper::Hold;

    struct Toy(Arc<Mutex<Condition>>);

    impl Flow for Toy {
        fn condition(&self) -> Condition {
            self.0.lock().unwrap().clone()
        }
    }

    /// A port whose device answers in turn as told, and whose condition can be set.
    fn port(answers: &[Result<(), Fault>]) -> (Port<Toy>, Arc<Mutex<Condition>>, Instant) {
        let condition = Arc::new(Mutex::new(Condition::Working));
        let answers = Mutex::new(VecDeque::from(answers.to_vec()));
        let theirs = Arc::clone(&condition);
        let open: Arc<Open<Box<Toy>>> = Arc::new(move || {
            answers.lock().unwrap().pop_front().unwrap()?;
            let hold: Hold = Box::new(|signal| {
                while !signal.is_closing() {
                    signal.wait();
                }
            });
            Ok((Box::new(Toy(Arc::clone(&theirs))), hold))
        });
        let now = Instant::now();
        (Port::new("test", open, now), condition, now)
    }

    /// Tends the port, at one virtual moment, until opening has been answered.
    fn settle(port: &mut Port<Toy>, now: Instant) {
        port.tend(now);
        while matches!(port.phase, Phase::Opening(_)) {
            std::thread::yield_now();
            port.tend(now);
        }
    }

    #[test]
    fn a_missing_device_is_looked_for_again() {
        let gone = Fault::Missing("not plugged in".into());
        let (mut port, _, now) = port(&[Err(gone.clone()), Err(gone), Ok(())]);
        settle(&mut port, now);
        assert_eq!(port.state().to_string(), "missing: not plugged in");
        port.tend(now + RETRY / 2);
        assert!(matches!(port.phase, Phase::Waiting(_)));
        settle(&mut port, now + RETRY);
        assert!(port.state().is_problem());
        settle(&mut port, now + 2 * RETRY);
        assert_eq!(port.state(), &DeviceState::Running);
        assert!(port.flow().is_some());
    }

    #[test]
    fn a_device_that_falls_silent_is_opened_again() {
        let (mut port, condition, now) = port(&[Ok(()), Ok(())]);
        settle(&mut port, now);
        *condition.lock().unwrap() = Condition::Beating(1);
        port.tend(now);
        port.tend(now + WATCHDOG / 2);
        assert_eq!(port.state(), &DeviceState::Running);
        port.tend(now + WATCHDOG);
        assert!(port.flow().is_none());
        assert_eq!(
            port.state().to_string(),
            "failed: the device has fallen silent"
        );
        settle(&mut port, now + WATCHDOG + QUICK_RETRY);
        assert_eq!(port.state(), &DeviceState::Running);
    }

    #[test]
    fn a_device_that_complains_may_recover() {
        let (mut port, condition, now) = port(&[Ok(()), Ok(())]);
        settle(&mut port, now);
        let complain = |beat| {
            let fault = Fault::Failed("it hums".into());
            *condition.lock().unwrap() = Condition::Ailing(beat, fault);
        };
        for beat in 1..10 {
            complain(beat);
            port.tend(now + PATIENCE * beat as u32);
            assert_eq!(port.state(), &DeviceState::Running);
        }
        port.tend(now + PATIENCE * 10);
        assert_eq!(port.state().to_string(), "failed: it hums");
    }

    #[test]
    fn what_breaks_again_and_again_is_not_opened_in_a_hurry() {
        let (mut port, condition, mut now) = port(&[Ok(()), Ok(()), Ok(()), Ok(()), Ok(())]);
        *condition.lock().unwrap() = Condition::Broken(Fault::Failed("it hums".into()));
        for _ in 0..QUICK_TRIES {
            settle(&mut port, now);
            port.tend(now);
            now += QUICK_RETRY;
        }
        settle(&mut port, now);
        port.tend(now);
        port.tend(now + QUICK_RETRY);
        assert!(matches!(port.phase, Phase::Waiting(_)));
        settle(&mut port, now + RETRY);
        assert_eq!(port.state(), &DeviceState::Running);
    }

    #[test]
    fn the_end_of_a_file_is_no_fault() {
        let (mut port, condition, now) = port(&[Ok(())]);
        settle(&mut port, now);
        *condition.lock().unwrap() = Condition::Ended;
        port.tend(now);
        assert_eq!(port.state(), &DeviceState::Off);
        port.tend(now + 10 * RETRY);
        assert_eq!(port.state(), &DeviceState::Off);
    }
}
