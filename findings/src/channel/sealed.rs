//! What a sealed channel shows from outside, and what it is likely for. Sizes and times alone: nothing inside is read,
//! and no grade depends on it.
//!
//! | likely for | what must be seen | confidence |
//! |---|---|---|
//! | notification | a connection of [`KEPT_OPEN`] or more in which little comes at even pauses | likely on port 10123, else possible |
//! | content | [`CONTENT`] or more to the client, [`CONTENT_RATIO`] times what it sent | likely from [`MUCH_CONTENT`], else possible |
//! | policy | [`POLLS`] or more short visits with small answers at even intervals | likely where these are an hour, the default, else possible |
//!
//! The first that fits is said. Sources: Microsoft Learn, "Ports used in Configuration Manager" (client notification
//! keeps a TLS connection to TCP 10123); the client messaging SDK, whose keep-alive interval is 900 s; Microsoft Learn,
//! "About client settings" (the client policy polling interval is 60 minutes by default, 3 to 1440 by choice). Where
//! content begins is our own line: no policy body or location reply comes near it.

use capture::{Timestamp, Traffic};

use super::Purpose;
use crate::finding::Confidence;
use crate::ledger::sealed::{Sealed as Connections, Steady};
use crate::ledger::tls::NOTIFICATION_PORT;

/// A second, in the nanoseconds of packet time.
const SECOND: i64 = 1_000_000_000;
/// A minute, likewise.
const MINUTE: i64 = 60 * SECOND;

/// A connection kept open lasts two keep-alive intervals of 900 s.
const KEPT_OPEN: i64 = 30 * MINUTE;
/// Beats that make a rhythm.
const BEATS: u32 = 3;
/// Most bytes of one keep-alive with its answer, in both directions, records and all.
const SMALL_BEAT: u64 = 4 << 10;

/// Bytes to the client from which content is thought of, and from which it is likely.
const CONTENT: u64 = 500 << 10;
const MUCH_CONTENT: u64 = 10 << 20;
/// How many times more comes to the client than it sends.
const CONTENT_RATIO: u64 = 10;

/// Connections that begin within this time of the one before are one visit: a poll may take several.
const VISIT: i64 = MINUTE;
/// Visits that make an interval.
const POLLS: usize = 4;
/// A short connection lasts no longer.
const SHORT: i64 = 2 * MINUTE;
/// Most bytes of a small answer.
const SMALL_ANSWER: u64 = 128 << 10;
/// Shortest and longest polling interval that can be set, and the default.
const POLLING: std::ops::RangeInclusive<i64> = 3 * MINUTE..=1_440 * MINUTE;
const POLLING_DEFAULT: i64 = 60 * MINUTE;

/// What shows of a channel that stayed sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Connections that have ended.
    pub connections: u64,
    /// Frames and payload bytes to the server.
    pub to_server: Traffic,
    /// Frames and payload bytes to the client.
    pub to_client: Traffic,
    /// When the first connection began.
    pub first: Timestamp,
    /// When payload came last.
    pub last: Timestamp,
    /// Seconds that the longest connection lasted, until its last payload.
    pub longest: u64,
    /// Seconds between the beginnings of connections, the median; absent where there was but one.
    pub median_interval: Option<u64>,
    /// What it is likely for; absent where nothing says so.
    pub likely: Option<Likely>,
}

/// A guess by sizes and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// What the channel may be for.
    pub purpose: Purpose,
    /// How sure that is: possible or likely, never certain.
    pub confidence: Confidence,
    /// What was seen, in words.
    pub why: String,
}

/// What shows of connections to a port.
pub(super) fn sealed(connections: &Connections, port: u16) -> Sealed {
    let intervals = intervals(&connections.starts, 0);
    Sealed {
        connections: connections.connections,
        to_server: connections.to_server,
        to_client: connections.to_client,
        first: connections.first,
        last: connections.last,
        longest: seconds(connections.longest),
        median_interval: median(&intervals).map(seconds),
        likely: notification(connections, port)
            .or_else(|| content(connections))
            .or_else(|| policy(connections)),
    }
}

fn notification(connections: &Connections, port: u16) -> Option<Likely> {
    let Steady { lasted, pulse } = connections.steady?;
    let beats = i64::from(pulse.beats);
    let mean = pulse.paused.checked_div(beats)?;
    let even = pulse.longest_pause <= mean.saturating_mul(2);
    let fits = lasted >= KEPT_OPEN && pulse.beats >= BEATS && pulse.largest_beat <= SMALL_BEAT && even;
    fits.then(|| Likely {
        purpose: Purpose::Notification,
        confidence: if port == NOTIFICATION_PORT { Confidence::Likely } else { Confidence::Possible },
        why: format!(
            "a connection of {} minutes in which at most {} bytes came every {} seconds or so",
            seconds(lasted) / 60,
            pulse.largest_beat,
            seconds(mean)
        ),
    })
}

fn content(connections: &Connections) -> Option<Likely> {
    let (to_client, to_server) = (connections.to_client.bytes, connections.to_server.bytes);
    let fits = to_client >= CONTENT && to_client / CONTENT_RATIO >= to_server;
    fits.then(|| Likely {
        purpose: Purpose::Content,
        confidence: if to_client >= MUCH_CONTENT { Confidence::Likely } else { Confidence::Possible },
        why: format!("{} KiB came to the client, which sent {} KiB", to_client >> 10, to_server >> 10),
    })
}

fn policy(connections: &Connections) -> Option<Likely> {
    let intervals = intervals(&connections.starts, VISIT);
    let median = median(&intervals)?;
    // A tenth of the interval: clients shift their polls a little.
    let even = intervals.iter().all(|interval| (interval - median).abs() <= median / 10);
    let small = connections.longest <= SHORT && connections.largest_answer <= SMALL_ANSWER;
    let fits = intervals.len() + 1 >= POLLS && even && small && POLLING.contains(&median);
    let default = (median - POLLING_DEFAULT).abs() <= POLLING_DEFAULT / 10;
    fits.then(|| Likely {
        purpose: Purpose::Policy,
        confidence: if default { Confidence::Likely } else { Confidence::Possible },
        why: format!(
            "{} short visits, one every {} minutes, with at most {} KiB to the client",
            intervals.len() + 1,
            seconds(median + MINUTE / 2) / 60,
            connections.largest_answer.div_ceil(1 << 10)
        ),
    })
}

/// Nanoseconds between beginnings; those within `apart` of the one before are left out.
fn intervals(starts: &[Timestamp], apart: i64) -> Vec<i64> {
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    let mut visits: Vec<Timestamp> = Vec::new();
    let mut before: Option<Timestamp> = None;
    for start in starts {
        if before.is_none_or(|before| apart == 0 || start.nanos_since(before) > apart) {
            visits.push(start);
        }
        before = Some(start);
    }
    visits.iter().zip(visits.iter().skip(1)).map(|(start, next)| next.nanos_since(*start)).collect()
}

fn median(intervals: &[i64]) -> Option<i64> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// Whole seconds of a span.
fn seconds(nanos: i64) -> u64 {
    u64::try_from(nanos / SECOND).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use capture::{Moment, Pulse};
    use decoders::FlowEnd;

    use super::*;

    const HOUR: i64 = 3_600;

    fn end(began: i64, lasted: i64, bytes: (u64, u64)) -> FlowEnd {
        FlowEnd {
            started: Moment { time: Timestamp::new(began, 0), ..Moment::default() },
            to_server: Traffic { packets: 5, bytes: bytes.0 },
            to_client: Traffic { packets: 6, bytes: bytes.1 },
            pulse: Pulse { last: Some(Timestamp::new(began + lasted, 0)), ..Pulse::default() },
            ..crate::testing::flow_end()
        }
    }

    fn of(ends: &[FlowEnd]) -> Connections {
        let mut connections = Connections::default();
        for (port, end) in (50_000..).zip(ends) {
            connections.enter(port, end, 64);
        }
        connections
    }

    fn kept_open(minutes: i64, beats: u32, largest_beat: u64, longest_pause: i64) -> Connections {
        let mut end = end(0, minutes * 60, (9_000, 9_000));
        end.pulse.beats = beats;
        end.pulse.paused = minutes * MINUTE;
        end.pulse.longest_pause = longest_pause * MINUTE;
        end.pulse.largest_beat = largest_beat;
        of(&[end])
    }

    fn guess(connections: &Connections, port: u16) -> Option<(Purpose, Confidence)> {
        sealed(connections, port).likely.map(|likely| (likely.purpose, likely.confidence))
    }

    #[test]
    fn sizes_counts_and_times_are_told() {
        let connections = of(&[end(100, 3, (10, 20)), end(400, 9, (1, 2)), end(1_000, 1, (5, 5))]);
        let told = sealed(&connections, 443);
        assert_eq!((told.connections, told.longest, told.median_interval), (3, 9, Some(600)));
        assert_eq!(told.to_server, Traffic { packets: 15, bytes: 16 });
        assert_eq!(told.to_client, Traffic { packets: 18, bytes: 27 });
        assert_eq!((told.first, told.last), (Timestamp::new(100, 0), Timestamp::new(1_001, 0)));
        assert_eq!(told.likely, None);
        assert_eq!(sealed(&of(&[end(0, 1, (1, 1))]), 443).median_interval, None);
    }

    #[test]
    fn connection_cut_in_two_counts_once() {
        let mut connections = Connections::default();
        connections.enter(50_000, &end(0, 100, (1, 1)), 64);
        let rest = FlowEnd { syn_seen: false, ..end(5_000, 100, (1, 1)) };
        connections.enter(50_000, &rest, 64);
        assert_eq!((connections.connections, seconds(connections.longest)), (1, 5_100));
        connections.enter(50_000, &end(9_000, 100, (1, 1)), 64);
        assert_eq!(connections.connections, 2, "a port used again");
    }

    #[test]
    fn connection_kept_open_by_small_beats_is_likely_notification_on_its_port() {
        let steady = kept_open(60, 4, 400, 15);
        assert_eq!(guess(&steady, 10_123), Some((Purpose::Notification, Confidence::Likely)));
        assert_eq!(guess(&steady, 443), Some((Purpose::Notification, Confidence::Possible)));
        for other in [
            kept_open(29, 4, 400, 7),
            kept_open(60, 2, 400, 30),
            kept_open(60, 4, 5_000, 15),
            kept_open(60, 4, 400, 31),
        ] {
            assert_eq!(guess(&other, 10_123), None);
        }
    }

    #[test]
    fn volume_to_the_client_may_be_content() {
        let of = |to_server, to_client| guess(&of(&[end(0, 5, (to_server, to_client))]), 443);
        assert_eq!(of(9_000, 600 << 10), Some((Purpose::Content, Confidence::Possible)));
        assert_eq!(of(9_000, 11 << 20), Some((Purpose::Content, Confidence::Likely)));
        assert_eq!(of(90_000, 600 << 10), None, "too much goes the other way");
        assert_eq!(of(9_000, 400 << 10), None);
    }

    #[test]
    fn short_visits_at_even_intervals_may_be_policy_polls() {
        let polls = |interval: i64, lasted, answer| {
            // Each takes two connections.
            let starts = (0..4).flat_map(|poll| [poll * interval, poll * interval + 5]);
            let ends: Vec<FlowEnd> = starts.map(|start| end(start, lasted, (answer / 5, answer))).collect();
            guess(&of(&ends), 443)
        };
        assert_eq!(polls(HOUR, 2, 9_000), Some((Purpose::Policy, Confidence::Likely)));
        assert_eq!(polls(HOUR / 4, 2, 9_000), Some((Purpose::Policy, Confidence::Possible)));
        assert_eq!(polls(90, 2, 9_000), None, "more often than can be set");
        assert_eq!(polls(HOUR, 300, 9_000), None, "not short");
        assert_eq!(polls(HOUR, 2, 140 << 10), None, "not small");
    }

    #[test]
    fn visits_that_come_as_they_like_are_not_guessed_at() {
        let ends = [0, 3_600, 7_200, 12_000].map(|start| end(start, 2, (1_000, 2_000)));
        assert_eq!(guess(&of(&ends), 443), None);
        let few = [0, 3_600, 7_200].map(|start| end(start, 2, (1_000, 2_000)));
        assert_eq!(guess(&of(&few), 443), None);
    }
}
