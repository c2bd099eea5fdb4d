//! Figures as the tables show them.

use std::time::Duration;

/// Milliseconds; 0 of nothing.
pub fn ms(time: Option<Duration>) -> f64 {
    time.map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

/// The middle of some figures; of an even number, the mean of the two in the middle.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        count if count.is_multiple_of(2) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_milliseconds() {
        assert!((ms(Some(Duration::from_micros(1500))) - 1.5).abs() < 1e-9);
        assert!(ms(None).abs() < 1e-9);
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }
}
