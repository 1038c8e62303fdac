//! Bodies of interest: put together by stream, padding removed, within their limits.

use super::*;

#[test]
fn bodies_of_several_streams_are_kept_apart() {
    let story = collected(
        &[
            (ToServer, &[post(1, "/a"), post(3, "/b"), frame(DATA, 0, 1, b"on"), frame(DATA, 0, 3, b"th")]),
            (ToServer, &[frame(DATA, END_STREAM, 1, b"e"), frame(DATA, END_STREAM, 3, b"ree")]),
            (
                ToClient,
                &[answer(END_HEADERS, 3, "200"), answer(END_HEADERS, 1, "200"), frame(DATA, 0, 1, b"re")],
            ),
            (
                ToClient,
                &[
                    frame(DATA, END_STREAM, 3, b"x"),
                    frame(DATA, 0, 1, b"ply"),
                    frame(DATA, END_STREAM, 1, b""),
                ],
            ),
        ],
        Limits::default(),
    );
    assert_eq!(story, "0>POST /a 1>POST /b 99> one 99> three 1<200 0<200 99> x 99> reply");
}

#[test]
fn padding_is_no_part_of_a_body() {
    let story = collected(
        &[(
            ToServer,
            &[
                post(1, "/a"),
                frame(DATA, 8, 1, b"\x03ab\0\0\0"),
                frame(DATA, 8, 1, b"\0cd"),
                frame(DATA, 8, 1, b"\x02\0\0"),
                frame(DATA, 8 | END_STREAM, 1, b"\x01e\0"),
            ],
        )],
        Limits::default(),
    );
    assert_eq!(story, "0>POST /a 99> abcde");
}

#[test]
fn padding_longer_than_its_frame_ends_the_body() {
    let frames = [post(1, "/a"), frame(DATA, 0, 1, b"ab"), frame(DATA, 8, 1, b"\x09cd"), get(3, "/b")];
    let story = collected(&[(ToServer, &frames)], Limits::default());
    assert_eq!(story, "0>POST /a !pad length 99> ab~ 1>GET /b 99> ");
}

#[test]
fn body_of_more_than_the_limit_is_given_as_far_as_it() {
    let limits = Limits { http_body: 3, ..Limits::default() };
    let frames = [post(1, "/a"), frame(DATA, 0, 1, b"abcde"), frame(DATA, END_STREAM, 1, b"f"), get(3, "/b")];
    assert_eq!(collected(&[(ToServer, &frames)], limits), "0>POST /a !http_body 99> abc~ 1>GET /b 99> ");
}

#[test]
fn bodies_of_one_connection_together_have_a_limit() {
    let limits = Limits { http2_bodies: 6, ..Limits::default() };
    let frames = [
        post(1, "/a"),
        post(3, "/b"),
        frame(DATA, 0, 1, b"1111"),
        frame(DATA, END_STREAM, 3, b"3333"),
        frame(DATA, END_STREAM, 1, b"11"),
        post(5, "/c"),
        frame(DATA, END_STREAM, 5, b"555555"),
    ];
    let story = "0>POST /a 1>POST /b !http2_bodies 99> 33~ 99> 111111 2>POST /c 99> 555555";
    assert_eq!(collected(&[(ToServer, &frames)], limits), story);
}

#[test]
fn reset_ends_a_body_in_the_middle() {
    let frames = [post(1, "/a"), frame(DATA, 0, 1, b"half"), frame(RST_STREAM, 0, 1, &[0; 4])];
    assert_eq!(collected(&[(ToServer, &frames)], Limits::default()), "0>POST /a 99> half~");
}

#[test]
fn end_of_the_capture_ends_a_body_in_the_middle() {
    let frames = [post(1, "/a"), frame(DATA, 0, 1, b"half")];
    assert_eq!(collected(&[(ToServer, &frames)], Limits::default()), "0>POST /a 99> half~");
}

#[test]
fn messages_of_configmgr_reach_their_reader() {
    let fields =
        block(&[(":method", "CCM_POST"), (":path", "/ccm_system/request"), ("content-type", "text/plain")]);
    let frames = [frame(HEADERS, END_HEADERS, 1, &fields), frame(DATA, END_STREAM, 1, b"none")];
    let events = harness::events(PORT, &after(&[(ToServer, &frames)]));
    let read = events.iter().any(|(_, event)| {
        matches!(event, Event::Ccm(_))
            || matches!(event, Event::Anomaly(Anomaly::Malformed(error)) if error.protocol.starts_with("ccm"))
    });
    assert!(read, "{events:?}");
}
