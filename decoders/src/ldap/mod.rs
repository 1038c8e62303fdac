//! LDAP over TCP (RFC 4511) and CLDAP over UDP ([MS-ADTS] 6.3.3): how a directory is searched and how one logs on to it.
//!
//! Binds, search requests and the ends of searches are read; search results are counted and passed over, and so is
//! everything under a security layer that encrypts. Messages that are only signed are read. Which searches are
//! ConfigMgr's is not known here.

mod event;
mod filter;
mod message;
#[cfg(test)]
mod tests;
mod wire;

use capture::{Direction, Transport};

pub use event::*;

use crate::Protocol;
use crate::decoder::{Decoder, Input, Outcome, Spec};
use crate::error::ErrorKind;
use crate::events::{Anomaly, Events};
use message::Meaning;
use wire::{BUFFER_LENGTH, Head, Wrap, op};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: Protocol::Ldap,
    transports: &[Transport::Tcp, Transport::Udp],
    ports: &[389, 3268],
    any_port: false,
    exchanges: false,
    probe: wire::probe,
    make: |_| Box::new(Directory::default()),
};

/// One flow to a directory server.
#[derive(Default)]
struct Directory {
    /// Searches that have begun to answer, by message id, with the entries so far.
    answering: Vec<(u32, u64)>,
    /// The message that asks for TLS.
    tls_asked: Option<u32>,
    /// A security layer was seen, and that was said.
    protected: bool,
}

impl Decoder for Directory {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) if bytes.first() == Some(&0) => self.buffer(bytes, direction, out),
            Input::Data(bytes) => self.stream(bytes, direction, out),
            Input::Datagram { payload, cut } => {
                self.messages(payload, cut, "cldap", direction, out);
                Outcome::Consumed(payload.len())
            }
            Input::Gap(_) => Outcome::Lost,
            Input::End(_) => Outcome::Consumed(0),
        }
    }
}

impl Directory {
    /// The message at the beginning of a stream.
    fn stream(&mut self, bytes: &[u8], direction: Direction, out: &mut Events) -> Outcome {
        let head = match wire::head(bytes) {
            Ok(head) => head,
            Err(error) => {
                if let ErrorKind::Short { need, .. } = error.kind {
                    return Outcome::NeedMore(need);
                }
                out.malformed(direction, error);
                return Outcome::Lost;
            }
        };
        out.service("ldap");
        let wanted = Self::wanted(&head);
        let limit = out.limits.ldap_message as u64;
        let needed = usize::try_from(head.total.min(limit)).unwrap_or(usize::MAX);
        if wanted && bytes.len() < needed {
            return Outcome::NeedMore(needed);
        }
        let cut = wanted && head.total > limit;
        if cut {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "ldap", limit: "ldap_message" });
        }
        let whole = bytes.get(..needed).unwrap_or(bytes);
        if self.message(&head, whole, cut, direction, out) == Next::Tls {
            return Outcome::HandOver(Protocol::Tls, needed);
        }
        Outcome::Skip(head.total)
    }

    /// Whether more of a message than its head is read.
    const fn wanted(head: &Head) -> bool {
        matches!(
            head.op,
            op::BIND_REQUEST
                | op::BIND_RESPONSE
                | op::SEARCH_REQUEST
                | op::SEARCH_DONE
                | op::EXTENDED_REQUEST
                | op::EXTENDED_RESPONSE
        )
    }

    /// The SASL buffer at the beginning of a stream.
    fn buffer(&mut self, bytes: &[u8], direction: Direction, out: &mut Events) -> Outcome {
        /// Bytes of a Kerberos token's head, by which it is known whether it is sealed.
        const TOKEN_HEAD: usize = 16;
        if bytes.len() < BUFFER_LENGTH {
            return Outcome::NeedMore(BUFFER_LENGTH);
        }
        let Some(total) = wire::buffer(bytes) else { return Outcome::Lost };
        let needed = |bound: usize| usize::try_from(total.min(bound as u64)).unwrap_or(usize::MAX);
        let begin = needed(BUFFER_LENGTH + TOKEN_HEAD);
        if bytes.len() < begin {
            return Outcome::NeedMore(begin);
        }
        let token = bytes.get(BUFFER_LENGTH..needed(bytes.len())).unwrap_or_default();
        let wrap = wire::unwrap(token);
        self.protected(wrap == Wrap::Sealed, direction, out);
        if wrap == Wrap::Sealed {
            return Outcome::Skip(total);
        }
        let whole = needed(out.limits.ldap_message);
        if bytes.len() < whole {
            return Outcome::NeedMore(whole);
        }
        let cut = (whole as u64) < total;
        if cut {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "ldap", limit: "ldap_message" });
        }
        if let Wrap::Signed(messages) = wire::unwrap(bytes.get(BUFFER_LENGTH..whole).unwrap_or_default()) {
            self.messages(messages, true, "ldap", direction, out);
        }
        Outcome::Skip(total)
    }

    fn protected(&mut self, sealed: bool, direction: Direction, out: &mut Events) {
        out.service("ldap");
        if !std::mem::replace(&mut self.protected, true) {
            out.push(direction, LdapEvent::Protected { sealed });
        }
    }

    /// The messages of a datagram, or of a signed buffer; where the end may be missing, that is no fault.
    fn messages(
        &mut self,
        bytes: &[u8],
        cut: bool,
        service: &'static str,
        direction: Direction,
        out: &mut Events,
    ) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match wire::head(rest) {
                Ok(head) => {
                    out.service(service);
                    let end = usize::try_from(head.total).unwrap_or(usize::MAX);
                    let whole = rest.get(..end).unwrap_or(rest);
                    self.message(&head, whole, cut, direction, out);
                    rest = rest.get(end..).unwrap_or_default();
                }
                Err(error) => {
                    if !cut {
                        out.malformed(direction, error);
                    }
                    return;
                }
            }
        }
    }

    fn message(
        &mut self,
        head: &Head,
        bytes: &[u8],
        cut: bool,
        direction: Direction,
        out: &mut Events,
    ) -> Next {
        if head.op == op::SEARCH_ENTRY {
            self.entry(head.id, direction, out);
            return Next::Message;
        }
        if !Self::wanted(head) {
            return Next::Message;
        }
        match message::read(head, bytes, cut, direction, out) {
            Meaning::None => {}
            Meaning::SearchDone(code) => {
                let place = self.answering.iter().position(|(id, _)| *id == head.id);
                let entries = place.map_or(0, |place| self.answering.swap_remove(place).1);
                out.push_with(direction, LdapEvent::SearchDone { code, entries }, bytes);
            }
            Meaning::TlsAsked => self.tls_asked = Some(head.id),
            Meaning::ExtendedDone(code) => {
                if self.tls_asked.take_if(|id| *id == head.id).is_some() && code == 0 {
                    out.push_with(direction, LdapEvent::StartTls, bytes);
                    return Next::Tls;
                }
            }
        }
        Next::Message
    }

    /// Counts a search result entry.
    fn entry(&mut self, id: u32, direction: Direction, out: &mut Events) {
        if let Some((_, entries)) = self.answering.iter_mut().find(|(known, _)| *known == id) {
            *entries += 1;
        } else if self.answering.len() < out.limits.ldap_searches {
            self.answering.push((id, 1));
        } else {
            // The oldest is the likeliest to have ended unseen.
            self.answering.remove(0);
            self.answering.push((id, 1));
            out.anomaly(direction, Anomaly::LimitReached { protocol: "ldap", limit: "ldap_searches" });
        }
    }
}

/// What follows a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Message,
    Tls,
}
