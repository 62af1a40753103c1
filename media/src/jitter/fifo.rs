//! Decoded sound that waits to be mixed, in memory taken once.

/// Interleaved samples, oldest first.
#[derive(Debug)]
pub(super) struct Fifo {
    samples: Vec<f32>,
    start: usize,
    end: usize,
    channels: usize,
}

impl Fifo {
    /// Room for `frames` of `channels`.
    pub(super) fn new(frames: usize, channels: usize) -> Self {
        Self {
            samples: vec![0.0; frames * channels],
            start: 0,
            end: 0,
            channels,
        }
    }

    /// How many frames wait.
    pub(super) fn frames(&self) -> usize {
        (self.end - self.start) / self.channels
    }

    /// What waits.
    pub(super) fn waiting_mut(&mut self) -> &mut [f32] {
        self.samples
            .get_mut(self.start..self.end)
            .unwrap_or_default()
    }

    /// Lets `fill` write at the end; it gives the frames written, of which no more count than there was room for.
    pub(super) fn append<E>(
        &mut self,
        fill: impl FnOnce(&mut [f32]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        self.samples.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let room = self.samples.get_mut(self.end..).unwrap_or_default();
        let most = room.len() / self.channels;
        let frames = fill(room)?.min(most);
        self.end += frames * self.channels;
        Ok(frames)
    }

    /// Takes the oldest frames away, as many as there are up to `frames`.
    pub(super) fn take(&mut self, frames: usize) -> &[f32] {
        let from = self.start;
        self.start = (from + frames * self.channels).min(self.end);
        self.samples.get(from..self.start).unwrap_or_default()
    }

    /// Drops the newest frames beyond `frames`.
    pub(super) fn truncate(&mut self, frames: usize) {
        self.end = self.end.min(self.start + frames * self.channels);
    }

    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }
}
