//! When a flow's payload comes: a beat is payload behind a pause, with all that follows it without another.
//!
//! It looks at sizes and times alone, in both directions together, and so says the same of a sealed flow as of an open
//! one.

use crate::frame::Timestamp;

/// A pause has at least so many nanoseconds without payload.
pub(crate) const PAUSE: i64 = 20_000_000_000;

/// The rhythm of one flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// When payload came last.
    pub last: Option<Timestamp>,
    /// Pauses that payload ended, which is as many beats.
    pub beats: u32,
    /// Nanoseconds of all pauses together.
    pub paused: i64,
    /// Nanoseconds of the longest pause.
    pub longest_pause: i64,
    /// Payload bytes of the largest beat; what came before the first pause is none.
    pub largest_beat: u64,
    /// Payload bytes of the beat that goes on.
    pub beat: u64,
}

impl Pulse {
    /// Notes new payload. A clock that goes back makes no pause.
    pub(crate) fn note(&mut self, at: Timestamp, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let pause = self.last.map_or(0, |last| at.nanos_since(last));
        if pause >= PAUSE {
            self.beats = self.beats.saturating_add(1);
            self.paused = self.paused.saturating_add(pause);
            self.longest_pause = self.longest_pause.max(pause);
            self.beat = 0;
        }
        self.beat = self.beat.saturating_add(bytes);
        if self.beats > 0 {
            self.largest_beat = self.largest_beat.max(self.beat);
        }
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(notes: &[(i64, u64)]) -> Pulse {
        let mut pulse = Pulse::default();
        for (seconds, bytes) in notes {
            pulse.note(Timestamp::new(*seconds, 0), *bytes);
        }
        pulse
    }

    #[test]
    fn beats_are_told_by_the_pauses_between_them() {
        let pulse = pulse(&[(0, 5_000), (1, 10), (19, 1), (900, 100), (901, 50), (1_800, 90), (1_810, 0)]);
        assert_eq!((pulse.beats, pulse.largest_beat), (2, 150));
        assert_eq!((pulse.paused, pulse.longest_pause), (1_780_000_000_000, 899_000_000_000));
        assert_eq!(pulse.last, Some(Timestamp::new(1_800, 0)));
    }

    #[test]
    fn what_comes_at_once_has_no_beat() {
        assert_eq!(pulse(&[(0, 5_000), (15, 10), (30, 1)]).largest_beat, 0);
    }

    #[test]
    fn clock_that_goes_back_makes_no_pause() {
        let pulse = pulse(&[(100, 1), (40, 1), (110, 1)]);
        assert_eq!((pulse.beats, pulse.last), (0, Some(Timestamp::new(110, 0))));
    }
}
