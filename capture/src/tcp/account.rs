//! What the streams of a tracker share: bounds, counters, memory, time.

use crate::counters::Counters;
use crate::flow::clock::Instant;
use crate::limits::Limits;

/// What assembly draws on: the bounds, and where it is counted.
pub(crate) struct Account<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) counters: &'a mut Counters,
    /// Bytes of memory held by all streams of the tracker.
    pub(crate) held: &'a mut usize,
    /// Packet time.
    pub(crate) now: Instant,
}
