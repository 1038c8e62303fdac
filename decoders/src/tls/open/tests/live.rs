//! Key logs that grow while their traffic is read.

use std::sync::Arc;

use capture::{Chunk, Consumer, EndReason, Moment, Transport};

use super::{Keys, SAMPLES, anomalies, inside, plain, readings, sample};
use crate::harness::flow;
use crate::harness::talk;
use crate::tls::open::Reading;
use crate::{Anomaly, Dispatch, Event, Limits, Record};

/// Records of a talk whose key log comes before the message of this number, in `pieces`.
fn with_late_keys(name: &str, late: usize, pieces: usize, limits: Limits) -> Vec<Record> {
    let (sample, flow) = (sample(name), flow(Transport::Tcp, 443));
    let keys = Arc::new(Keys::new(&limits, true));
    let mut dispatch = Dispatch::new(limits).with_keys(Arc::clone(&keys));
    let mut state = dispatch.open(&flow);
    let mut lines = sample.keys.split_inclusive(|byte| *byte == b'\n').collect::<Vec<_>>();
    let each = lines.len().div_ceil(pieces);
    for (at, (direction, message)) in talk(sample.talk).iter().enumerate() {
        if at >= late && !lines.is_empty() {
            keys.add_log(&lines.drain(..each.min(lines.len())).collect::<Vec<_>>().concat());
            dispatch.see_keys(keys.horizon());
        }
        dispatch.chunk(&flow, &mut state, Moment::default(), *direction, Chunk::Data(message));
        let end = Chunk::End(EndReason::Fin);
        if at + 1 == talk(sample.talk).len() {
            dispatch.chunk(&flow, &mut state, Moment::default(), *direction, end);
        }
    }
    dispatch.close(&flow, state, Moment::default(), EndReason::Fin);
    dispatch.records
}

#[test]
fn records_that_came_before_their_key_are_opened_when_it_comes() {
    for sample in SAMPLES {
        let messages = talk(sample.talk).len();
        for late in 0..messages {
            let records = with_late_keys(sample.name, late, 1, Limits::default());
            assert_eq!(inside(&records), plain(), "{} late by {late}", sample.name);
            assert_eq!(readings(&records), [Some(Reading::Opened)], "{} late by {late}", sample.name);
        }
    }
}

#[test]
fn secrets_of_a_connection_may_come_one_by_one() {
    let messages = talk(sample("tls13").talk).len();
    for late in 0..messages.saturating_sub(5) {
        let records = with_late_keys("tls13", late, 5, Limits::default());
        assert_eq!(inside(&records), plain(), "late by {late}");
        assert!(anomalies(&records).is_empty());
    }
}

#[test]
fn gap_among_what_waits_costs_what_was_in_it() {
    for (name, last) in [("tls13", 3), ("tls12-gcm", 3)] {
        let (sample, flow) = (sample(name), flow(Transport::Tcp, 443));
        let keys = Arc::new(Keys::new(&Limits::default(), true));
        let mut dispatch = Dispatch::new(Limits::default()).with_keys(Arc::clone(&keys));
        let mut state = dispatch.open(&flow);
        let talk = talk(sample.talk);
        for (at, (direction, message)) in talk.iter().enumerate() {
            // The second request is lost while everything waits.
            let lost = at + last + 1 == talk.len();
            if at + 1 == talk.len() {
                keys.add_log(sample.keys);
                dispatch.see_keys(keys.horizon());
            }
            let chunk = if lost { Chunk::Gap(message.len() as u64) } else { Chunk::Data(message) };
            dispatch.chunk(&flow, &mut state, Moment::default(), *direction, chunk);
        }
        let said = inside(&dispatch.records);
        let heads = said.iter().filter(|(_, event)| matches!(event, Event::Http(_))).count();
        assert_eq!(heads, 3, "{name}: {said:?}");
        assert!(
            !anomalies(&dispatch.records).iter().any(|anomaly| matches!(anomaly, Anomaly::Unexpected { .. }))
        );
    }
}

#[test]
fn what_waits_is_bounded_for_a_connection_and_for_all() {
    let limits = Limits::default();
    for limits in [Limits { tls_waiting: 300, ..limits }, Limits { tls_waiting_total: 300, ..limits }] {
        let records = with_late_keys("tls13", usize::MAX, 1, limits);
        assert!(inside(&records).is_empty());
        assert_eq!(readings(&records), [Some(Reading::Lost)]);
        let limit = Anomaly::LimitReached { protocol: "tls", limit: "tls_waiting" };
        assert_eq!(anomalies(&records), [&limit], "said once");
    }
}

#[test]
fn what_waited_is_given_back_when_the_connection_ends() {
    let keys = Arc::new(Keys::new(&Limits::default(), true));
    for _ in 0..3 {
        let flow = flow(Transport::Tcp, 443);
        let mut dispatch = Dispatch::new(Limits::default()).with_keys(Arc::clone(&keys));
        let mut state = dispatch.open(&flow);
        for (direction, message) in &talk(sample("tls13").talk) {
            dispatch.chunk(&flow, &mut state, Moment::default(), *direction, Chunk::Data(message));
        }
        assert!(keys.waiting.load(std::sync::atomic::Ordering::Relaxed) > 0);
        dispatch.close(&flow, state, Moment::default(), EndReason::Fin);
        assert_eq!(keys.waiting.load(std::sync::atomic::Ordering::Relaxed), 0);
        assert_eq!(readings(&dispatch.records), [Some(Reading::NoKey)]);
    }
}

#[test]
fn shard_sees_no_key_that_was_read_after_its_frames() {
    let (sample, flow) = (sample("tls12-gcm"), flow(Transport::Tcp, 443));
    let keys = Arc::new(Keys::new(&Limits::default(), false));
    let mut dispatch = Dispatch::new(Limits::default()).with_keys(Arc::clone(&keys));
    keys.add_log(sample.keys);
    let mut state = dispatch.open(&flow);
    for (direction, message) in &talk(sample.talk) {
        dispatch.chunk(&flow, &mut state, Moment::default(), *direction, Chunk::Data(message));
    }
    dispatch.close(&flow, state, Moment::default(), EndReason::Fin);
    assert_eq!(readings(&dispatch.records), [Some(Reading::NoKeys)]);
}
