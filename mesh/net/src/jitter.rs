//! Spreading what would otherwise happen everywhere at once.

use std::time::Duration;

/// `duration`, give or take up to `percent` of it.
pub fn jittered(duration: Duration, percent: u32) -> Duration {
    let byte: u8 = rand::random();
    duration * (1000 - 10 * percent + u32::from(byte) * 20 * percent / 255) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_in_its_range_and_varies() {
        let second = Duration::from_secs(1);
        let drawn: Vec<_> = (0..200).map(|_| jittered(second, 20)).collect();
        assert!(drawn.iter().all(|time| (800..=1200).contains(&time.as_millis())), "{drawn:?}");
        assert!(drawn.iter().any(|time| *time != drawn[0]));
        assert_eq!(jittered(second, 0), second);
    }
}
