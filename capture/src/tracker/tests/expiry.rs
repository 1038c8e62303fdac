use super::scene::*;
use crate::flow::EndReason;
use crate::packet::Body;

const YEAR: i64 = 365 * 24 * 3_600 * SECOND;

fn tick(scene: &mut Scene) {
    scene.udp(end(8, 1), end(9, 2), b"tick");
}

#[test]
fn half_open_flow_ends_sooner_than_an_established_one() {
    let mut scene = Scene::open();
    scene.send(end(3, 3), server(), Body::Tcp(syn(1))).wait(61 * SECOND);
    tick(&mut scene);
    assert_eq!(scene.reasons(), [EndReason::Idle]);
    assert_eq!(scene.notes.closed[0].flow.key.client, end(3, 3));
}

#[test]
fn established_flow_ends_after_its_idle_time_and_not_before() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).wait(3_600 * SECOND - 10_000);
    tick(&mut scene);
    assert_eq!(scene.reasons(), []);
    scene.wait(20_000);
    tick(&mut scene);
    assert_eq!(scene.reasons(), [EndReason::Idle]);
    assert_eq!(scene.story(), ">a >tick >Idle <Idle");
}

#[test]
fn traffic_keeps_a_flow_alive() {
    let mut scene = Scene::open();
    for _ in 0..10 {
        scene.wait(1_800 * SECOND).client(ack(101, 501));
    }
    assert_eq!(scene.tracker.flows(), 1);
}

#[test]
fn flow_closed_by_the_only_side_captured_does_not_stay_for_an_hour() {
    let mut scene = Scene::new();
    scene.client(syn(100)).client(data(101, b"a")).client(fin(102, 501)).wait(61 * SECOND);
    tick(&mut scene);
    assert_eq!(scene.reasons(), [EndReason::Idle]);
}

#[test]
fn frame_from_the_far_future_expires_nothing_and_freezes_nothing() {
    let mut scene = Scene::open();
    let now = scene.time;
    scene.wait(82 * YEAR);
    tick(&mut scene);
    scene.time = now;
    scene.client(data(101, b"a"));
    assert_eq!((scene.reasons(), scene.tracker.flows()), (vec![], 2));
    scene.wait(401 * SECOND);
    tick(&mut scene);
    assert_eq!(scene.reasons(), [EndReason::Idle], "time goes on: the datagram flow is due");
}

#[test]
fn clock_that_steps_back_expires_nothing() {
    let mut scene = Scene::new();
    scene.time = 50 * YEAR;
    scene.client(data(1, b"a"));
    for step in [1, 3_600, 86_400, 1_000_000] {
        scene.wait(-step * SECOND);
        tick(&mut scene);
        tick(&mut scene);
    }
    assert_eq!(scene.reasons(), []);
    scene.wait(600 * SECOND);
    tick(&mut scene);
    assert!(scene.reasons().contains(&EndReason::Idle), "time goes on from there");
}

#[test]
fn gap_of_years_ends_flows_when_the_second_frame_confirms_it() {
    let mut scene = Scene::open();
    scene.wait(3 * YEAR);
    tick(&mut scene);
    assert_eq!(scene.reasons(), []);
    tick(&mut scene);
    assert_eq!(scene.reasons()[0], EndReason::Idle);
}

#[test]
fn flow_that_begins_behind_a_gap_of_years_is_not_idle() {
    let mut scene = Scene::new();
    tick(&mut scene);
    scene.wait(3 * YEAR).client(syn(100)).server(syn_ack(500, 101)).client(data(101, b"a"));
    assert_eq!(scene.reasons(), [EndReason::Idle]);
    assert_eq!(scene.story(), ">tick >a");
    assert_eq!(scene.tracker.counters().midstream_flows, 0);
}

#[test]
fn frames_without_time_still_give_flows() {
    let mut scene = Scene::new();
    for sequence in 0..100u32 {
        scene.time = -1_000;
        scene.client(data(sequence, b"x"));
    }
    assert_eq!(scene.tracker.flows(), 1);
}

#[test]
fn wild_clock_never_stops_the_tracker() {
    let mut scene = Scene::new();
    let mut state = 7u64;
    for number in 0..20_000u32 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        scene.time = state.cast_signed() / 2;
        let port = u16::try_from(number % 5_000).unwrap();
        scene.send(end(1, port), server(), Body::Tcp(syn(number)));
    }
    scene.finish();
    assert_eq!(scene.notes.closed.len() as u64, scene.tracker.counters().tcp_flows);
}

#[test]
fn flow_that_is_due_behind_one_that_is_not_ends_before_its_next_packet() {
    let mut scene = Scene::new();
    // Seen last, but put into its list first: within a moment the order of flows is not kept.
    scene.udp(end(3, 3), end(9, 9), b"a").wait(SECOND / 20);
    scene.udp(end(4, 4), end(9, 9), b"b").wait(SECOND / 20);
    scene.udp(end(3, 3), end(9, 9), b"c").wait(400 * SECOND - SECOND / 40);
    scene.udp(end(4, 4), end(9, 9), b"d");
    let closed: Vec<_> = scene.notes.closed.iter().map(|closed| closed.flow.key.client).collect();
    assert_eq!(closed, [end(4, 4)]);
    assert_eq!((scene.reasons(), scene.tracker.flows()), (vec![EndReason::Idle], 2));
    scene.wait(SECOND);
    tick(&mut scene);
    let closed: Vec<_> = scene.notes.closed.iter().map(|closed| closed.flow.key.client).collect();
    assert_eq!(closed, [end(4, 4), end(3, 3)]);
}
