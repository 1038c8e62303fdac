use super::scene::*;
use crate::flow::{Demand, EndReason};
use crate::limits::Limits;
use crate::packet::Body;
use crate::tcp::pending::PIECE_COST;

#[test]
fn least_recently_seen_flow_is_evicted() {
    let mut scene = Scene::with(Limits { flows: 3, ..Limits::default() });
    for port in [1, 2, 3] {
        scene.send(end(1, port), server(), Body::Tcp(data(1, b"xx")));
    }
    scene.send(end(1, 1), server(), Body::Tcp(data(3, b"y")));
    scene.send(end(1, 4), server(), Body::Tcp(data(1, b"zz")));
    assert_eq!(scene.reasons(), [EndReason::Evicted]);
    assert_eq!(scene.notes.closed[0].flow.key.client, end(1, 2));
    assert_eq!((scene.tracker.flows(), scene.tracker.counters().flows_evicted), (3, 1));
    assert!(scene.story().contains(">Evicted <Evicted"));
}

#[test]
fn flood_of_syns_does_not_push_out_a_connection() {
    let mut scene = Scene::open_with(Limits { flows: 100, ..Limits::default() });
    scene.client(data(101, b"a"));
    for port in 0..10_000u16 {
        scene.send(end(66, port), server(), Body::Tcp(syn(1)));
    }
    assert_eq!(scene.tracker.flows(), 100);
    scene.client(data(102, b"b"));
    assert_eq!(scene.story(), ">a >b");
    assert_eq!(scene.tracker.counters().flows_evicted, 10_000 - 99);
}

#[test]
fn closed_flow_that_makes_room_keeps_its_reason_and_is_no_loss() {
    let mut scene = Scene::open_with(Limits { flows: 1, ..Limits::default() });
    scene.client(rst(101)).send(end(1, 4), server(), Body::Tcp(syn(1)));
    assert_eq!(scene.reasons(), [EndReason::Reset]);
    assert_eq!(scene.tracker.counters().flows_evicted, 0);
}

#[test]
fn table_of_no_flows_holds_one() {
    let mut scene = Scene::open_with(Limits { flows: 0, ..Limits::default() });
    scene.client(data(101, b"a"));
    assert_eq!((scene.story().as_str(), scene.tracker.flows()), (">a", 1));
}

#[test]
fn too_many_held_bytes_make_the_hole_a_gap() {
    let mut scene = Scene::open_with(Limits { reorder_bytes_per_direction: 5, ..Limits::default() });
    scene.client(data(102, b"bcd"));
    assert_eq!(scene.story(), "");
    scene.client(data(106, b"fgh"));
    assert_eq!(scene.story(), ">gap1 >bcd");
    assert_eq!((scene.tracker.held, scene.tracker.counters().reorder_limit_hits), (PIECE_COST + 3, 1));
}

#[test]
fn too_many_held_segments_make_the_hole_a_gap() {
    let mut scene = Scene::open_with(Limits { reorder_segments_per_direction: 2, ..Limits::default() });
    scene.client(data(102, b"b")).client(data(104, b"d")).client(data(106, b"f"));
    assert_eq!(scene.story(), ">gap1 >b");
    assert_eq!(scene.tracker.counters().reorder_limit_hits, 1);
}

#[test]
fn too_many_held_bytes_in_all_cost_the_flow_that_asks_for_more() {
    let mut scene = Scene::open_with(Limits { reorder_bytes_total: PIECE_COST + 4, ..Limits::default() });
    scene.client(data(102, b"bcd"));
    scene.send(end(7, 7), server(), Body::Tcp(syn(0)));
    scene.send(end(7, 7), server(), Body::Tcp(data(3, b"xyz")));
    assert_eq!(scene.story(), ">gap2 >xyz");
    assert_eq!(scene.tracker.held, PIECE_COST + 3);
    scene.client(data(101, b"a"));
    assert_eq!((scene.story().as_str(), scene.tracker.held), (">a >bcd", 0));
}

#[test]
fn tiny_segments_are_charged_for_what_they_take() {
    let mut scene = Scene::open_with(Limits { reorder_bytes_total: 10 * PIECE_COST, ..Limits::default() });
    for number in 0..1_000u32 {
        scene.client(data(110 + number * 2, b"x"));
        assert!(scene.tracker.held <= 10 * PIECE_COST);
    }
    assert_eq!(scene.tracker.counters().reorder_limit_hits, 1_000 - 9);
}

#[test]
fn ranges_of_skipped_bytes_are_bounded_too() {
    let mut scene = Scene::open_with(Limits { reorder_segments_per_direction: 4, ..Limits::default() });
    scene.notes.demands = vec![Demand::Nothing];
    scene.client(data(101, b"a"));
    for number in 0..100u32 {
        scene.client(data(110 + number * 2, b"x"));
    }
    assert_eq!(scene.tracker.counters().reorder_limit_hits, 96);
    scene.finish();
    assert_eq!(scene.traffic()[0].bytes, 101);
    assert_eq!(scene.story(), ">a");
}

#[test]
fn patience_with_a_hole_is_a_limit() {
    let mut scene = Scene::with(Limits { hole_patience: SECOND, ..Limits::default() });
    scene.client(syn(100)).client(data(105, b"b")).wait(SECOND + 1).client(data(106, b"c"));
    assert_eq!(scene.story(), ">gap4 >b >c");
}
