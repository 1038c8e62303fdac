//! The [`Consumer`] that gives each flow its session and keeps what the sessions say.

use std::sync::Arc;

use capture::{Chunk, Consumer, Datagram, Demand, Direction, EndReason, Flow, FlowKey, Moment, Origin};

use crate::Event;
use crate::events::{Events, FlowEnd, Record, Stamp};
use crate::limits::Limits;
use crate::session::Session;
use crate::tls::{Keys, KnownCertificates, Reading, Ring};

/// Sessions for all flows of one shard, and the records they make.
#[derive(Debug, Default)]
pub struct Dispatch {
    scratch: Events,
    /// Keys that may open TLS, whether there are any yet or not.
    keys: Option<Ring>,
    /// Records in the order in which they were made; whoever drives the capture drains them.
    pub records: Vec<Record>,
}

/// What is kept for one flow.
pub struct FlowState {
    session: Session,
    services: Vec<&'static str>,
    smb_encrypted: bool,
    reading: Option<Reading>,
}

impl Dispatch {
    /// Sessions under the given bounds.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { scratch: Events::new(limits), ..Self::default() }
    }

    /// Opens TLS with these keys.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<Keys>) -> Self {
        let ring = Ring::new(keys);
        let horizon = ring.horizon;
        self.keys = Some(ring);
        self.see_keys(horizon);
        self
    }

    /// Looks certificates up among those that were read before, by this shard or by others.
    #[must_use]
    pub fn with_certificates(mut self, known: KnownCertificates) -> Self {
        self.scratch.certificates = known;
        self
    }

    /// From now on, lets the keys be used that were known at this [`Keys::horizon`]. Whoever reads ahead on other
    /// threads says here how far the shard has come.
    pub fn see_keys(&mut self, horizon: u64) {
        let Some(ring) = &mut self.keys else { return };
        let before = std::mem::replace(&mut ring.horizon, horizon);
        // Without keys nothing is done for them.
        if before != horizon || self.scratch.keys.is_none() {
            self.scratch.keys = ring.is_useful().then(|| ring.clone());
        }
    }

    /// Runs a session with the collector, which puts what is said with the other records.
    fn run(
        &mut self,
        flow: &Flow,
        state: &mut FlowState,
        at: Moment,
        step: impl FnOnce(&mut Session, &mut Events) -> Demand,
    ) -> Demand {
        let out = &mut self.scratch;
        let before = self.records.len();
        out.stamp = Stamp { at, flow: flow.id, key: state.key(flow) };
        std::mem::swap(&mut out.said, &mut self.records);
        std::mem::swap(&mut out.services, &mut state.services);
        out.reading = state.reading;
        let demand = step(&mut state.session, out);
        state.reading = out.reading;
        std::mem::swap(&mut out.services, &mut state.services);
        std::mem::swap(&mut out.said, &mut self.records);
        state.smb_encrypted |= std::mem::take(&mut out.smb_encrypted);
        // What came may have shown who is who.
        let key = state.key(flow);
        if key != out.stamp.key {
            self.records.iter_mut().skip(before).for_each(|record| record.key = key);
        }
        demand
    }
}

impl FlowState {
    fn key(&self, flow: &Flow) -> FlowKey {
        if self.session.is_swapped() { flow.key.reverse() } else { flow.key }
    }
}

impl Consumer for Dispatch {
    type State = FlowState;

    fn open(&mut self, flow: &Flow) -> FlowState {
        FlowState { session: Session::new(flow), services: Vec::new(), smb_encrypted: false, reading: None }
    }

    fn glance(state: &FlowState) -> u64 {
        state.services.len() as u64 ^ state.session.glance()
    }

    fn chunk(
        &mut self,
        flow: &Flow,
        state: &mut FlowState,
        at: Moment,
        direction: Direction,
        chunk: Chunk<'_>,
    ) -> Demand {
        self.run(flow, state, at, |session, out| session.chunk(direction, chunk, out))
    }

    fn datagram(
        &mut self,
        flow: &Flow,
        state: &mut FlowState,
        at: Moment,
        direction: Direction,
        datagram: Datagram<'_>,
    ) -> Demand {
        self.run(flow, state, at, |session, out| session.datagram(direction, datagram, out))
    }

    fn close(&mut self, flow: &Flow, state: FlowState, at: Moment, reason: EndReason) {
        // Who sent the SYN has opened the flow, whoever asked in it.
        let swapped = state.session.is_swapped() && flow.origin != Origin::Syn;
        let [mut to_server, mut to_client] = flow.traffic;
        let (mut client_mac, mut server_mac) = (flow.client_mac, flow.server_mac);
        if swapped {
            std::mem::swap(&mut to_server, &mut to_client);
            std::mem::swap(&mut client_mac, &mut server_mac);
        }
        let end = FlowEnd {
            started: flow.first,
            to_server,
            to_client,
            pulse: flow.pulse,
            syn_seen: flow.origin == Origin::Syn,
            // Who sends data was answered, where the capture does not have it.
            unanswered: flow.syn && !flow.syn_ack && to_client.packets == 0 && to_server.bytes == 0,
            refused: flow.refused,
            unreachable: flow.unreachable,
            reason,
            smb_encrypted: state.smb_encrypted,
            reading: state.reading,
            client_mac,
            server_mac,
            services: Vec::new(),
        };
        let key = if swapped { flow.key.reverse() } else { flow.key };
        let event = Event::Flow(FlowEnd { services: state.services, ..end });
        self.records.push(Record {
            at,
            flow: flow.id,
            key,
            direction: Direction::ToServer,
            event,
            excerpt: Box::default(),
            opened: false,
        });
    }
}
