use super::scene::*;
use crate::flow::{EndReason, Moment, Origin};
use crate::packet::{Body, Packet, Segment};

#[test]
fn sender_of_the_syn_is_the_client() {
    let mut scene = Scene::open();
    scene.finish();
    let flow = scene.notes.closed[0].flow;
    assert_eq!((flow.key.client, flow.key.server), (client(), server()));
    assert_eq!((flow.origin, flow.syn, flow.syn_ack), (Origin::Syn, true, true));
    assert_eq!(scene.tracker.counters().midstream_flows, 0);
}

#[test]
fn receiver_of_a_lone_syn_ack_is_the_client() {
    let mut scene = Scene::new();
    scene.server(syn_ack(500, 101)).client(data(101, b"hello")).finish();
    let flow = scene.notes.closed[0].flow;
    assert_eq!(flow.key.client, client());
    assert_eq!((flow.origin, flow.syn, flow.syn_ack), (Origin::Syn, false, true));
    assert_eq!(scene.story(), ">hello >EndOfCapture <EndOfCapture");
}

#[test]
fn acknowledgement_of_a_lone_syn_ack_tells_where_the_client_starts() {
    let mut scene = Scene::new();
    scene.server(syn_ack(500, 101)).client(data(106, b"world")).client(data(101, b"hello"));
    assert_eq!(scene.story(), ">hello >world");
}

#[test]
fn without_a_syn_the_first_sender_is_the_client() {
    let mut scene = Scene::new();
    scene.server(data(9_000, b"abc")).client(data(7_000, b"xyz"));
    assert_eq!(scene.story(), ">abc <xyz");
    scene.finish();
    let flow = scene.notes.closed[0].flow;
    assert_eq!((flow.key.client, flow.origin), (server(), Origin::Midstream));
    assert_eq!(scene.tracker.counters().midstream_flows, 1);
}

#[test]
fn keep_alive_probe_starts_no_midstream_stream() {
    let mut scene = Scene::new();
    scene.client(data(6_999, b"\0")).server(ack(1, 7_000)).client(data(7_000, b"POST"));
    assert_eq!(scene.story(), ">POST");
}

#[test]
fn repeated_syn_is_the_same_flow() {
    let mut scene = Scene::new();
    scene.client(syn(100)).wait(3 * SECOND).client(syn(100)).wait(6 * SECOND).client(syn(100));
    scene.server(syn_ack(500, 101)).client(data(101, b"a")).finish();
    assert_eq!(scene.notes.closed.len(), 1);
    assert_eq!(scene.traffic()[0].packets, 4);
}

#[test]
fn simultaneous_open_is_one_flow() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(syn(500)).client(syn_ack(100, 501)).server(syn_ack(500, 101));
    scene.client(data(101, b"a")).server(data(501, b"b")).finish();
    assert_eq!(scene.story(), ">a <b >EndOfCapture <EndOfCapture");
    assert_eq!(scene.notes.closed.len(), 1);
    assert!(scene.notes.closed[0].flow.syn_ack);
}

#[test]
fn data_on_the_syn_comes_first_and_once() {
    let mut scene = Scene::new();
    scene.client(Segment { syn: true, ..data(100, b"early") });
    assert_eq!(scene.story(), ">early");
    scene.server(syn_ack(500, 101)).client(data(101, b"early+more"));
    assert_eq!(scene.story(), ">+more");
    scene.finish();
    assert_eq!(scene.traffic()[0].bytes, 10);
}

#[test]
fn state_is_made_with_the_first_payload_only() {
    let mut scene = Scene::open();
    assert_eq!(scene.notes.opened, 0);
    scene.client(data(101, b"a"));
    assert_eq!(scene.notes.opened, 1);
    scene.finish();
    assert_eq!(scene.notes.opened, 1);
}

#[test]
fn flow_that_carries_nothing_is_opened_to_be_closed() {
    let mut scene = Scene::new();
    scene.client(syn(100)).finish();
    assert_eq!((scene.notes.opened, scene.story().as_str()), (1, ""));
    assert_eq!(scene.reasons(), [EndReason::EndOfCapture]);
}

#[test]
fn reset_that_answers_the_syn_is_a_refusal() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(Segment { rst: true, ..ack(0, 101) }).finish();
    assert!(scene.notes.closed[0].flow.refused);
    assert_eq!(scene.reasons(), [EndReason::Reset]);
    assert_eq!(scene.story(), "");
}

#[test]
fn reset_that_comes_before_the_syn_it_answers_is_a_refusal() {
    let mut scene = Scene::new();
    scene.server(Segment { rst: true, ..ack(0, 101) }).client(syn(100)).finish();
    let [closed] = &scene.notes.closed[..] else { panic!("one flow, not {}", scene.notes.closed.len()) };
    assert!(closed.flow.refused && closed.flow.syn);
    assert_eq!((closed.flow.key.client, closed.reason), (client(), EndReason::Reset));
}

#[test]
fn client_refused_before_its_syn_was_seen_may_succeed_later() {
    let mut scene = Scene::new();
    scene.server(Segment { rst: true, ..ack(0, 101) }).client(syn(100));
    scene.wait(SECOND / 2).client(syn(100)).server(syn_ack(500, 101)).client(data(101, b"in"));
    assert_eq!(scene.story(), ">in");
    scene.finish();
    assert!(!scene.notes.closed[0].flow.refused);
}

#[test]
fn reset_of_an_older_connection_refuses_no_syn_after_it() {
    let mut scene = Scene::new();
    scene.server(Segment { rst: true, ..ack(0, 77) }).client(syn(100)).server(syn_ack(500, 101)).finish();
    assert_eq!(scene.reasons(), [EndReason::Reset, EndReason::EndOfCapture]);
    assert!(scene.notes.closed.iter().all(|closed| !closed.flow.refused));
}

#[test]
fn reset_after_the_handshake_is_no_refusal() {
    let mut scene = Scene::open();
    scene.server(rst(501)).finish();
    assert!(!scene.notes.closed[0].flow.refused);
}

#[test]
fn syn_behind_the_bytes_it_opened_the_way_for_is_of_their_flow() {
    let mut scene = Scene::new();
    scene.client(data_ack(101, b"question", 501)).client(syn(100)).server(syn_ack(500, 101));
    scene.server(data_ack(501, b"answer", 109)).finish();
    assert_eq!(scene.story(), ">question <answer >EndOfCapture <EndOfCapture");
    assert_eq!(scene.notes.closed.len(), 1);
    assert!(scene.notes.closed[0].flow.syn);
}

#[test]
fn answer_to_a_syn_behind_the_bytes_it_let_through_is_of_their_flow() {
    let mut scene = Scene::new();
    scene.client(data_ack(101, b"question", 501)).server(syn_ack(500, 101)).client(syn(100));
    scene.server(data_ack(501, b"answer", 109)).finish();
    assert_eq!(scene.story(), ">question <answer >EndOfCapture <EndOfCapture");
    assert_eq!(scene.notes.closed.len(), 1);
}

#[test]
fn refused_client_that_tries_again_may_succeed() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(Segment { rst: true, ..ack(0, 101) });
    scene.wait(SECOND / 2).client(syn(100)).server(syn_ack(500, 101)).client(data(101, b"in"));
    assert_eq!(scene.story(), ">in");
    scene.finish();
    assert_eq!(scene.notes.closed.len(), 1);
    assert!(!scene.notes.closed[0].flow.refused);
}

#[test]
fn client_that_resets_a_leftover_and_repeats_its_syn_is_read() {
    let mut scene = Scene::new();
    // The server still has an older connection on these ports: RFC 9293 3.5.1, figure 9.
    scene.client(syn(100)).server(ack(900, 77)).client(rst(77)).wait(3 * SECOND);
    scene.client(syn(100)).server(syn_ack(500, 101)).client(data(101, b"in"));
    assert_eq!(scene.story(), ">in");
    scene.finish();
    assert_eq!(scene.notes.closed.len(), 1);
}

#[test]
fn first_of_two_answers_to_one_syn_counts() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(syn_ack(500, 101)).server(syn_ack(90_000_000, 101));
    scene.client(data(101, b"ask")).server(data(501, b"answer")).finish();
    assert_eq!(scene.notes.closed.len(), 1);
    assert_eq!(scene.story(), ">ask <answer >EndOfCapture <EndOfCapture");
}

#[test]
fn icmp_unreachable_marks_the_flow_it_quotes_and_makes_none() {
    let mut scene = Scene::new();
    scene.send(client(), server(), Body::Unreachable { tcp: true });
    assert_eq!(scene.tracker.flows(), 0);
    scene.client(syn(100)).send(client(), server(), Body::Unreachable { tcp: false });
    scene.send(client(), server(), Body::Unreachable { tcp: true }).finish();
    assert!(scene.notes.closed[0].flow.unreachable);
    assert_eq!(scene.traffic()[0].packets, 1);
}

#[test]
fn same_ends_in_another_tunnel_are_another_flow() {
    let mut scene = Scene::new();
    for tunnel in [0, 7] {
        let packet = Packet {
            source: client(),
            destination: server(),
            source_mac: None,
            destination_mac: None,
            tunnel,
            body: Body::Tcp(syn(100)),
        };
        scene.tracker.packet(Moment::default(), &packet, &mut scene.notes);
    }
    assert_eq!(scene.tracker.flows(), 2);
}

#[test]
fn new_syn_after_the_end_opens_a_new_flow() {
    let mut scene = Scene::open();
    scene.client(fin(101, 501)).server(fin(501, 102)).client(ack(102, 502));
    scene.client(syn(90_000)).client(data(90_001, b"again")).finish();
    assert_eq!(scene.reasons(), [EndReason::Fin, EndReason::EndOfCapture]);
    assert_eq!(scene.notes.closed[1].flow.id.0, 7);
    assert!(scene.story().contains(">again"));
}

#[test]
fn new_syn_on_a_silent_connection_opens_a_new_flow() {
    let mut scene = Scene::open();
    scene.client(data(101, b"old")).wait(5 * SECOND).client(syn(200)).client(data(201, b"new"));
    assert_eq!(scene.story(), ">old >Reset <Reset >new");
    assert_eq!(scene.tracker.flows(), 1);
}

#[test]
fn new_syn_outside_the_window_opens_a_new_flow_at_once() {
    let mut scene = Scene::open();
    scene.client(data(101, b"old")).client(syn(1_000_000)).client(data(1_000_001, b"new"));
    assert_eq!(scene.story(), ">old >Reset <Reset >new");
}

#[test]
fn stray_syn_inside_the_window_changes_nothing() {
    let mut scene = Scene::open();
    scene.client(data(101, b"old")).client(syn(110)).client(data(104, b"+new"));
    assert_eq!(scene.story(), ">old >+new");
}

#[test]
fn syn_captured_behind_its_answer_belongs_to_the_same_flow() {
    let mut scene = Scene::new();
    scene.server(syn_ack(500, 101)).client(syn(100)).client(data(101, b"a")).finish();
    assert_eq!(scene.notes.closed.len(), 1);
    assert!(scene.notes.closed[0].flow.syn);
}

#[test]
fn of_two_starts_of_the_server_the_one_that_the_client_acknowledges_holds() {
    let mut scene = Scene::new();
    scene.client(syn(100)).server(syn_ack(500, 101)).server(syn_ack(9_000_000, 101)).server(syn_ack(70, 101));
    scene.client(data_ack(101, b"ask", 9_000_001)).server(data_ack(9_000_001, b"answer", 104));
    assert_eq!(scene.story(), ">ask <answer");
    scene.client(data_ack(104, b"more", 71)).server(data(9_000_007, b"and more"));
    assert_eq!(scene.story(), ">more <and more", "later acknowledgements change nothing");
}

#[test]
fn a_start_is_not_corrected_behind_bytes_that_were_delivered() {
    let mut scene = Scene::open();
    scene.server(data(501, b"early")).server(syn_ack(900, 101)).client(ack(101, 901));
    scene.server(data(506, b"and on"));
    assert_eq!(scene.story(), "<early <and on");
}
