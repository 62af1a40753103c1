//! Which threads go first where the computer has more to do than it can: sound before everything, then the network,
//! and pictures last, as vic and rat had it.
//!
//! What the system does not permit stays as it was: then only the threads of pictures have moved, which is always allowed.

/// Sound is late after ten milliseconds, so the calling thread runs as soon as it can: in real time (SCHED_FIFO; on
/// Windows the class `Audio`), where the user may do so.
pub fn go_first() {
    match audio_thread_priority::promote_current_thread_to_real_time(STEP_FRAMES, SAMPLE_RATE) {
        // Kept for the thread's life: dropping the handle changes nothing.
        Ok(_handle) => tracing::debug!("sound runs in real time"),
        Err(error) => {
            tracing::debug!(%error, "sound does not run in real time");
            go_early();
        }
    }
}

/// Packets wait in the sockets for the calling thread: before ordinary threads, but never in real time, since a flood
/// of packets would stop the computer.
pub fn go_early() {
    renice(-10);
}

/// Pictures may be late: the calling thread works when those that matter more have done so.
pub fn give_way() {
    renice(5);
}

/// Adds to the thread's nice value. On Linux each has one of its own; elsewhere it is the process's, which is left alone.
fn renice(by: i32) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        let changed =
            getpriority_process(None).and_then(|nice| setpriority_process(None, nice + by));
        if let Err(error) = changed {
            tracing::debug!(%error, by, "the priority of a thread stays as it is");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = by;
}

/// What the sound thread makes at a time, and how fast it is played.
const STEP_FRAMES: u32 = 480;
const SAMPLE_RATE: u32 = 48_000;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn nice_after(change: fn()) -> Option<i32> {
        let changed = std::thread::Builder::new().spawn(move || {
            change();
            rustix::process::getpriority_process(None).ok()
        });
        changed.ok()?.join().ok()?
    }

    #[test]
    fn a_thread_gives_way_and_the_others_do_not() {
        let before = rustix::process::getpriority_process(None).unwrap();
        assert_eq!(nice_after(give_way), Some((before + 5).min(19)));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), before);
    }

    #[test]
    fn what_is_not_permitted_changes_nothing() {
        let before = rustix::process::getpriority_process(None).unwrap();
        let after = nice_after(go_early).unwrap();
        assert!([before, (before - 10).max(-20)].contains(&after));
    }
}
