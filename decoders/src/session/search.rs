//! Which protocol a flow speaks, which way round, and where it goes on after its place was lost: told from bytes, not from
//! ports.

use capture::{Demand, Direction, Transport};

use super::{Session, proxy};
use crate::decoder::{Probe, Spec};
use crate::events::Events;
use crate::{DECODERS, Protocol, http};

impl Session {
    /// Looks for a protocol, or for the place to begin again.
    pub(super) fn search(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Demand {
        let mut kept = std::mem::take(&mut self.lane(direction).kept);
        let mut whole: &[u8] = if kept.is_empty() {
            data
        } else {
            kept.extend_from_slice(data);
            &kept
        };
        let found = if let Some((spec, _)) = &self.decoder {
            let probe = spec.probe;
            let found = probe(whole, self.protocol_direction(direction));
            self.undecided(direction, found, whole, out);
            found == Probe::Yes
        } else {
            whole = match self.behind_proxy(direction, whole, out.limits.probe_bytes) {
                Some([]) => return self.demand(),
                Some(rest) => rest,
                None => {
                    self.lane(direction).kept = whole.to_vec();
                    return self.demand();
                }
            };
            self.detect(direction, whole, out) || {
                // What was kept was of no protocol after all; what has come since may be.
                let anew = whole.len() > data.len() && self.lane(direction).kept.is_empty() && !self.finished;
                whole = data;
                anew && self.detect(direction, data, out)
            }
        };
        if found {
            let lane = self.lane(direction);
            lane.lost = false;
            lane.looked = 0;
            lane.at_least = 0;
            return self.consume(direction, whole, out);
        }
        self.demand()
    }

    /// The first bytes behind what a load balancer put before them; nothing while that is not all there.
    fn behind_proxy<'a>(&mut self, direction: Direction, bytes: &'a [u8], bound: usize) -> Option<&'a [u8]> {
        if direction == Direction::ToClient || self.lane(direction).looked > 0 {
            return Some(bytes);
        }
        match proxy::header(bytes) {
            (Probe::Yes, len) => bytes.get(len..),
            (Probe::Maybe, _) if bytes.len() <= bound => None,
            _ => Some(bytes),
        }
    }

    /// Tries every protocol on the first bytes of a flow. Where none fits for long enough, the flow is given up.
    pub(super) fn detect(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> bool {
        let mut best = Probe::No;
        for by_port in [true, false] {
            for spec in DECODERS {
                let on_port = self.ports.iter().any(|port| spec.ports.contains(port));
                if on_port != by_port || !(on_port || spec.any_port) || !self.admits(spec) {
                    continue;
                }
                match self.probe(spec, direction, bytes) {
                    (Probe::Yes, swapped) => {
                        self.swapped = swapped;
                        self.start(spec, out);
                        self.drop_what_is_no(spec, direction.reverse());
                        return true;
                    }
                    (Probe::Maybe, _) => best = Probe::Maybe,
                    (Probe::No, _) => {}
                }
            }
        }
        self.undecided(direction, best, bytes, out);
        false
    }

    /// Lets go of what a direction has kept, in case it becomes something, if it is no beginning of what it now turns out
    /// to be: a few bytes of what came before, as of SOCKS.
    fn drop_what_is_no(&mut self, spec: &Spec, direction: Direction) {
        let as_protocol = self.protocol_direction(direction);
        let lane = self.lane(direction);
        if !lane.kept.is_empty() && (spec.probe)(&lane.kept, as_protocol) == Probe::No {
            lane.kept = Vec::new();
        }
    }

    /// Probes both ways round: first as the capture took the ends, then, where the capture may be wrong about them
    /// or the protocol does not mind, the other way. On a well-known port the port decides which way comes first.
    fn probe(&self, spec: &Spec, direction: Direction, bytes: &[u8]) -> (Probe, bool) {
        let straight = (spec.probe)(bytes, direction);
        let may_swap = self.transport == Transport::Udp || self.midstream;
        // Who was called may ask as well: behind a reverse proxy that called home, or with its SYN.
        let asks_back = spec.protocol == Protocol::Http && direction == Direction::ToClient;
        let reverse = match straight {
            _ if may_swap => (spec.probe)(bytes, direction.reverse()),
            Probe::No if asks_back => http::asks(bytes),
            _ => return (straight, false),
        };
        let [server_port, client_port] = self.ports;
        let reverse_first = spec.ports.contains(&client_port) && !spec.ports.contains(&server_port);
        match (straight, reverse) {
            (_, Probe::Yes) if reverse_first => (Probe::Yes, true),
            (Probe::Yes, _) => (Probe::Yes, false),
            (_, Probe::Yes) => (Probe::Yes, true),
            (Probe::Maybe, _) | (_, Probe::Maybe) => (Probe::Maybe, false),
            (Probe::No, Probe::No) => (Probe::No, false),
        }
    }

    /// Keeps bytes that may still become something, and counts how long this has gone on.
    fn undecided(&mut self, direction: Direction, probe: Probe, bytes: &[u8], out: &mut Events) {
        let patient = self.midstream
            || self.gapped
            || self.decoder.is_some()
            || self.transport == Transport::Udp
            || is_dialogue(bytes);
        let patience = if patient { out.limits.resync_chunks } else { out.limits.probe_chunks };
        let hopeful = probe == Probe::Maybe && bytes.len() <= out.limits.probe_bytes;
        let lane = self.lane(direction);
        lane.kept = if hopeful { bytes.to_vec() } else { Vec::new() };
        lane.looked += u32::from(!hopeful);
        if lane.looked >= patience {
            lane.kept = Vec::new();
            let looked = self.lanes.iter().map(|lane| lane.looked).max().unwrap_or(0);
            self.finished = self.decoder.is_none() && looked >= patience;
        }
    }

    /// Whether a protocol may be looked for here. Inside TLS that is none that may carry TLS, or sessions could stand in
    /// one another without end.
    pub(super) fn admits(&self, spec: &Spec) -> bool {
        let carries_tls = matches!(spec.protocol, Protocol::Tls | Protocol::Openvpn | Protocol::Tds);
        spec.transports.contains(&self.transport) && !(self.inside && carries_tls)
    }
}

/// Whether this is a line of a dialogue, as FTP, SMTP, IMAP and their like begin with: it may agree on TLS, however many
/// lines of welcome and of abilities come first.
fn is_dialogue(bytes: &[u8]) -> bool {
    /// A line with its end (RFC 5321 4.5.3.1.5), doubled for senders of several at once.
    const LINES: usize = 1_024;
    let text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..);
    bytes.len() <= LINES && bytes.ends_with(b"\n") && bytes.iter().all(text)
}
