//! Where something was seen, and what exactly: the part of a finding that lets a person check it.

use std::ops::{Deref, DerefMut};

use capture::{CaptureId, FlowId, FlowKey, FrameId, Moment, Timestamp, Transport};
use decoders::Record;

use crate::limits::EVIDENCE_KEPT;

/// One place in a capture that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The frame and its time.
    pub at: Moment,
    /// The flow.
    pub flow: FlowId,
    /// Its ends.
    pub key: FlowKey,
    /// What is there, in words and literals of the packet, without secrets: `CCM_POST /ccm_system/request`.
    /// Not yet scrubbed.
    pub what: String,
    /// The bytes meant, without secrets; may be empty.
    pub bytes: Box<[u8]>,
}

impl Evidence {
    /// Evidence that a record gives.
    #[must_use]
    pub fn of(record: &Record, what: impl Into<String>) -> Self {
        let mut what = what.into();
        if record.opened {
            what.push_str(" (read with keys)");
        }
        Self { at: record.at, flow: record.flow, key: record.key, what, bytes: record.excerpt.clone() }
    }
}

/// How often something was seen, when, and the first places that show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// First time.
    pub first: Moment,
    /// Last time.
    pub last: Moment,
    /// The first few places.
    pub evidence: Vec<Evidence>,
}

impl Seen {
    /// Notes that it was seen once more.
    pub fn note(&mut self, record: &Record, what: impl FnOnce() -> String) {
        self.count_at(record.at);
        if self.evidence.len() < EVIDENCE_KEPT {
            // Most facts are seen once; room for more is made when there is more.
            self.evidence.reserve_exact(1);
            self.evidence.push(Evidence::of(record, what()));
        }
    }

    /// Notes that it was seen once more, without keeping the place.
    pub fn count_at(&mut self, at: Moment) {
        if self.count == 0 {
            self.first = at;
        }
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        self.count += 1;
    }

    /// What carried it at the first place.
    pub(crate) fn transport(&self) -> Option<Transport> {
        self.evidence.first().map(|evidence| evidence.key.transport)
    }

    /// Whether it was seen at all.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        self.count > 0
    }

    /// Joins what two places remember.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.first = if self.count == 0 { other.first } else { self.first.min(other.first) };
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.evidence.extend(other.evidence.iter().cloned());
        self.evidence.sort_by_key(|evidence| evidence.at);
        self.evidence.truncate(EVIDENCE_KEPT);
    }

    /// Joins what supports it. However early that was seen, at least half of the places stay its own, as far as it has
    /// them: what a finding is about must be among what shows it.
    pub fn support(&mut self, other: &Self) {
        let others = other.evidence.len().min(EVIDENCE_KEPT / 2);
        let mut kept = std::mem::take(&mut self.evidence);
        kept.truncate(EVIDENCE_KEPT - others);
        kept.extend(other.evidence.iter().take(EVIDENCE_KEPT - kept.len()).cloned());
        kept.sort_by_key(|evidence| evidence.at);
        self.merge(other);
        self.evidence = kept;
    }
}

#[cfg(test)]
mod tests {
    use capture::{CaptureId, Endpoint, FrameId, Timestamp, Transport};

    use super::*;

    fn seen(frames: &[u64]) -> Seen {
        let end = Endpoint { addr: [192, 0, 2, 1].into(), port: 137 };
        let place = |number: &u64| Evidence {
            at: Moment {
                frame: FrameId { order: *number, number: *number, capture: CaptureId(0) },
                time: Timestamp::new(0, 0),
            },
            flow: FlowId(1),
            key: FlowKey { client: end, server: end, transport: Transport::Udp },
            what: String::new(),
            bytes: Box::default(),
        };
        let evidence: Vec<Evidence> = frames.iter().map(place).collect();
        Seen { count: evidence.len() as u64, evidence, ..Seen::default() }
    }

    fn frames(seen: &Seen) -> Vec<u64> {
        seen.evidence.iter().map(|place| place.at.frame.number).collect()
    }

    #[test]
    fn support_never_pushes_out_what_is_supported() {
        let joined = |own: &[u64], other: &[u64]| {
            let mut own = seen(own);
            own.support(&seen(other));
            frames(&own)
        };
        assert_eq!(joined(&[20, 21, 22, 23], &[1, 2, 3, 4]), [1, 2, 20, 21]);
        assert_eq!(joined(&[20], &[1, 2, 3, 4]), [1, 2, 3, 20], "room that is left goes to the support");
        assert_eq!(joined(&[20, 21, 22, 23], &[1]), [1, 20, 21, 22]);
        assert_eq!(joined(&[20, 21], &[]), [20, 21]);
        assert_eq!(joined(&[], &[1, 2, 3, 4, 5]), [1, 2, 3, 4]);
    }
}

/// A [`Seen`] of what mostly is not seen: it takes its room when it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rarely(Option<Box<Seen>>);

/// What has never been seen.
static NOTHING: Seen = Seen { count: 0, first: NEVER, last: NEVER, evidence: Vec::new() };

const NEVER: Moment =
    Moment { frame: FrameId { order: 0, number: 0, capture: CaptureId(0) }, time: Timestamp::from_nanos(0) };

impl Deref for Rarely {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Rarely {
    fn deref_mut(&mut self) -> &mut Seen {
        self.0.get_or_insert_default()
    }
}
