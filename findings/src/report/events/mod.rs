//! Events as JSON lines (`schema/events-1.json`): everything decoded, one object a line, for `jq` and for other tools.
//!
//! Every line has its kind, time, capture, frame, Community ID, and the flow's ends, named as Zeek names them: `orig`
//! is the client. These lines judge nothing, and text in them is not scrubbed, only escaped as JSON: they are for
//! machines.

mod ccm;
mod line;
mod logon;
mod names;
mod smb;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use capture::{Direction, EndReason, FlowId};
use decoders::dcerpc::DcerpcEvent;
use decoders::tls::Reading;
use decoders::{Anomaly, Event, FlowEnd, Record};

use super::build::mac;
use super::community::community_id;
use crate::coverage::not_opened;
use crate::limits::Limits;
use line::Object;

/// Version of the format, told in the first line of each capture.
pub const SCHEMA: &str = "ccmscope-events/1";

/// Writes records as lines. Keeps for each open flow the DCE/RPC operations asked for, which are told in one line when
/// the flow ends.
#[derive(Debug)]
pub struct EventWriter {
    captures: Vec<String>,
    flows: usize,
    opnums: usize,
    calls: BTreeMap<FlowId, BTreeSet<u16>>,
    refused: u64,
    last: Option<(FlowId, String)>,
    line: Vec<u8>,
}

impl EventWriter {
    /// A writer for a run over captures of these names, in the order in which they are numbered.
    #[must_use]
    pub fn new(captures: Vec<String>, limits: &Limits) -> Self {
        Self {
            captures,
            flows: limits.table,
            opnums: limits.list,
            calls: BTreeMap::new(),
            refused: 0,
            last: None,
            line: Vec::new(),
        }
    }

    /// Writes one record, and after the last one of a flow what was collected of the flow.
    ///
    /// # Errors
    ///
    /// What `out` says.
    pub fn record(&mut self, record: &Record, out: &mut dyn io::Write) -> io::Result<()> {
        let community = match self.last.take() {
            Some((flow, community)) if flow == record.flow => community,
            _ => community_id(&record.key),
        };
        self.line.clear();
        event(record, &self.captures, &community, &mut self.line);
        match &record.event {
            Event::Dcerpc(DcerpcEvent::Request(request)) => self.note(record.flow, request.opnum),
            Event::Flow(_) => {
                if let Some(opnums) = self.calls.remove(&record.flow) {
                    requests(record, &self.captures, &community, &opnums, &mut self.line);
                }
            }
            _ => {}
        }
        self.last = Some((record.flow, community));
        out.write_all(&self.line)
    }

    /// Operations that were not collected, because of a limit.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    fn note(&mut self, flow: FlowId, opnum: u16) {
        let room = self.calls.len() < self.flows || self.calls.contains_key(&flow);
        let known = if room { self.calls.entry(flow).or_default() } else { &mut BTreeSet::new() };
        if !room || (known.len() >= self.opnums && !known.contains(&opnum)) {
            self.refused += 1;
        } else {
            known.insert(opnum);
        }
    }
}

/// Writes the line of one record, and a line feed.
pub fn event_line(record: &Record, captures: &[String], out: &mut Vec<u8>) {
    event(record, captures, &community_id(&record.key), out);
}

/// Writes the line that tells of a capture: its name, how many packets it has, and what went wrong with it.
pub fn capture_line(name: &str, packets: u64, problems: &[String], out: &mut Vec<u8>) {
    let mut line = Object::open(out);
    line.put("event", "capture");
    line.put("schema", SCHEMA);
    line.put("name", name);
    line.put("packets", &packets);
    line.list("problems", problems);
    line.close();
    out.push(b'\n');
}

/// The frame of a line: its kind, the common part, then what `fill` knows.
struct Lines<'a> {
    record: &'a Record,
    captures: &'a [String],
    community: &'a str,
    out: &'a mut Vec<u8>,
}

impl Lines<'_> {
    /// Writes one line.
    fn line(&mut self, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
        let Record { at, key, direction, .. } = self.record;
        let mut line = Object::open(self.out);
        line.put("event", kind);
        line.raw("ts", &seconds(at.time.as_nanos()));
        let capture = self.captures.get(usize::from(at.frame.capture.0));
        line.text("capture", capture.map_or("", String::as_str));
        line.put("frame", &at.frame.number);
        line.put("community_id", self.community);
        line.put("flow_id", &self.record.flow.0);
        line.put("proto", key.transport.name());
        line.put("orig_h", &key.client.addr);
        line.put("orig_p", &key.client.port);
        line.put("resp_h", &key.server.addr);
        line.put("resp_p", &key.server.port);
        if !matches!(self.record.event, Event::Flow(_)) {
            line.put("from", if *direction == Direction::ToServer { "orig" } else { "resp" });
        }
        line.flag("decrypted", self.record.opened);
        fill(&mut line);
        line.close();
        self.out.push(b'\n');
    }
}

fn event(record: &Record, captures: &[String], community: &str, out: &mut Vec<u8>) {
    let lines = &mut Lines { record, captures, community, out };
    match &record.event {
        Event::Tls(event) => web::tls(event, lines),
        Event::Http(event) => web::http(event, lines),
        Event::Quic(event) => web::quic(event, lines),
        Event::Ccm(event) => ccm::ccm(event, lines),
        Event::Crl(event) => web::crl(event, lines),
        Event::Smb(event) => smb::smb(event, lines),
        Event::Spnego(token) => logon::spnego(token, lines),
        Event::Ntlmssp(message) => logon::ntlmssp(message, lines),
        Event::Kerberos(event) => logon::kerberos(event, lines),
        Event::Dcerpc(event) => logon::dcerpc(event, lines),
        Event::Nbns(message) => names::nbns(message, lines),
        Event::Nbdgm(message) => names::nbdgm(message, lines),
        Event::Dns(message) => names::dns(message, lines),
        Event::Llmnr(message) => names::llmnr(&message.0, lines),
        Event::Ldap(event) => names::ldap(event, lines),
        Event::Dhcp(event) => names::dhcp(event, lines),
        Event::Tftp(event) => names::tftp(event, lines),
        Event::Anomaly(event) => anomaly(event, lines),
        Event::Flow(end) => flow(end, lines),
    }
}

fn requests(
    record: &Record,
    captures: &[String],
    community: &str,
    opnums: &BTreeSet<u16>,
    out: &mut Vec<u8>,
) {
    let lines = &mut Lines { record, captures, community, out };
    lines.line("dcerpc_requests", |line| line.put("opnums", opnums));
}

fn anomaly(anomaly: &Anomaly, lines: &mut Lines<'_>) {
    lines.line("anomaly", |line| match anomaly {
        Anomaly::Malformed(error) => {
            line.put("kind", "malformed");
            line.put("protocol", error.protocol);
            line.put("text", &error.to_string());
        }
        Anomaly::LimitReached { protocol, limit } => {
            line.put("kind", "limit");
            line.put("protocol", protocol);
            line.put("text", limit);
        }
        Anomaly::Unexpected { protocol, what } => {
            line.put("kind", "unexpected");
            line.put("protocol", protocol);
            line.put("text", what);
        }
    });
}

fn flow(end: &FlowEnd, lines: &mut Lines<'_>) {
    lines.line("flow", |line| {
        line.raw("start", &seconds(end.started.time.as_nanos()));
        line.put("start_frame", &end.started.frame.number);
        line.list("services", &end.services);
        line.put("orig_pkts", &end.to_server.packets);
        line.put("resp_pkts", &end.to_client.packets);
        line.put("orig_bytes", &end.to_server.bytes);
        line.put("resp_bytes", &end.to_client.bytes);
        line.put("syn_seen", &end.syn_seen);
        line.flag("smb_encrypted", end.smb_encrypted);
        line.flag("tls_opened", end.reading == Some(Reading::Opened));
        line.maybe("tls_not_opened", end.reading.and_then(not_opened));
        line.flag("unanswered", end.unanswered);
        line.flag("refused", end.refused);
        line.flag("unreachable", end.unreachable);
        line.maybe("orig_mac", end.client_mac.map(mac));
        line.maybe("resp_mac", end.server_mac.map(mac));
        let reason = match end.reason {
            EndReason::Fin => "fin",
            EndReason::Reset => "reset",
            EndReason::Idle => "idle",
            EndReason::Evicted => "evicted",
            EndReason::EndOfCapture => "end of capture",
        };
        line.put("reason", reason);
    });
}

/// Seconds since 1970 with six decimals, as a JSON number.
fn seconds(nanos: i64) -> String {
    let micros = (nanos / 1_000).unsigned_abs();
    let sign = if nanos <= -1_000 { "-" } else { "" };
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_numbers_with_six_decimals() {
        assert_eq!(seconds(1_700_000_000_123_456_789), "1700000000.123456");
        assert_eq!(seconds(0), "0.000000");
        assert_eq!(seconds(-1_500_000_000), "-1.500000");
        assert_eq!(seconds(-999), "0.000000");
    }
}
