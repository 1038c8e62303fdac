//! How fast something comes, by the time of the packets: the most within a minute and within five.

use std::collections::VecDeque;

use capture::Timestamp;

use crate::evidence::Seen;

/// How fast messages come, by packet time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    /// Messages by period of ten seconds, oldest first.
    periods: VecDeque<(i64, u64)>,
    /// Most messages within a minute.
    pub(crate) peak_minute: u64,
    /// Most messages within five minutes.
    pub(crate) peak_five: u64,
    /// The messages.
    pub(crate) seen: Seen,
}

/// Seconds of a period, and periods of a minute and of five.
const PERIOD: i64 = 10;
const MINUTE: i64 = 6;
const FIVE_MINUTES: i64 = 30;

impl Rate {
    /// Counts one message.
    pub(crate) fn count(&mut self, at: Timestamp) {
        let now = at.as_secs().div_euclid(PERIOD);
        match self.periods.back_mut() {
            // A clock that goes back counts for the latest period.
            Some((period, count)) if *period >= now => *count += 1,
            _ => self.periods.push_back((now, 1)),
        }
        let now = self.periods.back().map_or(now, |(period, _)| *period);
        while self.periods.front().is_some_and(|(period, _)| now.saturating_sub(*period) >= FIVE_MINUTES) {
            self.periods.pop_front();
        }
        let since = |span: i64| {
            let within = self.periods.iter().filter(|(period, _)| now.saturating_sub(*period) < span);
            within.map(|(_, count)| count).sum::<u64>()
        };
        self.peak_minute = self.peak_minute.max(since(MINUTE));
        self.peak_five = self.peak_five.max(since(FIVE_MINUTES));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(seconds: impl IntoIterator<Item = i64>) -> Rate {
        let mut rate = Rate::default();
        for second in seconds {
            rate.count(Timestamp::new(second, 0));
        }
        rate
    }

    #[test]
    fn the_peak_is_the_most_within_any_minute() {
        assert_eq!(rate([0, 1, 2, 300, 301]).peak_minute, 3);
        assert_eq!(rate((0..150).map(|at| at / 10)).peak_minute, 150);
        assert_eq!(rate((0..100).map(|at| at * 60)).peak_minute, 1);
        assert_eq!(rate((0..100).map(|at| at * 60)).peak_five, 5);
    }

    #[test]
    fn a_clock_that_goes_back_or_overflows_does_no_harm() {
        assert_eq!(rate([500, 0, 501]).peak_minute, 3);
        assert_eq!(rate([i64::MIN, i64::MAX, 0]).peak_five, 2);
    }

    #[test]
    fn periods_that_count_no_more_are_forgotten() {
        assert!(rate((0..100_000).map(|at| at * 7)).periods.len() <= 30);
    }
}
