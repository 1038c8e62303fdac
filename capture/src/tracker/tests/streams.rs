use super::scene::*;
use crate::flow::Demand;
use crate::packet::Segment;
use crate::tcp::pending::PIECE_COST;

#[test]
fn out_of_order_segments_are_put_in_order() {
    let mut scene = Scene::open();
    scene.client(data(103, b"c")).client(data(102, b"b"));
    assert_eq!(scene.story(), "");
    scene.client(data(101, b"a")).client(data(104, b"d"));
    assert_eq!(scene.story(), ">a >b >c >d");
    assert_eq!(scene.tracker.counters().gaps, 0);
}

#[test]
fn retransmitted_bytes_are_delivered_and_counted_once() {
    let mut scene = Scene::open();
    scene.client(data(101, b"abc")).client(data(101, b"abc")).client(data(102, b"bcde")).finish();
    assert_eq!(scene.story(), ">abc >de >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic()[0].bytes, 5);
    assert_eq!(scene.tracker.counters().retransmitted_segments, 2);
}

#[test]
fn first_bytes_of_an_overlap_win_and_the_difference_is_counted() {
    let mut scene = Scene::open();
    scene.client(data(103, b"CD")).client(data(104, b"xE")).client(data(101, b"abyy"));
    assert_eq!(scene.story(), ">ab >CD >E");
    assert_eq!(scene.tracker.counters().conflicting_overlaps, 3);
}

#[test]
fn equal_overlap_is_no_conflict() {
    let mut scene = Scene::open();
    scene.client(data(103, b"cd")).client(data(102, b"bcde")).client(data(101, b"abcdef"));
    assert_eq!(scene.story(), ">a >b >cd >e >f");
    assert_eq!(scene.tracker.counters().conflicting_overlaps, 0);
}

#[test]
fn keep_alive_probe_is_neither_data_nor_retransmission() {
    let mut scene = Scene::open();
    scene.client(data(101, b"abc")).client(data(103, b"\0")).server(ack(501, 104)).client(data(104, b"d"));
    assert_eq!(scene.story(), ">abc >d");
    assert_eq!(scene.tracker.counters().retransmitted_segments, 0);
}

#[test]
fn zero_window_probe_carries_its_byte_once() {
    let mut scene = Scene::open();
    scene.client(data(101, b"ab")).client(data(103, b"c")).server(ack(501, 103)).client(data(103, b"cde"));
    assert_eq!(scene.story(), ">ab >c >de");
}

#[test]
fn segments_before_the_first_byte_are_old() {
    let mut scene = Scene::open();
    scene.client(data(90, b"old")).client(data(99, b"xxa")).finish();
    assert_eq!(scene.story(), ">a >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic()[0].bytes, 1);
}

#[test]
fn sequence_numbers_wrap_around() {
    let mut scene = Scene::new();
    scene.client(syn(u32::MAX - 2)).client(data(2, b"ef")).client(data(u32::MAX - 1, b"abcd"));
    assert_eq!(scene.story(), ">abcd >ef");
}

#[test]
fn stream_longer_than_the_sequence_space_goes_on() {
    let mut scene = Scene::open();
    let mut sequence = 101u32;
    let step = 1u32 << 29;
    // Cut frames stand for the bytes in between: 16 times 2^29 is twice the sequence space.
    for _ in 0..16 {
        scene.client(Segment { wire_len: step, ..data(sequence, b"x") });
        sequence = sequence.wrapping_add(step);
    }
    scene.story();
    scene.client(data(sequence, b"end"));
    assert_eq!(scene.story(), ">end");
    scene.finish();
    assert_eq!(scene.traffic()[0].bytes, 16 * u64::from(step) + 3);
}

#[test]
fn hole_that_was_acknowledged_is_a_gap_after_two_more_segments() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).client(data(105, b"b")).server(ack(501, 106));
    scene.client(data(106, b"c"));
    assert_eq!(scene.story(), ">a");
    scene.server(data_ack(501, b"r", 107));
    assert_eq!(scene.story(), ">gap3 >b >c <r");
    assert_eq!((scene.tracker.counters().gaps, scene.tracker.counters().gap_bytes), (1, 3));
}

#[test]
fn second_copies_of_segments_do_not_hurry_a_gap() {
    let mut scene = Scene::open();
    scene.client(data(102, b"b")).client(data(102, b"b")).server(ack(501, 103)).server(ack(501, 103));
    scene.client(data(103, b"c")).client(data(103, b"c")).client(data(102, b"b"));
    assert_eq!(scene.story(), "");
    scene.client(data(101, b"a"));
    assert_eq!(scene.story(), ">a >b >c");
}

#[test]
fn segment_captured_behind_its_acknowledgement_still_counts() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a")).client(data(103, b"c")).server(ack(501, 104)).client(data(104, b"d"));
    scene.client(data(102, b"b"));
    assert_eq!(scene.story(), ">a >b >c >d");
    assert_eq!(scene.tracker.counters().gaps, 0);
}

#[test]
fn hole_that_was_not_acknowledged_waits_for_its_retransmission() {
    let mut scene = Scene::open();
    scene.client(data(102, b"b")).server(ack(501, 101)).client(data(103, b"c")).server(ack(501, 101));
    scene.wait(30 * SECOND).client(data(104, b"d")).server(ack(501, 101));
    assert_eq!(scene.story(), "");
    scene.client(data(101, b"a"));
    assert_eq!(scene.story(), ">a >b >c >d");
}

#[test]
fn hole_in_a_one_sided_capture_is_given_up_in_time() {
    let mut scene = Scene::new();
    scene.client(syn(100)).client(data(101, b"a")).client(data(105, b"b"));
    scene.wait(10 * SECOND + 1).client(data(106, b"c"));
    assert_eq!(scene.story(), ">a >gap3 >b >c");
}

#[test]
fn cut_frame_gives_what_was_captured_and_a_gap() {
    let mut scene = Scene::open();
    scene.client(Segment { wire_len: 10, ..data(101, b"head") }).client(data(111, b"next")).finish();
    assert_eq!(scene.story(), ">head >gap6 >next >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic()[0].bytes, 14);
    assert_eq!(scene.tracker.counters().gap_bytes, 6);
}

#[test]
fn cut_frame_ahead_of_its_turn_keeps_its_gap() {
    let mut scene = Scene::open();
    scene
        .client(Segment { wire_len: 4, ..data(103, b"cd") })
        .client(data(107, b"e"))
        .client(data(101, b"ab"));
    assert_eq!(scene.story(), ">ab >cd >gap2 >e");
}

#[test]
fn segment_outside_any_window_is_only_counted_as_a_packet() {
    let mut scene = Scene::open();
    scene.client(data(101u32.wrapping_add(1 << 31), b"stray")).client(data(101, b"a")).finish();
    assert_eq!(scene.story(), ">a >EndOfCapture <EndOfCapture");
    assert_eq!((scene.traffic()[0].bytes, scene.traffic()[0].packets), (1, 4));
}

#[test]
fn skipped_bytes_are_counted_and_not_delivered() {
    let mut scene = Scene::open();
    scene.notes.demands = vec![Demand::AllAfter(4)];
    scene.client(data(101, b"head")).client(data(105, b"bo")).client(data(107, b"dynext")).finish();
    assert_eq!(scene.story(), ">head >next >EndOfCapture <EndOfCapture");
    assert_eq!(scene.traffic()[0].bytes, 12);
}

#[test]
fn gap_among_skipped_bytes_is_swallowed_and_counted() {
    let mut scene = Scene::open();
    scene.notes.demands = vec![Demand::AllAfter(6)];
    scene.client(data(101, b"head")).client(data(107, b"body")).client(data(111, b"next"));
    assert_eq!(scene.story(), ">head");
    scene.server(ack(501, 115)).client(data(115, b"1")).client(data(116, b"2"));
    assert_eq!(scene.story(), ">next >1 >2");
    assert_eq!(scene.tracker.counters().gap_bytes, 2);
}

#[test]
fn bytes_skipped_out_of_order_are_not_held() {
    let mut scene = Scene::open();
    scene.notes.demands = vec![Demand::AllAfter(1_000)];
    scene.client(data(101, b"h"));
    for number in 0..100u32 {
        scene.client(data(1_000 - number * 8, b"12345678"));
        assert_eq!(scene.tracker.held, PIECE_COST, "one range and no byte");
    }
    scene.finish();
    assert_eq!(scene.traffic()[0].bytes, 801);
}

#[test]
fn held_bytes_are_freed_when_they_are_to_be_skipped() {
    let mut scene = Scene::open();
    scene.client(data(105, b"efgh"));
    assert_eq!(scene.tracker.held, PIECE_COST + 4);
    scene.notes.demands = vec![Demand::AllAfter(7)];
    scene.client(data(101, b"a"));
    assert_eq!(scene.tracker.held, PIECE_COST);
    scene.client(data(102, b"bcd")).client(data(109, b"i"));
    assert_eq!(scene.story(), ">a >i");
}

#[test]
fn reader_that_wants_nothing_gets_nothing_of_either_direction() {
    let mut scene = Scene::open();
    scene.server(data(505, b"held"));
    scene.notes.demands = vec![Demand::Nothing];
    scene.client(data(101, b"a"));
    assert_eq!(scene.tracker.held, PIECE_COST);
    scene.client(data(102, b"b")).server(data(501, b"cccc")).server(data(520, b"d")).finish();
    assert_eq!(scene.story(), ">a");
    assert_eq!(scene.traffic().map(|traffic| traffic.bytes), [2, 9]);
}

#[test]
fn reader_that_wants_nothing_is_not_told_the_end_of_the_other_direction() {
    let mut scene = Scene::open();
    scene.client(data(101, b"a"));
    scene.notes.demands = vec![Demand::Nothing];
    scene.finish();
    assert_eq!(scene.story(), ">a >EndOfCapture");
}

#[test]
fn reader_that_wants_nothing_gets_nothing_of_the_segment_that_gave_a_hole_up() {
    let mut scene = Scene::open();
    scene.server(data(501, b"one")).server(data(508, b"held"));
    scene.client(data_ack(101, b"a", 512)).client(data_ack(102, b"b", 512));
    scene.notes.demands = vec![Demand::Nothing];
    scene.client(data_ack(103, b"c", 512)).finish();
    assert_eq!(scene.story(), "<one <gap4");
}

#[test]
fn beats_are_counted_of_new_payload_in_both_directions() {
    let mut scene = Scene::open();
    scene.client(data(101, b"hello")).server(data(501, b"hello"));
    for beat in 0..3 {
        scene.wait(60 * SECOND).client(data(106 + beat, b"a")).server(data(506 + 2 * beat, b"bc"));
        // What was sent before is no beat, nor is an acknowledgement.
        scene.wait(30 * SECOND).client(data(106 + beat, b"a")).server(ack(508 + 2 * beat, 107 + beat));
    }
    scene.finish();
    let pulse = scene.notes.closed[0].flow.pulse;
    assert_eq!((pulse.beats, pulse.largest_beat), (3, 3));
    assert!((90 * SECOND..91 * SECOND).contains(&pulse.longest_pause), "{pulse:?}");
}
