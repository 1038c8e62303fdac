//! Segments that come before what they answer, as two taps or receive queues hand them over.

use super::scene::*;
use crate::flow::{Demand, EndReason};
use crate::limits::Limits;
use crate::packet::{Body, Segment};

#[test]
fn answer_that_comes_first_waits_for_its_question() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"answer", 109));
    assert_eq!(scene.story(), "");
    scene.client(data_ack(101, b"question", 501));
    assert_eq!(scene.story(), ">question <answer");
    scene.client(data_ack(109, b"next", 507));
    assert_eq!(scene.story(), ">next");
    assert_eq!(scene.tracker.held, 0);
}

#[test]
fn one_direction_that_comes_much_later_is_put_between() {
    let mut scene = Scene::open();
    scene.client(data_ack(101, b"a", 501)).client(data_ack(102, b"b", 502)).client(data_ack(103, b"c", 503));
    scene.client(fin(104, 504));
    assert_eq!(scene.story(), ">a");
    scene.server(data_ack(501, b"1", 102)).server(data_ack(502, b"2", 103)).server(data_ack(503, b"3", 104));
    assert_eq!(scene.story(), "<1 >b <2 >c <3 >Fin");
    scene.server(fin(504, 105));
    assert_eq!(scene.story(), "<Fin");
    assert_eq!(scene.tracker.held, 0);
}

#[test]
fn segment_of_a_question_that_comes_behind_the_answer_is_waited_for() {
    let mut scene = Scene::open();
    scene.client(data_ack(105, b"tion", 501)).server(data_ack(501, b"answer", 109));
    assert_eq!(scene.story(), "");
    scene.client(data_ack(101, b"ques", 501));
    assert_eq!(scene.story(), ">ques >tion <answer");
    assert_eq!(scene.tracker.counters().gaps, 0);
}

#[test]
fn end_waits_with_what_its_sender_said_before() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"r", 102)).server(fin(502, 102));
    assert_eq!(scene.story(), "");
    scene.client(data_ack(101, b"a", 501));
    assert_eq!(scene.story(), ">a <r <Fin");
}

#[test]
fn connection_ends_although_what_its_last_end_acknowledges_was_lost() {
    let mut scene = Scene::open();
    // The client's only segment with payload was not captured, nor the server's answer.
    scene.server(fin(502, 102)).client(fin(102, 503)).server(ack(503, 103));
    scene.wait(20 * SECOND).send(end(7, 7), end(8, 8), Body::Tcp(syn(1))).finish();
    assert_eq!(scene.reasons()[0], EndReason::Fin);
    assert_eq!(scene.tracker.counters().gaps, 2);
}

#[test]
fn connection_whose_last_question_was_lost_ends_with_its_answer() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"r", 102)).server(fin(502, 102)).client(ack(102, 502));
    scene.client(fin(102, 503)).server(ack(503, 103));
    assert_eq!(scene.story(), ">gap1 >Fin <r <Fin");
    assert_eq!(scene.tracker.held, 0);
}

#[test]
fn acknowledged_end_is_not_waited_for() {
    let mut scene = Scene::open();
    scene.client(data_ack(101, b"a", 501)).client(fin(102, 501)).server(data_ack(501, b"r", 103));
    assert_eq!(scene.story(), ">a >Fin <r");
}

#[test]
fn question_that_was_lost_is_not_waited_for_once_the_asker_has_gone_on() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"a", 109)).server(data_ack(502, b"b", 109));
    scene.client(ack(109, 502)).client(ack(109, 503));
    assert_eq!(scene.story(), "");
    scene.client(ack(109, 503));
    assert_eq!(scene.story(), "<a <b");
    scene.server(data_ack(503, b"c", 109));
    assert_eq!(scene.story(), "<c");
    assert_eq!(scene.tracker.counters().early_limit_hits, 0);
}

#[test]
fn after_losses_in_both_directions_what_waited_keeps_its_order() {
    let mut scene = Scene::open();
    // Lost: the client's 101 and 102, the server's 501 and 502.
    scene.client(data_ack(103, b"c", 503)).server(data_ack(503, b"3", 104));
    scene.client(data_ack(104, b"d", 504)).server(data_ack(504, b"4", 105));
    scene.client(data_ack(105, b"e", 505)).server(data_ack(505, b"5", 106)).client(data_ack(106, b"f", 506));
    scene.finish();
    let story = scene.story();
    let (to_server, to_client) = (|part: &&str| part.starts_with('>'), |part: &&str| part.starts_with('<'));
    let said: Vec<&str> = story.split(' ').filter(|part| part.len() == 2).collect();
    assert_eq!(said, [">c", "<3", ">d", "<4", ">e", "<5", ">f"], "{story}");
    assert_eq!(story.split(' ').filter(to_server).count(), 6);
    assert_eq!(story.split(' ').filter(to_client).count(), 5);
}

#[test]
fn after_a_loss_answers_wait_again_for_the_next_question() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"a", 102)).client(ack(102, 502)).client(ack(102, 502)).client(ack(102, 502));
    scene.client(data_ack(102, b"?", 502)).client(data_ack(103, b"?", 502)).client(data_ack(104, b"?", 502));
    assert_eq!(scene.story(), "<a >gap1 >? >? >?");
    scene.server(data_ack(502, b"b", 106));
    assert_eq!(scene.story(), "");
    scene.client(data_ack(105, b"!", 502));
    assert_eq!(scene.story(), ">! <b");
}

#[test]
fn nothing_is_waited_for_where_one_direction_is_not_captured() {
    let mut scene = Scene::new();
    scene.server(syn_ack(500, 101)).server(data_ack(501, b"a", 120)).server(data_ack(502, b"b", 140));
    assert_eq!(scene.story(), "<a <b");
}

#[test]
fn patience_with_a_direction_that_falls_silent_ends() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"a", 109));
    scene.wait(10 * SECOND + 1).server(data_ack(502, b"b", 109));
    assert_eq!(scene.story(), "<a <b");
}

#[test]
fn too_many_that_wait_are_delivered_as_they_came() {
    let mut scene = Scene::open_with(Limits { early_segments_per_flow: 2, ..Limits::default() });
    scene.server(data_ack(501, b"a", 109)).server(data_ack(502, b"b", 109));
    assert_eq!((scene.story().as_str(), scene.tracker.counters().early_limit_hits), ("", 0));
    scene.server(data_ack(503, b"c", 109));
    assert_eq!((scene.story().as_str(), scene.tracker.counters().early_limit_hits), ("<a <b <c", 1));
    assert_eq!(scene.tracker.held, 0);
}

#[test]
fn too_many_bytes_that_wait_are_delivered_as_they_came() {
    let mut scene = Scene::open_with(Limits { reorder_bytes_per_direction: 5, ..Limits::default() });
    scene.server(data_ack(501, b"abc", 109)).server(data_ack(504, b"def", 109));
    assert_eq!((scene.story().as_str(), scene.tracker.counters().early_limit_hits), ("<abc <def", 1));
}

#[test]
fn what_waits_at_the_end_of_the_capture_is_delivered() {
    let mut scene = Scene::open();
    scene.client(data_ack(101, b"a", 501)).server(data_ack(501, b"r", 109)).finish();
    assert_eq!(scene.story(), ">a <r >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [1, 1]);
}

#[test]
fn copy_of_a_segment_that_waits_is_a_retransmission() {
    let mut scene = Scene::open();
    let answer = data_ack(501, b"rr", 102);
    scene.server(answer).server(answer).client(data_ack(101, b"a", 501)).finish();
    assert_eq!(scene.story(), ">a <rr >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [1, 2]);
    assert_eq!(scene.tracker.counters().retransmitted_segments, 1);
}

#[test]
fn cut_segment_that_waits_keeps_its_gap() {
    let mut scene = Scene::open();
    scene.server(Segment { wire_len: 10, ..data_ack(501, b"head", 102) }).client(data_ack(101, b"a", 501));
    assert_eq!(scene.story(), ">a <head <gap6");
}

#[test]
fn reader_that_wants_nothing_frees_what_waits() {
    let mut scene = Scene::open();
    scene.server(data_ack(501, b"r", 105));
    scene.notes.demands = vec![Demand::Nothing];
    scene.client(data_ack(101, b"a", 501));
    assert_eq!((scene.story().as_str(), scene.tracker.held), (">a", 0));
}
