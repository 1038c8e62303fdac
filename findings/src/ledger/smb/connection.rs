//! A TCP connection that carries SMB, or DCE/RPC by itself: what was negotiated, and the logons on it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};

use capture::{FlowId, Moment};
use decoders::Record;

use super::Logon;
use crate::evidence::{Rarely, Seen};

/// A TCP connection that carries SMB, or DCE/RPC by itself.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The client.
    pub(crate) client: IpAddr,
    /// The server.
    pub(crate) server: IpAddr,
    /// The server's port.
    pub(crate) port: u16,
    /// Its flow; flows are numbered in the order in which they began.
    pub(super) flow: FlowId,
    /// First message.
    pub(crate) first: Moment,
    /// Last message.
    pub(crate) last: Moment,
    /// A message of the server was seen.
    pub(crate) server_spoke: bool,
    /// SMB1 messages beyond the negotiation of a later version.
    pub(crate) smb1: Rarely,
    /// An SMB message was seen: it is not DCE/RPC by itself.
    pub(crate) smb: bool,
    /// The dialect chosen, as sent (`0x0311`, `NT LM 0.12`).
    pub(crate) dialect: Option<String>,
    /// The server's answer to the negotiation.
    pub(crate) negotiated: Seen,
    /// Whether the server requires signing, by that answer.
    pub(crate) signing_required: Option<bool>,
    /// Mechanisms of the server's hint.
    pub(crate) server_mechanisms: Vec<String>,
    /// Names or addresses by which the client called the server, in lower case.
    pub(crate) called: BTreeSet<String>,
    /// Logons in the order in which they began.
    pub(crate) logons: Vec<Logon>,
    /// Something on it belongs to a client push.
    pub(crate) push_signs: bool,
    /// Another tool than client push was at work on it.
    pub(crate) other_tool: bool,
    /// An object was asked for by DCOM, or WMI was logged on to.
    pub(crate) wmi: bool,
}

impl Connection {
    pub(super) fn new(record: &Record) -> Self {
        Self {
            client: record.key.client.addr,
            server: record.key.server.addr,
            port: record.key.server.port,
            flow: record.flow,
            first: record.at,
            last: record.at,
            server_spoke: false,
            smb1: Rarely::default(),
            smb: false,
            dialect: None,
            negotiated: Seen::default(),
            signing_required: None,
            server_mechanisms: Vec::new(),
            called: BTreeSet::new(),
            logons: Vec::new(),
            push_signs: false,
            other_tool: false,
            wmi: false,
        }
    }

    /// The logon that tokens without a session belong to; begins one where there is none, or where `starts` says
    /// that the token begins another.
    pub(crate) fn current(&mut self, starts: bool, bound: usize) -> Option<&mut Logon> {
        let another = self.logons.last().is_none_or(|logon| starts && logon.has_begun());
        if another {
            if self.logons.len() >= bound {
                return None;
            }
            self.add(Logon::default());
        }
        self.logons.last_mut()
    }

    /// Adds a logon. Most connections have one, and it is large: no room is made for more.
    fn add(&mut self, logon: Logon) {
        self.logons.reserve_exact(1);
        self.logons.push(logon);
    }

    /// The logon that opened a session. The one that is under way, where the session is new.
    pub(crate) fn of_session(&mut self, session: u64, bound: usize) -> Option<&mut Logon> {
        if session == 0 {
            return self.current(false, bound);
        }
        let known = self.logons.iter().position(|logon| logon.session == session);
        let under_way = || self.logons.iter().rposition(|logon| logon.session == 0);
        match known.or_else(under_way) {
            Some(index) => {
                let logon = self.logons.get_mut(index)?;
                logon.session = session;
                Some(logon)
            }
            None if self.logons.len() < bound => {
                self.add(Logon { session, ..Logon::default() });
                self.logons.last_mut()
            }
            None => None,
        }
    }

    /// How many nanoseconds lie between this connection and another; none where they were at the same time.
    pub(crate) fn apart(&self, other: &Self) -> i64 {
        let after = other.first.time.nanos_since(self.last.time);
        after.max(self.first.time.nanos_since(other.last.time)).max(0)
    }

    /// Whether all that it was seen to be used for is something else than client push.
    pub(crate) fn is_other(&self) -> bool {
        self.other_tool || (!self.logons.is_empty() && self.logons.iter().all(Logon::is_other))
    }

    /// The address or name by which the client called the server, if it was an address.
    pub(crate) fn called_by_address(&self) -> Option<&str> {
        let address = |name: &&String| is_address(name);
        let all = !self.called.is_empty() && self.called.iter().all(|name| is_address(name));
        self.called.iter().find(address).filter(|_| all).map(String::as_str)
    }

    /// The protocol as people write it.
    pub(crate) fn protocol(&self) -> String {
        if !self.smb {
            return "DCE/RPC".to_owned();
        }
        match self.dialect.as_deref() {
            Some("0x0202") => "SMB 2.0.2",
            Some("0x0210") => "SMB 2.1",
            Some("0x0300") => "SMB 3.0",
            Some("0x0302") => "SMB 3.0.2",
            Some("0x0311") => "SMB 3.1.1",
            _ if self.smb1.is_some() => "SMB 1",
            _ => "SMB",
        }
        .to_owned()
    }

    pub(super) fn is_alike(&self, other: &Self) -> bool {
        (self.port, self.smb, self.push_signs, self.other_tool, self.wmi, self.server_spoke)
            == (other.port, other.smb, other.push_signs, other.other_tool, other.wmi, other.server_spoke)
            && self.dialect == other.dialect
            && self.signing_required == other.signing_required
            && self.called == other.called
            && self.logons.len() == other.logons.len()
            && self.logons.iter().zip(&other.logons).all(|(one, other)| one.is_alike(other))
    }

    pub(super) fn merge(&mut self, other: &Self, bound: usize) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.smb1.merge(&other.smb1);
        self.negotiated.merge(&other.negotiated);
        for (ours, theirs) in self.logons.iter_mut().zip(&other.logons) {
            ours.merge(theirs, bound);
        }
    }
}

/// Whether a name is an IP address. An IPv6 address in a path stands with `-` for `:` and `s` for the `%` before its
/// zone under `ipv6-literal.net`, which Windows resolves by itself.
pub(crate) fn is_address(name: &str) -> bool {
    let literal = name.strip_suffix(".ipv6-literal.net").map(|name| name.replace('-', ":").replace('s', "%"));
    let name = literal.as_deref().unwrap_or(name).trim_matches(['[', ']']);
    let (address, zone) = name.split_once('%').unwrap_or((name, ""));
    if zone.is_empty() { address.parse::<IpAddr>().is_ok() } else { address.parse::<Ipv6Addr>().is_ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_names() {
        let scoped = ["fe80::1%4", "fe80--1s4.ipv6-literal.net"];
        let plain = ["10.0.0.1", "fe80::1", "[2001:db8::1]", "2001-db8--1.ipv6-literal.net"];
        for address in plain.into_iter().chain(scoped) {
            assert!(is_address(address), "{address}");
        }
        for name in ["pc1", "pc1.contoso.com", "10.0.0", "10.0.0.1%4", "pc%4", ""] {
            assert!(!is_address(name), "{name}");
        }
    }
}
