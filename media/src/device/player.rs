//! Plays a file in real time: a thread reads ahead, the audio thread takes.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Thread;

use rtrb::{Consumer, Producer, RingBuffer};

use super::keeper::{Fault, Hold, Signal};
use super::port::{Condition, Flow};
use super::sound_file::SoundFile;

/// The end of the read-ahead that the audio thread has.
pub(super) struct Player {
    ring: Consumer<f32>,
    has_ended: Arc<AtomicBool>,
    reader: Thread,
    /// Samples that were not there in time.
    missing: AtomicU64,
}

impl Player {
    /// Opens a file and reads the first second; to be called on the thread that goes on reading.
    pub(super) fn open(path: &Path, loops: bool) -> Result<(Self, Hold), Fault> {
        let (producer, ring) = RingBuffer::new(AHEAD);
        let has_ended = Arc::<AtomicBool>::default();
        let mut reader = Reader {
            path: path.to_owned(),
            file: SoundFile::open(path)?,
            loops,
            block: Vec::new(),
            is_empty: true,
            ring: producer,
            has_ended: Arc::clone(&has_ended),
        };
        reader.read_ahead();
        let player = Self {
            ring,
            has_ended,
            reader: std::thread::current(),
            missing: AtomicU64::new(0),
        };
        let hold: Hold = Box::new(move |signal: &Signal| {
            while !signal.is_closing() {
                signal.wait();
                reader.read_ahead();
            }
        });
        Ok((player, hold))
    }

    /// Fills `out`; what is not there is silence.
    pub(super) fn read(&mut self, out: &mut [f32]) {
        let (_, missing) = self.ring.pop_partial_slice(out);
        missing.fill(0.0);
        if !missing.is_empty() && !self.has_ended.load(Ordering::Acquire) {
            let missing = missing.len() as u64;
            self.missing.fetch_add(missing, Ordering::Relaxed);
        }
        if self.ring.slots() < AHEAD / 2 {
            self.reader.unpark();
        }
    }

    /// Samples that the disk did not bring in time.
    pub(super) fn missing(&self) -> u64 {
        self.missing.load(Ordering::Relaxed)
    }
}

impl Flow for Player {
    fn condition(&self) -> Condition {
        if self.has_ended.load(Ordering::Acquire) && self.ring.is_empty() {
            Condition::Ended
        } else {
            Condition::Working
        }
    }
}

struct Reader {
    path: std::path::PathBuf,
    file: SoundFile,
    loops: bool,
    /// Read and not yet in the ring.
    block: Vec<f32>,
    /// Whether this pass has brought nothing yet: an empty file must not be read for ever.
    is_empty: bool,
    ring: Producer<f32>,
    has_ended: Arc<AtomicBool>,
}

impl Reader {
    /// Fills the ring as far as the file goes.
    fn read_ahead(&mut self) {
        while !self.has_ended.load(Ordering::Relaxed) {
            let (taken, _) = self.ring.push_partial_slice(&self.block);
            let taken = taken.len();
            self.block.drain(..taken);
            if !self.block.is_empty() {
                return;
            }
            if self.file.read(&mut self.block) {
                self.is_empty &= self.block.is_empty();
            } else {
                self.rewind();
            }
        }
    }

    fn rewind(&mut self) {
        let again = (self.loops && !self.is_empty).then(|| SoundFile::open(&self.path));
        match again {
            Some(Ok(file)) => {
                self.file = file;
                self.is_empty = true;
            }
            _ => self.has_ended.store(true, Ordering::Release),
        }
    }
}

/// A second: the disk may sleep.
const AHEAD: usize = 48_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(path: &Path, frames: i16) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 48_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for n in 0..frames {
            writer.write_sample(n).unwrap();
        }
        writer.finalize().unwrap();
    }

    fn counted(samples: &[f32]) -> Vec<i32> {
        samples.iter().map(|s| (s * 32_768.0) as i32).collect()
    }

    #[test]
    fn a_file_is_played_once_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ramp.wav");
        ramp(&path, 1_000);
        let (mut player, _) = Player::open(&path, false).unwrap();
        let mut out = [9.0; 1_200];
        player.read(&mut out);
        assert!(counted(&out[..1_000]).into_iter().eq(0..1_000));
        assert!(out[1_000..].iter().all(|sample| *sample == 0.0));
        assert_eq!(player.condition(), Condition::Ended);
        assert_eq!(player.missing(), 0);
    }

    #[test]
    fn a_loop_has_no_gap() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ramp.wav");
        ramp(&path, 1_000);
        let (mut player, _) = Player::open(&path, true).unwrap();
        let mut out = [9.0; 2_500];
        player.read(&mut out);
        assert!(counted(&out).into_iter().eq((0..2_500).map(|n| n % 1_000)));
        assert_eq!(player.condition(), Condition::Working);
    }

    #[test]
    fn an_empty_file_does_not_loop_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty.wav");
        ramp(&path, 0);
        let (player, _) = Player::open(&path, true).unwrap();
        assert_eq!(player.condition(), Condition::Ended);
    }

    #[test]
    fn what_cannot_be_played_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let fault = |path: &Path| Player::open(path, false).err().unwrap();
        assert!(matches!(fault(&path), Fault::Missing(_)));
        std::fs::write(&path, "hello").unwrap();
        assert!(matches!(fault(&path), Fault::Failed(_)));
        std::fs::write(&path, "RIFFxxxx").unwrap();
        assert!(matches!(fault(&path), Fault::Failed(_)));
    }
}
