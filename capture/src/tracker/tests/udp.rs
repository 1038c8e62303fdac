use super::scene::*;
use crate::flow::{Demand, EndReason, Origin};
use crate::packet::Body;

#[test]
fn first_sender_of_a_datagram_is_the_client() {
    let mut scene = Scene::new();
    scene.udp(client(), server(), b"q").udp(server(), client(), b"a").finish();
    assert_eq!(scene.story(), ">q <a");
    let flow = scene.notes.closed[0].flow;
    assert_eq!((flow.key.client, flow.origin), (client(), Origin::Datagram));
    assert_eq!(scene.tracker.counters().udp_flows, 1);
}

#[test]
fn second_copy_of_a_datagram_counts_as_traffic_and_is_not_delivered() {
    let mut scene = Scene::new();
    scene.udp(client(), server(), b"q").udp(client(), server(), b"q").udp(server(), client(), b"q");
    assert_eq!(scene.story(), ">q <q");
    scene.finish();
    assert_eq!(scene.tracker.counters().duplicates, 1);
    assert_eq!(scene.traffic().map(|traffic| traffic.packets), [2, 1]);
}

#[test]
fn repeated_query_is_delivered_again() {
    let mut scene = Scene::new();
    scene.udp(client(), server(), b"q").wait(SECOND / 4).udp(client(), server(), b"q");
    assert_eq!(scene.story(), ">q >q");
}

#[test]
fn cut_datagram_says_so_and_counts_as_it_was_on_the_wire() {
    let mut scene = Scene::new();
    scene.send(client(), server(), Body::Udp { payload: b"q", cut: true, wire_len: 9, identification: 0 });
    assert_eq!(scene.story(), ">q(cut)");
    scene.finish();
    assert_eq!(scene.traffic()[0].bytes, 9);
}

#[test]
fn reader_that_wants_no_more_datagrams_gets_none() {
    let mut scene = Scene::new();
    scene.notes.demands = vec![Demand::Nothing];
    scene.udp(client(), server(), b"1").udp(client(), server(), b"2").udp(server(), client(), b"3").finish();
    assert_eq!(scene.story(), ">1");
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [2, 1]);
}

#[test]
fn silent_datagram_flow_ends() {
    let mut scene = Scene::new();
    scene.udp(client(), server(), b"q").wait(400 * SECOND + 1).udp(client(), server(), b"q");
    assert_eq!(scene.reasons(), [EndReason::Idle]);
    assert_eq!(scene.tracker.flows(), 1);
}

#[test]
fn answered_datagram_flow_ends_sooner_unless_it_goes_on() {
    let mut scene = Scene::new();
    scene.notes.demands = vec![Demand::All, Demand::Little, Demand::All, Demand::Little];
    scene.udp(client(), server(), b"q").udp(server(), client(), b"a").wait(9 * SECOND);
    scene.udp(client(), server(), b"q").wait(399 * SECOND).udp(server(), client(), b"a");
    assert_eq!(scene.reasons(), [], "a question waits for its answer as long as any flow");
    scene.wait(10 * SECOND + 1).udp(client(), server(), b"q");
    assert_eq!(scene.reasons(), [EndReason::Idle]);
    assert_eq!(scene.tracker.flows(), 1);
}

#[test]
fn tcp_and_udp_between_the_same_ends_are_two_flows() {
    let mut scene = Scene::new();
    scene.udp(client(), server(), b"q").client(syn(1));
    assert_eq!(scene.tracker.flows(), 2);
}
