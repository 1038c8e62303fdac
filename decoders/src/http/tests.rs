use std::fmt::Write as _;

use base64::Engine;
use capture::Direction::{self, ToClient, ToServer};
use capture::{Chunk, Consumer, EndReason, Moment, Origin};
use proptest::prelude::*;

use super::collect::Bodies;
use super::connection::Connection;
use super::*;
use crate::ccm::{Asked, Body as CcmBody, Interest};
use crate::decoder::{Decoder, Input, Outcome};
use crate::events::{Anomaly, Events};
use crate::harness::{self, Conversation, damage_does_no_harm, splits_do_not_matter};
use crate::{Dispatch, Event, Limits};

pub(crate) mod bodies;
mod connections;
mod heads;

const WEB: u16 = 80;

/// A conversation from texts.
fn talk(turns: &[(Direction, &str)]) -> Conversation {
    turns.iter().map(|(direction, text)| (*direction, text.as_bytes().to_vec())).collect()
}

/// One word an event: `0>GET /` a request with its exchange, `0<200` its response, `?<200` one without a request,
/// `!` what is odd.
pub(crate) fn story_of<'e>(events: impl IntoIterator<Item = (Direction, &'e Event)>) -> String {
    let mut story = String::new();
    for (_, event) in events {
        let space = if story.is_empty() { "" } else { " " };
        let _ = match event {
            Event::Http(HttpEvent::Request(request)) => {
                let cut = if request.cut { "~" } else { "" };
                write!(story, "{space}{}>{} {}{cut}", request.exchange, request.method, request.uri)
            }
            Event::Http(HttpEvent::Response(response)) => {
                let exchange = response.exchange.map_or("?".to_owned(), |exchange| exchange.to_string());
                let cut = if response.cut { "~" } else { "" };
                write!(story, "{space}{exchange}<{}{cut}", response.status_code)
            }
            Event::Anomaly(Anomaly::Malformed(error)) => write!(story, "{space}!{}", error.field),
            Event::Anomaly(Anomaly::LimitReached { limit, .. }) => write!(story, "{space}!{limit}"),
            Event::Anomaly(Anomaly::Unexpected { .. }) => write!(story, "{space}!unexpected"),
            other => write!(story, "{space}{other:?}"),
        };
    }
    story
}

fn story(conversation: &Conversation) -> String {
    let events = harness::events(WEB, conversation);
    story_of(events.iter().map(|(direction, event)| (*direction, event)))
}

/// The story of a conversation that may be cut anywhere.
fn told(turns: &[(Direction, &str)]) -> String {
    let conversation = talk(turns);
    splits_do_not_matter(WEB, &conversation);
    story(&conversation)
}

/// The first request of a text.
fn request(text: &str) -> HttpRequest {
    let events = harness::events(WEB, &talk(&[(ToServer, text)]));
    match events.into_iter().next() {
        Some((_, Event::Http(HttpEvent::Request(request)))) => *request,
        other => panic!("{other:?}"),
    }
}

/// The response to a GET.
fn response(text: &str) -> HttpResponse {
    let events = harness::events(WEB, &talk(&[(ToServer, "GET / HTTP/1.1\r\n\r\n"), (ToClient, text)]));
    match events.into_iter().nth(1) {
        Some((_, Event::Http(HttpEvent::Response(response)))) => *response,
        other => panic!("{other:?}"),
    }
}

/// Chunks of a flow, as the capture gives them.
struct Feed {
    dispatch: Dispatch,
    flow: capture::Flow,
    state: crate::FlowState,
}

impl Feed {
    fn new(origin: Origin, limits: Limits) -> Self {
        let flow = capture::Flow { origin, ..harness::flow(Transport::Tcp, WEB) };
        let mut dispatch = Dispatch::new(limits);
        let state = dispatch.open(&flow);
        Self { dispatch, flow, state }
    }

    fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>) -> capture::Demand {
        self.dispatch.chunk(&self.flow, &mut self.state, Moment::default(), direction, chunk)
    }

    fn text(&mut self, direction: Direction, text: &str) -> &mut Self {
        self.chunk(direction, Chunk::Data(text.as_bytes()));
        self
    }

    fn gap(&mut self, direction: Direction, missing: u64) -> &mut Self {
        self.chunk(direction, Chunk::Gap(missing));
        self
    }

    fn story(&self) -> String {
        story_of(self.dispatch.records.iter().map(|record| (record.direction, &record.event)))
    }
}

proptest! {
    #[test]
    fn anything_is_survived(start in prop::sample::select(vec![
                                "GET / HTTP/1.1\r\n", "POST /ccm_system/request HTTP/1.1\r\nContent-Length: 9\r\n",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n",
                            ]),
                            tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [start.as_bytes(), &tail].concat();
        for direction in [ToServer, ToClient] {
            let events = harness::events(WEB, &vec![(direction, bytes.clone())]);
            prop_assert!(events.len() < 40);
        }
    }

    #[test]
    fn heads_end_in_events_or_in_what_is_odd_about_them(fields in prop::collection::vec("[ -~]{0,30}", 0..12)) {
        let text = format!("GET / HTTP/1.1\r\n{}\r\n\r\n", fields.join("\r\n"));
        let events = harness::events(WEB, &talk(&[(ToServer, &text)]));
        prop_assert!(matches!(events.first(), Some((_, Event::Http(HttpEvent::Request(_))))));
    }
}
