use super::scene::*;
use crate::flow::EndReason;
use crate::packet::{Body, Segment};

#[test]
fn each_direction_ends_once_with_its_fin() {
    let mut scene = Scene::open();
    scene.client(data(101, b"ask")).client(fin(104, 501)).client(fin(104, 501));
    assert_eq!(scene.story(), ">ask >Fin");
    scene.server(data(501, b"answer")).server(fin(507, 105)).server(fin(507, 105)).client(ack(105, 508));
    assert_eq!(scene.story(), "<answer <Fin");
    scene.finish();
    assert_eq!(scene.reasons(), [EndReason::Fin]);
    assert_eq!(scene.traffic().map(|traffic| traffic.packets), [6, 4]);
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [3, 6]);
}

#[test]
fn fin_with_data_ends_behind_the_data() {
    let mut scene = Scene::open();
    scene.client(Segment { fin: true, ..data(101, b"bye") });
    assert_eq!(scene.story(), ">bye >Fin");
}

#[test]
fn fin_ahead_of_its_turn_waits_for_the_data() {
    let mut scene = Scene::open();
    scene.client(fin(104, 501));
    assert_eq!(scene.story(), "");
    scene.client(data(101, b"bye"));
    assert_eq!(scene.story(), ">bye >Fin");
}

#[test]
fn data_behind_a_fin_is_nothing() {
    let mut scene = Scene::open();
    scene.client(fin(101, 501)).client(data(101, b"ghost")).server(data(501, b"real")).finish();
    assert_eq!(scene.story(), ">Fin <real <EndOfCapture");
    assert_eq!(scene.traffic()[0].bytes, 0);
}

#[test]
fn acknowledged_fin_ends_the_wait_for_what_the_capture_lost() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).client(data(105, b"b")).client(fin(106, 501));
    assert_eq!(scene.story(), ">a");
    scene.server(ack(501, 107));
    assert_eq!(scene.story(), ">gap3 >b >Fin");
}

#[test]
fn reset_ends_both_directions_when_the_flow_leaves() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).server(data(503, b"late")).server(rst(507));
    assert_eq!(scene.story(), ">a");
    scene.finish();
    assert_eq!(scene.story(), ">Reset <gap2 <late <Reset");
    assert_eq!(scene.reasons(), [EndReason::Reset]);
}

#[test]
fn data_on_its_way_when_the_other_side_resets_is_delivered() {
    let mut scene = Scene::open();
    scene.client(data(101, b"ask")).client(rst(104)).server(data(501, b"answer")).finish();
    assert_eq!(scene.story(), ">ask <answer >Reset <Reset");
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [3, 6]);
}

#[test]
fn forged_reset_hides_nothing() {
    let mut scene = Scene::open();
    scene.client(rst(101)).client(data(101, b"ask")).server(data(501, b"answer"));
    scene.client(fin(104, 507)).server(fin(507, 105)).finish();
    assert_eq!(scene.story(), ">ask <answer >Fin <Fin");
    assert_eq!(scene.reasons(), [EndReason::Fin]);
}

#[test]
fn refused_connection_carries_nothing() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(rst(0)).server(data(1, b"stray")).finish();
    assert_eq!(scene.story(), "");
    assert_eq!(scene.reasons(), [EndReason::Reset]);
}

#[test]
fn reset_far_outside_any_window_is_ignored() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).server(rst(501u32.wrapping_add(1 << 31))).client(data(102, b"b"));
    assert_eq!(scene.story(), ">a >b");
}

#[test]
fn late_segments_belong_to_the_flow() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).server(rst(501)).client(data(102, b"more")).client(ack(106, 501));
    scene.finish();
    assert_eq!(scene.story(), ">a >more >Reset <Reset");
    assert_eq!((scene.traffic()[0].packets, scene.traffic()[0].bytes), (5, 5));
    assert_eq!(scene.tracker.counters().midstream_flows, 0);
}

#[test]
fn closed_flow_leaves_after_its_linger_time() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).server(rst(501)).wait(10 * SECOND + 1).udp(end(8, 1), end(9, 2), b"x");
    assert_eq!(scene.reasons(), [EndReason::Reset]);
    assert_eq!(scene.notes.closed[0].at.frame.order, 6);
}

#[test]
fn connection_that_goes_on_long_after_its_reset_is_a_new_flow() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).server(rst(501));
    for number in 0..12 {
        scene.wait(SECOND).client(data(102 + number * 4, b"more"));
    }
    assert_eq!(scene.reasons(), [EndReason::Reset]);
    let before = ">a".to_owned() + &" >more".repeat(9) + " >Reset <Reset";
    assert_eq!(scene.story(), before + &" >more".repeat(3));
}

#[test]
fn end_of_capture_delivers_what_was_held() {
    let mut scene = Scene::open();
    scene.server(data(505, b"tail")).finish();
    assert_eq!(scene.story(), ">EndOfCapture <gap4 <tail <EndOfCapture");
    assert_eq!(scene.reasons(), [EndReason::EndOfCapture]);
}

#[test]
fn flows_close_in_the_order_in_which_they_began() {
    let mut scene = Scene::new();
    for port in [9, 3, 7, 1, 9] {
        scene.send(end(1, port), server(), Body::Tcp(syn(1)));
    }
    scene.finish();
    let ids: Vec<u64> = scene.notes.closed.iter().map(|closed| closed.flow.id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[test]
fn connection_without_payload_carries_only_its_ends() {
    let mut scene = Scene::open();
    scene.client(fin(101, 501)).server(fin(501, 102)).client(ack(102, 502)).finish();
    assert_eq!(scene.story(), ">Fin <Fin");
    assert_eq!(scene.reasons(), [EndReason::Fin]);
}

#[test]
fn one_captured_side_is_counted_when_the_flow_ends() {
    let mut scene = Scene::new();
    scene.client(syn(100)).client(ack(101, 501)).client(data(101, b"a")).finish();
    assert_eq!(scene.tracker.counters().one_sided_flows, 1);
    let mut unanswered = Scene::new();
    unanswered.client(syn(100)).finish();
    assert_eq!(unanswered.tracker.counters().one_sided_flows, 0);
}

#[test]
fn flows_can_be_closed_a_few_at_a_time() {
    let mut scene = Scene::new();
    for port in 1..=5 {
        scene.udp(end(1, port), server(), b"q");
    }
    let now = scene.now();
    let mut left = Vec::new();
    while scene.tracker.finish_some(now, &mut scene.notes, 2) {
        left.push(scene.tracker.flows());
    }
    assert_eq!(left, [3, 1, 0]);
    let ports: Vec<u16> = scene.notes.closed.iter().map(|closed| closed.flow.key.client.port).collect();
    assert_eq!(ports, [1, 2, 3, 4, 5]);
}
