//! Shortens or lengthens sound by one pitch period, where a cross-fade hides it (WSOLA; Verhelst and Roelands, 1993).

/// Takes one period out of interleaved `samples`, in place; gives the frames that are left of how many there were.
///
/// Nothing is done, and `None` given, where no period repeats well enough and `must` is not set.
pub fn shorten(samples: &mut [f32], channels: usize, most: usize, must: bool) -> Option<usize> {
    let frames = samples.len() / channels;
    let lag = period(samples, channels, frames / 2, most, must)?;
    let span = lag * channels;
    let (head, tail) = samples.split_at_mut_checked(span)?;
    let weights = fade(lag, channels);
    for ((sample, later), weight) in head.iter_mut().zip(tail.iter()).zip(weights) {
        *sample += (later - *sample) * weight;
    }
    samples.copy_within(2 * span.., span);
    Some(frames - lag)
}

/// Puts one period more into interleaved `samples`, of which the first `frames` are sound and the rest is room; gives
/// the frames that there are then. The conditions are those of [`shorten`].
pub fn lengthen(samples: &mut [f32], channels: usize, frames: usize, must: bool) -> Option<usize> {
    let room = (samples.len() / channels).saturating_sub(frames);
    let sound = samples.get(..frames * channels)?;
    let lag = period(sound, channels, (frames / 2).min(room), MAX_LAG, must)?;
    let span = lag * channels;
    // a b rest -> a (b fading into a) b rest
    samples.copy_within(span..frames * channels, 2 * span);
    let (head, tail) = samples.split_at_mut_checked(span)?;
    let (middle, after) = tail.split_at_mut_checked(span)?;
    let weights = fade(lag, channels);
    for (((sample, first), second), weight) in middle
        .iter_mut()
        .zip(head.iter())
        .zip(after.iter())
        .zip(weights)
    {
        *sample = second + (first - second) * weight;
    }
    Some(frames + lag)
}

/// The best lag in range, if it is good enough.
fn period(samples: &[f32], channels: usize, room: usize, most: usize, must: bool) -> Option<usize> {
    let longest = room.min(most).min(MAX_LAG);
    if longest < MIN_LAG {
        return None;
    }
    let score = |lag: usize, every: usize| similarity(samples, channels, lag, every);
    let best = |lags: &mut dyn Iterator<Item = usize>, every: usize| {
        lags.map(|lag| (lag, score(lag, every)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let (near, _) = best(&mut (MIN_LAG..=longest).step_by(4), 4)?;
    let (lag, likeness) = best(
        &mut (near.saturating_sub(3).max(MIN_LAG)..=(near + 3).min(longest)),
        1,
    )?;
    (must || likeness >= ENOUGH).then_some(lag)
}

/// Normalised correlation of the first `lag` frames with the `lag` after them: 1 is the same, and silence counts as 1.
fn similarity(samples: &[f32], channels: usize, lag: usize, every: usize) -> f32 {
    let step = channels * every;
    let first = samples.iter().step_by(step).take(lag / every);
    let second = samples.iter().skip(lag * channels).step_by(step);
    let (mut dot, mut energy) = (0.0_f32, [0.0_f32; 2]);
    for (x, y) in first.zip(second) {
        dot += x * y;
        energy[0] += x * x;
        energy[1] += y * y;
    }
    if energy[0].max(energy[1]) < INAUDIBLE {
        return 1.0;
    }
    dot / (energy[0] * energy[1]).sqrt().max(f32::MIN_POSITIVE)
}

/// From nearly 0 to nearly 1 over `lag` frames, each weight as often as there are channels.
#[expect(clippy::cast_precision_loss, reason = "lags are far below 2^24")]
pub(super) fn fade(lag: usize, channels: usize) -> impl Iterator<Item = f32> {
    let step = 1.0 / (lag + 1) as f32;
    (1..=lag * channels).map(move |index| index.div_ceil(channels) as f32 * step)
}

/// 2.5 ms: what is saved must be worth the search.
const MIN_LAG: usize = 120;
/// 10 ms: two of them fit in a packet of 20 ms.
const MAX_LAG: usize = 480;
/// Voiced speech repeats with 0.8 and more; a lower likeness is heard.
const ENOUGH: f32 = 0.8;
/// About -80 dBFS over a period.
const INAUDIBLE: f32 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (n as f32 * 0.05).sin() * 0.5).collect()
    }

    fn max_step(samples: &[f32]) -> f32 {
        samples
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_shortened_tone_is_still_a_tone() {
        let mut sound = tone(960);
        let frames = shorten(&mut sound, 1, 480, false).unwrap();
        assert!((480..=840).contains(&frames));
        assert!(max_step(&sound[..frames]) < 0.027);
        let power = crate::dsp::level::power(&sound[..frames]);
        assert!((power - 0.125).abs() < 0.01, "{power}");
    }

    #[test]
    fn a_lengthened_tone_is_still_a_tone() {
        let mut sound = tone(960);
        sound.resize(2_000, 0.0);
        let frames = lengthen(&mut sound, 1, 960, false).unwrap();
        assert!((1_080..=1_440).contains(&frames));
        assert!(max_step(&sound[..frames]) < 0.027);
        let power = crate::dsp::level::power(&sound[..frames]);
        assert!((power - 0.125).abs() < 0.01, "{power}");
    }

    #[test]
    fn channels_stay_apart() {
        let mut sound: Vec<f32> = tone(960).into_iter().flat_map(|x| [x, -0.5 * x]).collect();
        let frames = shorten(&mut sound, 2, 480, false).unwrap();
        assert!(
            sound[..2 * frames]
                .chunks(2)
                .all(|frame| (frame[0] + 2.0 * frame[1]).abs() < 1e-6)
        );
        let mut sound: Vec<f32> = tone(960).into_iter().flat_map(|x| [x, -0.5 * x]).collect();
        sound.resize(4_000, 0.0);
        let frames = lengthen(&mut sound, 2, 960, false).unwrap();
        assert!(
            sound[..2 * frames]
                .chunks(2)
                .all(|frame| (frame[0] + 2.0 * frame[1]).abs() < 1e-6)
        );
    }

    #[test]
    fn noise_is_left_alone_unless_it_must_be() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut noise: Vec<f32> = (0..960).map(|_| rng.f32() - 0.5).collect();
        assert_eq!(shorten(&mut noise, 1, 480, false), None);
        assert!(shorten(&mut noise, 1, 480, true).is_some());
    }

    #[test]
    fn what_is_too_short_is_left_alone() {
        let mut sound = tone(200);
        assert_eq!(shorten(&mut sound, 1, 480, true), None);
        assert_eq!(lengthen(&mut sound, 1, 200, true), None);
        assert_eq!(shorten(&mut [], 2, 480, true), None);
    }
}
