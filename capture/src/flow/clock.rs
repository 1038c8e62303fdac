//! Packet time, made safe to measure silence with.
//!
//! Timestamps of a capture may stand still, step back, or hold one absurd value. [`Clock`] turns them into
//! a time that never goes back:
//!
//! * A step of up to [`FORWARD`] ahead, or of up to [`BACK`] behind the latest time, is taken at face value;
//!   a step behind moves nothing.
//! * Anything farther off is a *suspect*: it moves nothing until the next frame agrees with it. So one frame
//!   stamped in the year 2106 or 1970 expires no flow and stops no clock.
//! * Once the next frame agrees, the capture has moved: ahead, and silence has passed; or back, and time goes on
//!   from there.
//!
//! It is *not* a wall clock and is never read from one.

use crate::frame::Timestamp;

/// The largest step ahead that one frame alone can make, in nanoseconds: an hour, the longest default idle time.
const FORWARD: i64 = 3_600 * 1_000_000_000;
/// The largest step behind that is taken for disorder between frames, in nanoseconds: a minute.
const BACK: i64 = 60 * 1_000_000_000;
/// The most that a confirmed step ahead adds, in nanoseconds: ten years. More tells no idle time apart, and
/// capture files that step to and fro cannot use time up.
const STEP: i64 = 10 * 366 * 24 * 3_600 * 1_000_000_000;

/// Nanoseconds of packet time since the first frame, never going back.
pub(crate) type Instant = u64;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: Instant,
    latest: Option<i64>,
    suspect: Option<i64>,
    jumped: bool,
}

/// How a timestamp stands to the latest one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Near,
    FarAhead,
    FarBehind,
}

fn step(latest: i64, time: i64) -> Step {
    let by = time.saturating_sub(latest);
    if by > FORWARD {
        Step::FarAhead
    } else if by < -BACK {
        Step::FarBehind
    } else {
        Step::Near
    }
}

impl Clock {
    /// Takes a frame's time in and says what time it is.
    pub(crate) fn observe(&mut self, time: Timestamp) -> Instant {
        let time = time.as_nanos();
        self.jumped = false;
        let latest = *self.latest.get_or_insert(time);
        match step(latest, time) {
            Step::Near => {
                self.suspect = None;
                self.advance(latest, time);
            }
            far => match self.suspect {
                Some(suspect) if agrees(far, latest, suspect, time) => {
                    self.jump(latest, suspect);
                    self.suspect = None;
                    self.jumped = true;
                    // The second frame may itself be far from the first: then it is the next suspect.
                    if step(suspect, time) == Step::Near {
                        self.advance(suspect, time);
                    } else {
                        self.suspect = Some(time);
                    }
                }
                _ => self.suspect = Some(time),
            },
        }
        self.now
    }

    /// Whether the last frame confirmed that the one before it was right to jump: what that one was about was seen
    /// after the jump, not before.
    pub(crate) const fn jumped(&self) -> bool {
        self.jumped
    }

    /// The time as of the last frame observed.
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    fn advance(&mut self, latest: i64, time: i64) {
        if time > latest {
            self.now = self.now.saturating_add(time.saturating_sub(latest).min(STEP).unsigned_abs());
            self.latest = Some(time);
        }
    }

    fn jump(&mut self, latest: i64, to: i64) {
        self.advance(latest, to);
        self.latest = Some(to);
    }
}

/// Whether a second far timestamp, `time`, confirms the first, `suspect`.
fn agrees(far: Step, latest: i64, suspect: i64, time: i64) -> bool {
    match (step(latest, suspect), far) {
        (Step::FarAhead, Step::FarAhead) => step(suspect, time) != Step::FarBehind,
        (Step::FarBehind, Step::FarBehind) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const YEAR: i64 = 365 * 24 * 3_600 * SECOND;

    fn after(times: &[i64]) -> u64 {
        let mut clock = Clock::default();
        for time in times {
            clock.observe(Timestamp::from_nanos(*time));
        }
        clock.now()
    }

    #[test]
    fn steady_time_passes_as_it_is() {
        assert_eq!(after(&[5 * SECOND, 6 * SECOND, 9 * SECOND]), 4_000_000_000);
    }

    #[test]
    fn jitter_between_frames_adds_nothing() {
        assert_eq!(after(&[10, 9, 11, 10, 12]), 2);
    }

    #[test]
    fn one_frame_from_the_far_future_moves_nothing() {
        assert_eq!(after(&[0, SECOND, 82 * YEAR, 2 * SECOND, 3 * SECOND]), 3_000_000_000);
        assert_eq!(after(&[0, i64::MAX, SECOND, i64::MIN, 2 * SECOND]), 2_000_000_000);
    }

    #[test]
    fn one_frame_from_the_far_past_moves_nothing() {
        let now = 50 * YEAR;
        assert_eq!(after(&[now, now + SECOND, 0, now + 2 * SECOND]), 2_000_000_000);
    }

    #[test]
    fn a_gap_of_years_counts_once_the_second_frame_agrees() {
        assert_eq!(after(&[0, 2 * YEAR]), 0);
        assert_eq!(after(&[0, 2 * YEAR, 2 * YEAR + 5]), u64::try_from(2 * YEAR).unwrap() + 5);
    }

    #[test]
    fn frames_hours_apart_keep_time_going_one_frame_late() {
        let hour = 3_600 * SECOND;
        assert_eq!(after(&[0, 2 * hour, 4 * hour, 6 * hour]), u64::try_from(4 * hour).unwrap());
    }

    #[test]
    fn a_clock_set_back_goes_on_from_there() {
        assert_eq!(after(&[YEAR, 0, 1, SECOND]), 1_000_000_000);
    }

    #[test]
    fn a_capture_that_jumps_to_and_fro_never_wraps_time() {
        let mut times = Vec::new();
        for _ in 0..1_000 {
            times.extend([0, 1, i64::MAX - 1, i64::MAX]);
        }
        assert_eq!(after(&times), u64::MAX);
    }
}
