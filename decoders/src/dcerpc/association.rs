//! One association, read PDU by PDU: which interfaces it was bound to, who authenticated, what was called.

use std::collections::{BTreeMap, BTreeSet};

use capture::Direction;

use super::bind;
use super::svcctl;
use super::wire::{Auth, HEADER, Header, Ordered, PROTOCOL, ptype};
use super::{Bind, DcerpcEvent, Request};
use crate::error::DecodeError;
use crate::events::{Anomaly, Events};
use crate::limits::Limits;
use crate::ntlmssp::Carrier;
use crate::spnego;

/// RPC_C_AUTHN_LEVEL_PKT_PRIVACY: stub data is encrypted from here on.
const PRIVACY: u8 = 6;
/// auth_type values whose tokens are read ([MS-RPCE] 2.2.1.1.7): SPNEGO, NTLM, Kerberos.
const READABLE_TOKENS: [u8; 3] = [9, 10, 16];
/// Bytes of a bind that are shown as evidence: up to the first transfer syntax.
const BIND_EXCERPT: usize = 72;

/// What a look at the next PDU comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes are needed, counted from the start of the PDU.
    NeedMore(usize),
    /// The PDU is done with; it is so long, perhaps longer than what is there.
    Done(usize),
    /// No PDU begins here.
    Lost,
}

/// A presentation context.
#[derive(Debug)]
struct Context {
    interface: String,
    ndr64: bool,
}

/// One direction of an association that is fed in pieces.
#[derive(Debug, Default)]
struct Lane {
    /// The beginning of a PDU.
    kept: Vec<u8>,
    /// Bytes that must be kept before another look is worth it.
    need: usize,
    /// Bytes that follow and are of no interest.
    skip: usize,
    /// The place was lost: pieces are passed over until one begins with a PDU.
    lost: bool,
}

/// What both ends of one connection or pipe have said so far.
///
/// SMB pipes feed it with [`Association::feed`]; the decoder for TCP gives it PDU by PDU what the session keeps.
#[derive(Debug, Default)]
pub struct Association {
    contexts: BTreeMap<u16, Context>,
    /// Requests already said: context, opnum, service name.
    said: BTreeSet<(u16, u16, Option<String>)>,
    limit_said: bool,
    /// auth_level of the last bind.
    level: u8,
    lanes: [Lane; 2],
}

impl Association {
    /// An association of which nothing is known yet.
    #[must_use]
    pub fn new(_: &Limits) -> Self {
        Self::default()
    }

    /// Takes the next bytes of one direction, cut anywhere; `pipe` is the name of the pipe that carries them.
    ///
    /// Keeps at most one incomplete PDU of each direction, so less than 64 KiB.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8], pipe: Option<&str>, out: &mut Events) {
        let mut lane = std::mem::take(self.lane(direction));
        let skipped = lane.skip.min(bytes.len());
        lane.skip -= skipped;
        let fresh = bytes.get(skipped..).unwrap_or_default();
        let mut kept = std::mem::take(&mut lane.kept);
        let mut rest = fresh;
        if !kept.is_empty() {
            kept.extend_from_slice(fresh);
            if kept.len() < lane.need {
                lane.kept = kept;
                *self.lane(direction) = lane;
                return;
            }
            rest = &kept;
        }
        while !rest.is_empty() {
            match self.pdu(direction, rest, pipe, lane.lost, out) {
                Step::NeedMore(need) => {
                    lane.need = need;
                    lane.kept = rest.to_vec();
                    break;
                }
                Step::Done(len) => {
                    lane.lost = false;
                    lane.skip = len.saturating_sub(rest.len());
                    rest = rest.get(len..).unwrap_or_default();
                }
                Step::Lost => {
                    lane.lost = true;
                    break;
                }
            }
        }
        *self.lane(direction) = lane;
    }

    /// Bytes of one direction are missing: what was incomplete is dropped, and the next PDU is looked for at the start
    /// of each piece that follows.
    pub fn gap(&mut self, direction: Direction) {
        *self.lane(direction) = Lane { lost: true, ..Lane::default() };
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// Reads the PDU that begins with `bytes`. Where the place was `lost`, bytes that are none are no anomaly.
    pub(super) fn pdu(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        pipe: Option<&str>,
        lost: bool,
        out: &mut Events,
    ) -> Step {
        if bytes.len() < HEADER {
            return Step::NeedMore(HEADER);
        }
        let header = match Header::read(bytes) {
            Ok(header) => header,
            Err(error) => {
                if !lost {
                    out.malformed(direction, error);
                }
                return Step::Lost;
            }
        };
        let need = self.need(header, bytes);
        if bytes.len() < need {
            return Step::NeedMore(need);
        }
        out.service(PROTOCOL);
        let whole = bytes.get(..header.len()).unwrap_or(bytes);
        if let Err(error) = self.read(header, direction, whole, pipe, out) {
            out.malformed(direction, error);
        }
        Step::Done(header.len())
    }

    /// How many bytes of a PDU have to be there before it can be read.
    fn need(&self, header: Header, bytes: &[u8]) -> usize {
        match header.ptype {
            ptype::RESPONSE | ptype::CO_CANCEL | ptype::ORPHANED | ptype::SHUTDOWN => HEADER,
            ptype::FAULT => 28,
            ptype::REQUEST => {
                let names = request_head(header, bytes).is_ok_and(|(context, opnum)| {
                    header.is_first()
                        && svcctl::names_service(opnum)
                        && self.contexts.get(&context).is_some_and(|context| svcctl::is(&context.interface))
                });
                // The trailer that says whether the stub is encrypted comes last.
                let stub = if names { svcctl::LONGEST_REQUEST } else { 0 };
                header.len().min(header.stub().max(24) + stub)
            }
            _ => header.len(),
        }
    }

    fn read(
        &mut self,
        header: Header,
        direction: Direction,
        pdu: &[u8],
        pipe: Option<&str>,
        out: &mut Events,
    ) -> Result<(), DecodeError> {
        let mut body = Ordered::new(pdu, header.little);
        body.skip("header", HEADER)?;
        match header.ptype {
            ptype::BIND | ptype::ALTER_CONTEXT => {
                let read = self.bind(header, direction, pdu, pipe, out);
                token(header.auth(pdu), direction, out);
                return read;
            }
            ptype::BIND_ACK | ptype::ALTER_CONTEXT_RESP => {
                let read = bind::results(&mut body).map(|(accepted, refused)| {
                    out.push(direction, bind_ack_event(pipe, accepted, refused));
                });
                token(header.auth(pdu), direction, out);
                return read;
            }
            ptype::BIND_NAK => out.push(direction, bind_ack_event(pipe, 0, 1)),
            ptype::AUTH3 => token(header.auth(pdu), direction, out),
            ptype::FAULT => {
                body.skip("alloc hint", 8)?;
                let status = body.u32("status")?;
                out.push(direction, DcerpcEvent::Fault { pipe: pipe.map(str::to_owned), status });
            }
            ptype::REQUEST => self.request(header, direction, pdu, pipe, out)?,
            _ => {}
        }
        Ok(())
    }

    /// Bind and alter context request. The event is said even where the list of contexts is broken.
    fn bind(
        &mut self,
        header: Header,
        direction: Direction,
        pdu: &[u8],
        pipe: Option<&str>,
        out: &mut Events,
    ) -> Result<(), DecodeError> {
        let auth = header.auth(pdu);
        let mut bind = Bind {
            pipe: pipe.map(str::to_owned),
            alter: header.ptype == ptype::ALTER_CONTEXT,
            interfaces: Vec::new(),
            auth_type: auth.map(|auth| auth.kind),
            auth_level: auth.map(|auth| auth.level),
        };
        if let Some(auth) = auth {
            self.level = auth.level;
        }
        let limit = out.limits.list_items;
        let mut left_out = false;
        let mut body = Ordered::new(pdu, header.little);
        body.skip("header", HEADER)?;
        let read = bind::offers(&mut body, |offer| {
            let interface = (offer.interface.clone(), offer.major);
            if !bind.interfaces.contains(&interface) {
                bind.interfaces.push(interface);
            }
            left_out |= !self.open(offer, limit);
        });
        let excerpt = pdu.get(..BIND_EXCERPT.min(header.before_auth())).unwrap_or(pdu);
        out.push_with(direction, DcerpcEvent::Bind(Box::new(bind)), excerpt);
        if left_out {
            self.limit(direction, out);
        }
        read
    }

    /// Remembers a context, unless there are too many. One that changes its interface begins anew.
    fn open(&mut self, offer: bind::Offer, limit: usize) -> bool {
        let known = self.contexts.get(&offer.id).map(|context| context.interface == offer.interface);
        if known.is_none() && self.contexts.len() >= limit {
            return false;
        }
        if known == Some(false) {
            self.said.retain(|(id, ..)| *id != offer.id);
        }
        self.contexts.insert(offer.id, Context { interface: offer.interface, ndr64: offer.ndr64 });
        true
    }

    fn request(
        &mut self,
        header: Header,
        direction: Direction,
        pdu: &[u8],
        pipe: Option<&str>,
        out: &mut Events,
    ) -> Result<(), DecodeError> {
        let (id, opnum) = request_head(header, pdu)?;
        let context = self.contexts.get(&id);
        let level = header.auth(pdu).map_or(self.level, |auth| auth.level);
        let service_name = context
            .filter(|context| svcctl::is(&context.interface) && header.is_first() && level < PRIVACY)
            .and_then(|context| {
                let stub = pdu.get(header.stub()..).unwrap_or_default();
                svcctl::service_name(opnum, stub, header.little, context.ndr64)
            })
            .map(|name| out.text(&name));
        let interface = context.map(|context| context.interface.clone());
        if self.is_said(id, opnum, service_name.as_ref()) {
            return Ok(());
        }
        if self.said.len() >= out.limits.list_items {
            self.limit(direction, out);
            return Ok(());
        }
        self.said.insert((id, opnum, service_name.clone()));
        let request = Request { pipe: pipe.map(str::to_owned), interface, opnum, service_name };
        out.push_with(direction, DcerpcEvent::Request(Box::new(request)), pdu.get(..24).unwrap_or_default());
        Ok(())
    }

    /// Whether such a request was said before; one that names no service, also where others named one.
    fn is_said(&self, id: u16, opnum: u16, service_name: Option<&String>) -> bool {
        if service_name.is_some() {
            return self.said.contains(&(id, opnum, service_name.cloned()));
        }
        let mut others = self.said.range((id, opnum, None)..);
        others.next().is_some_and(|(other, number, _)| (*other, *number) == (id, opnum))
    }

    fn limit(&mut self, direction: Direction, out: &mut Events) {
        if !std::mem::replace(&mut self.limit_said, true) {
            out.anomaly(direction, Anomaly::LimitReached { protocol: PROTOCOL, limit: "list_items" });
        }
    }
}

/// Context id and opnum of a request.
fn request_head(header: Header, pdu: &[u8]) -> Result<(u16, u16), DecodeError> {
    let mut body = Ordered::new(pdu, header.little);
    body.skip("alloc hint", HEADER + 4)?;
    Ok((body.u16("context id")?, body.u16("opnum")?))
}

fn bind_ack_event(pipe: Option<&str>, accepted: usize, refused: usize) -> DcerpcEvent {
    DcerpcEvent::BindAck { pipe: pipe.map(str::to_owned), accepted, refused }
}

/// Hands the token behind a security trailer to its reader.
fn token(auth: Option<Auth<'_>>, direction: Direction, out: &mut Events) {
    if let Some(auth) = auth.filter(|auth| READABLE_TOKENS.contains(&auth.kind)) {
        spnego::observe(auth.token, direction, Carrier::Dcerpc, out);
    }
}
