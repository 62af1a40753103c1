//! Records to a WAV file (48 kHz, stereo, 16 bits): the audio thread gives, a thread of its own writes.
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use hound::{SampleFormat, WavSpec, WavWriter};
use rtrb::{Consumer, Producer, RingBuffer};

use super::keeper::{Fault, Hold, Signal};
use super::port::{Condition, Flow};

/// The end of a recording that the audio thread has.
pub(super) struct Recorder {
    ring: Producer<f32>,
    fault: Arc<OnceLock<Fault>>,
    writer: Thread,
    /// Samples that found no room because the disk was too slow.
    missing: u64,
}

impl Recorder {
    /// Makes the file anew, or goes on with it where `has_begun`; to be called on the thread that writes.
    pub(super) fn open(path: &Path, has_begun: &AtomicBool) -> Result<(Self, Hold), Fault> {
        let file = if has_begun.load(Ordering::Relaxed) {
            WavWriter::append(path)
        } else {
            WavWriter::create(path, SPEC)
        };
        let file = file.map_err(|error| {
            Fault::Failed(format!("{} cannot be written: {error}", path.display()))
        })?;
        has_begun.store(true, Ordering::Relaxed);
        let (producer, ring) = RingBuffer::new(QUEUE);
        let fault = Arc::<OnceLock<Fault>>::default();
        let recorder = Self {
            ring: producer,
            fault: Arc::clone(&fault),
            writer: std::thread::current(),
            missing: 0,
        };
        let mut writer = Writer {
            file,
            ring,
            unflushed: 0,
        };
        let hold: Hold = Box::new(move |signal: &Signal| {
            let result = writer.run(signal);
            if let Err(fault_now) = result.and_then(|()| writer.finish()) {
                fault.get_or_init(|| fault_now);
            }
        });
        Ok((recorder, hold))
    }

    /// Takes a step of interleaved stereo.
    pub(super) fn write(&mut self, frames: &[f32]) {
        let (_, lost) = self.ring.push_partial_slice(frames);
        self.missing += lost.len() as u64;
        if self.ring.slots() < QUEUE - WAKE_AT {
            self.writer.unpark();
        }
    }

    /// Samples that the disk did not take in time.
    pub(super) fn missing(&self) -> u64 {
        self.missing
    }
}

impl Flow for Recorder {
    fn condition(&self) -> Condition {
        match self.fault.get() {
            Some(fault) => Condition::Broken(fault.clone()),
            None => Condition::Working,
        }
    }
}

struct Writer {
    file: WavWriter<BufWriter<File>>,
    ring: Consumer<f32>,
    unflushed: usize,
}

impl Writer {
    fn run(&mut self, signal: &Signal) -> Result<(), Fault> {
        while !signal.is_closing() {
            signal.wait();
            self.drain().map_err(broken)?;
        }
        self.drain().map_err(broken)
    }

    /// Writes what waits; once a second the header is made right, so that a crash leaves a file that can be read.
    fn drain(&mut self) -> hound::Result<()> {
        while let Ok(sample) = self.ring.pop() {
            if self.file.len() >= MOST_SAMPLES {
                return Err(hound::Error::TooWide);
            }
            let level = (sample * 32_767.0).round();
            self.file
                .write_sample(level.clamp(-32_767.0, 32_767.0) as i16)?;
            self.unflushed += 1;
        }
        if self.unflushed >= FLUSH_AT {
            self.unflushed = 0;
            self.file.flush()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Fault> {
        self.file.finalize().map_err(broken)
    }
}

fn broken(error: hound::Error) -> Fault {
    Fault::Failed(match error {
        hound::Error::TooWide => "the recording is as long as a WAV file can be".into(),
        error => format!("the recording cannot be written: {error}"),
    })
}

const SPEC: WavSpec = WavSpec {
    channels: 2,
    sample_rate: 48_000,
    bits_per_sample: 16,
    sample_format: SampleFormat::Int,
};
/// A second of stereo.
const QUEUE: usize = 96_000;
/// The writer is woken for a tenth of it.
const WAKE_AT: usize = QUEUE / 10;
const FLUSH_AT: usize = 96_000;
/// A WAV file counts its bytes in 32 bits: six hours.
const MOST_SAMPLES: u32 = (u32::MAX - 1_024) / 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(path: &Path) -> (WavSpec, Vec<i16>) {
        let mut reader = hound::WavReader::open(path).unwrap();
        let samples = reader.samples().map(Result::unwrap).collect();
        (reader.spec(), samples)
    }

    fn writer(ring: Consumer<f32>, path: &Path) -> Writer {
        Writer {
            file: WavWriter::create(path, SPEC).unwrap(),
            ring,
            unflushed: 0,
        }
    }

    #[test]
    fn samples_are_written_and_clipped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.wav");
        let (mut ring, consumer) = RingBuffer::new(QUEUE);
        ring.push_entire_slice(&[0.0, 0.5, -0.5, 1.0, -3.0, 2.0])
            .unwrap();
        let mut writer = writer(consumer, &path);
        writer.drain().unwrap();
        writer.finish().unwrap();
        let expected = vec![0, 16_384, -16_384, 32_767, -32_767, 32_767];
        assert_eq!(recording(&path), (SPEC, expected));
    }

    #[test]
    fn a_crash_leaves_a_readable_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.wav");
        let (mut ring, consumer) = RingBuffer::new(QUEUE);
        ring.push_entire_slice(&[0.25; QUEUE]).unwrap();
        let mut writer = writer(consumer, &path);
        writer.drain().unwrap();
        // As the process would leave it: the file is neither flushed again nor finalized.
        let copy = dir.path().join("copy.wav");
        std::fs::copy(&path, &copy).unwrap();
        assert_eq!(recording(&copy).1.len(), QUEUE);
        drop(writer);
    }

    #[test]
    fn after_a_fault_it_goes_on_in_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.wav");
        let has_begun = AtomicBool::new(false);
        let closing = Signal::default();
        closing.close();
        for _ in 0..2 {
            let (mut recorder, hold) = Recorder::open(&path, &has_begun).unwrap();
            recorder.write(&[0.1; 960]);
            hold(&closing);
            assert_eq!(recorder.condition(), Condition::Working);
        }
        assert_eq!(recording(&path).1.len(), 2 * 960);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_a_fault() {
        let path = Path::new("/nowhere/at/all.wav");
        let opened = Recorder::open(path, &AtomicBool::new(false));
        assert!(matches!(opened.err(), Some(Fault::Failed(_))));
    }
}
