//! Is somebody speaking? Level against a noise floor that follows the room, with a hangover between words.
use super::level::SILENCE_DBFS;

/// Tells speech from the noise of a room, 10 ms at a time.
#[derive(Clone, Copy, Debug)]
pub struct Activity {
    floor_dbfs: f32,
    loud_steps: u8,
    hangover_steps: u8,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            floor_dbfs: START_FLOOR_DBFS,
            loud_steps: 0,
            hangover_steps: 0,
        }
    }
}

impl Activity {
    /// Takes the level of the last 10 ms.
    pub fn update(&mut self, level_dbfs: f32) {
        let is_loud = level_dbfs > self.floor_dbfs + ABOVE_FLOOR_DB && level_dbfs > QUIETEST_DBFS;
        self.follow_floor(level_dbfs);
        self.loud_steps = if is_loud {
            self.loud_steps.saturating_add(1)
        } else {
            0
        };
        if self.loud_steps >= ATTACK_STEPS {
            self.hangover_steps = HANGOVER_STEPS;
        } else {
            self.hangover_steps = self.hangover_steps.saturating_sub(1);
        }
    }

    /// Whether there is speech, or was a moment ago.
    #[must_use]
    pub fn is_talking(&self) -> bool {
        self.hangover_steps > 0
    }

    /// Down at once with the quietest moments, up so slowly that a sentence does not lift it.
    fn follow_floor(&mut self, level_dbfs: f32) {
        let level = level_dbfs.max(SILENCE_DBFS);
        if level < self.floor_dbfs {
            self.floor_dbfs += (level - self.floor_dbfs) * FALL;
        } else {
            self.floor_dbfs = (self.floor_dbfs + RISE_DB)
                .min(level)
                .min(HIGHEST_FLOOR_DBFS);
        }
    }
}

/// Between the noise of a quiet office (about -65) and soft speech (about -45) at a headset.
const START_FLOOR_DBFS: f32 = -60.0;
/// Speech that can be understood stands at least this far above the noise.
const ABOVE_FLOOR_DB: f32 = 9.0;
/// Softer than this is not speech meant for others.
const QUIETEST_DBFS: f32 = -55.0;
/// A room louder than this cannot be told from speech by level.
const HIGHEST_FLOOR_DBFS: f32 = -35.0;
/// 30 ms: a key stroke is shorter.
const ATTACK_STEPS: u8 = 3;
/// 250 ms bridges the stops within words and most pauses between them.
const HANGOVER_STEPS: u8 = 25;
/// Time constant of 100 ms downwards.
const FALL: f32 = 0.1;
/// 3 dB a second upwards: 20 dB take longer than a sentence, and pauses pull it down again.
const RISE_DB: f32 = 0.03;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(levels: impl IntoIterator<Item = f32>) -> Activity {
        let mut activity = Activity::default();
        levels.into_iter().for_each(|level| activity.update(level));
        activity
    }

    #[test]
    fn speech_is_seen_within_thirty_milliseconds_and_bridges_pauses() {
        let mut activity = after([-62.0; 100]);
        assert!(!activity.is_talking());
        (0..3).for_each(|_| activity.update(-25.0));
        assert!(activity.is_talking());
        (0..24).for_each(|_| activity.update(-62.0));
        assert!(activity.is_talking());
        activity.update(-62.0);
        assert!(!activity.is_talking());
    }

    #[test]
    fn steady_noise_ceases_to_be_speech() {
        let mut activity = after([-80.0; 100]);
        (0..1_500).for_each(|_| activity.update(-45.0));
        assert!(!activity.is_talking());
        (0..3).for_each(|_| activity.update(-25.0));
        assert!(activity.is_talking());
    }

    #[test]
    fn a_key_stroke_is_no_speech() {
        let activity = after([-70.0, -70.0, -20.0, -20.0, -70.0]);
        assert!(!activity.is_talking());
    }

    #[test]
    fn talking_for_half_a_minute_stays_talking() {
        let syllables = (0..3_000).map(|step| if step % 40 < 30 { -28.0 } else { -58.0 });
        assert!(after(syllables).is_talking());
    }
}
