//! Second copies of datagrams: a SPAN port that mirrors two ports, or pktmon on several layers, hands over each packet twice.
//!
//! A datagram is a duplicate when the same bytes went between the same ends, the same way, under the same IPv4
//! identification, within [`Limits::duplicate_window`] of packet time. Some hosts send the same answer twice within
//! a millisecond; where packets carry no identification, only copies that come back to back
//! ([`Limits::unmarked_duplicate_window`]) are taken for such. TCP needs none of this, its sequence numbers tell.
//!
//! [`Limits::duplicate_window`]: crate::Limits::duplicate_window
//! [`Limits::unmarked_duplicate_window`]: crate::Limits::unmarked_duplicate_window

use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;

use crate::frame::Timestamp;

/// Datagrams remembered. Copies come back to back, or after the few frames that were under way between two ports.
const REMEMBERED: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    seed: RandomState,
    recent: Vec<(u64, Timestamp)>,
    oldest: usize,
}

impl Duplicates {
    /// Whether a copy of this datagram has been seen within `window` nanoseconds; remembers it if not.
    pub(crate) fn seen(&mut self, datagram: impl Hash, time: Timestamp, window: i64) -> bool {
        let hash = self.seed.hash_one(datagram);
        let copy = |(other, when): &(u64, Timestamp)| {
            *other == hash && time.nanos_since(*when).unsigned_abs() < window.max(0).unsigned_abs()
        };
        if self.recent.iter().any(copy) {
            return true;
        }
        match self.recent.get_mut(self.oldest) {
            Some(place) => *place = (hash, time),
            None => self.recent.push((hash, time)),
        }
        self.oldest = (self.oldest + 1) % REMEMBERED;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn second_copy_within_the_window_is_a_duplicate() {
        let mut duplicates = Duplicates::default();
        assert!(!duplicates.seen("query", at(0), 10));
        assert!(duplicates.seen("query", at(9), 10));
        assert!(!duplicates.seen("answer", at(9), 10));
    }

    #[test]
    fn same_datagram_at_or_after_the_window_is_a_new_one() {
        let mut duplicates = Duplicates::default();
        assert!(!duplicates.seen("query", at(0), 10));
        assert!(!duplicates.seen("query", at(10), 10));
        assert!(!duplicates.seen("query", at(-10), 0));
    }

    #[test]
    fn memory_of_datagrams_is_bounded() {
        let mut duplicates = Duplicates::default();
        for number in 0..10_000 {
            assert!(!duplicates.seen(number, at(0), 10));
        }
        assert_eq!(duplicates.recent.len(), REMEMBERED);
        assert!(duplicates.seen(9_999, at(0), 10));
        assert!(!duplicates.seen(0, at(0), 10), "the oldest is forgotten");
    }
}
