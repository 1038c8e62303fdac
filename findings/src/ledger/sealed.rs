//! What shows of TLS connections that nobody opened: how many there were, how large, when. Nothing of what is in them.

use capture::{Timestamp, Traffic};
use decoders::FlowEnd;

/// The steadiest of the long connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Steady {
    /// Nanoseconds from its first frame to its last payload.
    pub(crate) lasted: i64,
    /// Its rhythm.
    pub(crate) pulse: capture::Pulse,
}

/// Connections of one client to one port of a server, those that have ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealed {
    /// How many; what the capture or an idle time cut in two counts once.
    pub(crate) connections: u64,
    /// Everything to the server.
    pub(crate) to_server: Traffic,
    /// Everything to the client.
    pub(crate) to_client: Traffic,
    /// When the first began.
    pub(crate) first: Timestamp,
    /// When the last payload came.
    pub(crate) last: Timestamp,
    /// Nanoseconds that the longest lasted, from its first frame to its last payload.
    pub(crate) longest: i64,
    /// Most bytes to the client in one connection.
    pub(crate) largest_answer: u64,
    /// When each began, the first of them.
    pub(crate) starts: Vec<Timestamp>,
    /// The one with most beats.
    pub(crate) steady: Option<Steady>,
    /// The client's port and the beginning of the last one.
    latest: Option<(u16, Timestamp)>,
}

impl Sealed {
    /// Enters a connection that has ended. At most `bound` beginnings are kept.
    pub(crate) fn enter(&mut self, client_port: u16, end: &FlowEnd, bound: usize) {
        let began = end.started.time;
        let last = end.pulse.last.unwrap_or(began).max(began);
        let continued = self.latest.filter(|(port, _)| *port == client_port && !end.syn_seen);
        let (_, start) = continued.unwrap_or((client_port, began));
        self.latest = Some((client_port, start));
        if self.connections == 0 {
            (self.first, self.last) = (began, last);
        }
        if continued.is_none() {
            self.connections += 1;
            if self.starts.len() < bound {
                self.starts.push(began);
            }
        }
        add(&mut self.to_server, end.to_server);
        add(&mut self.to_client, end.to_client);
        self.first = self.first.min(began);
        self.last = self.last.max(last);
        let lasted = last.nanos_since(start);
        self.longest = self.longest.max(lasted);
        self.largest_answer = self.largest_answer.max(end.to_client.bytes);
        if self.steady.is_none_or(|steady| steady.pulse.beats < end.pulse.beats) && end.pulse.beats > 0 {
            self.steady = Some(Steady { lasted: last.nanos_since(began), pulse: end.pulse });
        }
    }
}

fn add(sum: &mut Traffic, more: Traffic) {
    sum.packets = sum.packets.saturating_add(more.packets);
    sum.bytes = sum.bytes.saturating_add(more.bytes);
}
