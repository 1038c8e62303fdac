//! Missing bytes: what is still known behind them, and that nothing is made up.

use super::*;

/// Chunks of a flow behind its prefaces; a number is a gap of so many bytes.
struct Feed {
    dispatch: Dispatch,
    flow: capture::Flow,
    state: crate::FlowState,
}

impl Feed {
    fn new() -> Self {
        let flow = harness::flow(Transport::Tcp, PORT);
        let mut dispatch = Dispatch::new(Limits::default());
        let state = dispatch.open(&flow);
        let mut feed = Self { dispatch, flow, state };
        for (direction, bytes) in begin() {
            feed.data(direction, &bytes);
        }
        feed
    }

    fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>) {
        self.dispatch.chunk(&self.flow, &mut self.state, Moment::default(), direction, chunk);
    }

    fn data(&mut self, direction: Direction, bytes: &[u8]) -> &mut Self {
        self.chunk(direction, Chunk::Data(bytes));
        self
    }

    fn gap(&mut self, direction: Direction, missing: usize) -> &mut Self {
        self.chunk(direction, Chunk::Gap(missing as u64));
        self
    }

    fn story(&self) -> String {
        story_of(self.dispatch.records.iter().map(|record| (record.direction, &record.event)))
    }
}

#[test]
fn gap_inside_a_frame_does_not_lose_the_next() {
    let fields = block(&[(":method", "GET"), (":path", "/a"), ("user-agent", "agent")]);
    let whole = frame(HEADERS, WHOLE, 1, &fields);
    for cut in 9..whole.len() {
        let mut feed = Feed::new();
        feed.data(ToServer, &whole[..cut]).gap(ToServer, whole.len() - cut).data(ToServer, &get(3, "/b"));
        // Method and target stand in the first 26 bytes.
        let expected = if cut >= 32 { "0>GET /a~ 1>GET /b" } else { "!unexpected 0>GET /b" };
        assert_eq!(feed.story(), expected, "cut at {cut}");
    }
}

#[test]
fn gap_inside_a_body_ends_it_and_nothing_else() {
    let mut out = Events::new(Limits::default());
    let mut connection = Connection::new(ALL, &out.limits);
    let data = frame(DATA, 0, 1, b"0123456789");
    let mut feed = |input: Input<'_>| {
        let Input::Data(mut rest) = input else {
            assert_eq!(connection.feed(ToServer, input, &mut out), Outcome::Consumed(0));
            return;
        };
        while !rest.is_empty() {
            match connection.feed(ToServer, Input::Data(rest), &mut out) {
                Outcome::Consumed(count) => rest = &rest[count..],
                Outcome::Skip(count) => rest = &rest[usize::try_from(count).unwrap()..],
                other => panic!("{other:?}"),
            }
        }
    };
    feed(Input::Data(PREFACE));
    feed(Input::Data(&post(1, "/a")));
    feed(Input::Data(&data[..12]));
    feed(Input::Gap(4));
    feed(Input::Data(&data[16..]));
    feed(Input::Data(&post(3, "/b")));
    feed(Input::Data(&frame(DATA, END_STREAM, 3, b"whole")));
    assert_eq!(story_of(out.said()), "0>POST /a 99> 012~ 1>POST /b 99> whole");
}

#[test]
fn place_is_found_again_where_a_frame_stands_behind_the_gap() {
    let mut feed = Feed::new();
    feed.data(ToServer, &get(1, "/a")).gap(ToServer, 500).data(ToServer, &get(7, "/d"));
    feed.data(ToClient, &answer(WHOLE, 7, "200"));
    assert_eq!(feed.story(), "0>GET /a 1>GET /d 1<200");
    let mut feed = Feed::new();
    feed.data(ToServer, &get(1, "/a")).gap(ToServer, 500).data(ToServer, &get(7, "/d")[3..]);
    feed.data(ToServer, &get(9, "/e")).data(ToClient, &answer(WHOLE, 1, "200"));
    assert_eq!(feed.story(), "0>GET /a !unexpected 0<200", "the other direction goes on");
}

#[test]
fn fields_that_were_lost_are_not_made_up() {
    let indexing = |stream, path| {
        frame(HEADERS, WHOLE, stream, &block(&[(":method", "GET"), ("+:path", path), ("+user-agent", "x")]))
    };
    let agent_only = |stream| {
        let mut fields = block(&[(":method", "GET"), (":path", "/z")]);
        fields.push(0xBE);
        frame(HEADERS, WHOLE, stream, &fields)
    };
    let path_by_index = |stream| frame(HEADERS, WHOLE, stream, &[0x82, 0xBF]);
    let mut feed = Feed::new();
    feed.data(ToServer, &indexing(1, "/a")).data(ToServer, &path_by_index(3));
    feed.gap(ToServer, 77).data(ToServer, &path_by_index(7)).data(ToServer, &agent_only(9));
    feed.data(ToServer, &indexing(11, "/b")).data(ToServer, &path_by_index(13));
    feed.data(ToClient, &answer(WHOLE, 7, "200"));
    let story = "0>GET /a 1>GET /a !unexpected 2>GET /z~ 3>GET /b 4>GET /b ?<200";
    assert_eq!(feed.story(), story);
}

#[test]
fn status_that_was_lost_is_no_response() {
    let mut feed = Feed::new();
    feed.data(ToServer, &get(1, "/a")).gap(ToClient, 40).data(ToClient, &frame(HEADERS, WHOLE, 1, &[0xBE]));
    assert_eq!(feed.story(), "0>GET /a");
}
