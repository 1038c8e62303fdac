//! SMB and DCE/RPC connections: who logged on to whom, how, and what protected it.
//!
//! File names are not kept: what they mean for client push is noted in [`super::push`], everything else is forgotten.

use std::collections::BTreeSet;
use std::net::IpAddr;

use capture::{FlowId, Moment};
use decoders::Record;
use decoders::ntlmssp::Response;

use super::Table;
use crate::evidence::Seen;
use crate::limits::Limits;

/// Dotted OID of NTLMSSP ([MS-NLMP] 1.9).
pub(crate) const OID_NTLMSSP: &str = "1.3.6.1.4.1.311.2.2.10";
/// Dotted OID of NEGOEX, which Windows alone offers ([MS-NEGOEX] 2.2).
pub(crate) const OID_NEGOEX: &str = "1.3.6.1.4.1.311.2.2.30";
/// Dotted OIDs of Kerberos: the truncated one of Windows 2000, the registered one, and user-to-user ([MS-SPNG] 1.9).
pub(crate) const OID_KERBEROS: [&str; 3] =
    ["1.2.840.48018.1.2.2", "1.2.840.113554.1.2.2", "1.2.840.113554.1.2.2.3"];
/// NTSTATUS that leaves a session setup open ([MS-ERREF] 2.3.1).
pub(crate) const STATUS_MORE_PROCESSING: u32 = 0xC000_0016;

/// An NTLM AUTHENTICATE_MESSAGE, without its responses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NtlmLogon {
    /// User as sent; may hold a realm (`user@REALM`).
    pub(crate) user: String,
    /// Domain as sent.
    pub(crate) domain: String,
    /// Workstation as sent.
    pub(crate) workstation: String,
    /// What the responses amount to.
    pub(crate) response: Response,
    /// Service principal name that the client believes it talks to.
    pub(crate) target_name: Option<String>,
    /// When it was sent first.
    pub(crate) at: Moment,
    /// When a KDC last answered this client before that.
    pub(crate) kdc_answered: Option<Moment>,
    /// Where it shows.
    pub(crate) seen: Seen,
}

impl NtlmLogon {
    /// Whether a response that proves a password was sent.
    pub(crate) const fn proves_account(&self) -> bool {
        !matches!(self.response, Response::None | Response::Anonymous) && !self.user.is_empty()
    }

    /// `DOMAIN\user`, or the user alone.
    pub(crate) fn account(&self) -> String {
        if self.domain.is_empty() { self.user.clone() } else { format!("{}\\{}", self.domain, self.user) }
    }
}

/// A Kerberos AP-REQ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KerberosLogon {
    /// Service name of the ticket.
    pub(crate) sname: String,
    /// Whether mutual authentication is asked for.
    pub(crate) mutual: bool,
    /// Account that got tickets from a KDC just before; the AP-REQ itself hides it.
    pub(crate) account: Option<String>,
    /// KRB-ERROR with which the server answered.
    pub(crate) error: Option<i32>,
    /// Where it shows.
    pub(crate) seen: Seen,
}

/// How a logon ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not seen.
    #[default]
    Unknown,
    /// A session was given.
    Granted,
    /// Refused, with this NTSTATUS.
    Refused(u32),
}

/// One logon on a connection, and the session it opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logon {
    /// Session (SMB2) or user (SMB1) identifier; 0 until the server gave one.
    pub(crate) session: u64,
    /// Mechanisms the client offered, in order.
    pub(crate) offered: Vec<String>,
    /// Where the offer shows.
    pub(crate) offer: Seen,
    /// The client's first token was a Kerberos one.
    pub(crate) kerberos_first: bool,
    /// The server asked to go on with another mechanism than the client's first (negState request-mic).
    pub(crate) turned_down: bool,
    /// NTLM without SPNEGO around it.
    pub(crate) raw: bool,
    /// Kerberos, if it was used.
    pub(crate) kerberos: Option<KerberosLogon>,
    /// NTLM, if its last message was seen.
    pub(crate) ntlm: Option<NtlmLogon>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The server made it a guest session.
    pub(crate) guest: Seen,
    /// The session is anonymous.
    pub(crate) anonymous: Seen,
    /// The client demanded signing.
    pub(crate) signing_demanded: bool,
    /// A message of the session was signed, tree connects aside.
    pub(crate) signed: bool,
    /// A message of the session was encrypted.
    pub(crate) encrypted: bool,
    /// Requests of the session that could be read: neither encrypted nor missing.
    pub(crate) readable: Seen,
    /// Shares connected to, in upper case.
    pub(crate) shares: BTreeSet<String>,
    /// A tree connect to `ADMIN$` was refused.
    pub(crate) admin_share_refused: bool,
    /// Something in the session belongs to a client push.
    pub(crate) push_signs: bool,
    /// Files could be read by name in the session that are not those of a client push.
    pub(crate) other_files: bool,
}

impl Logon {
    /// The NTLM logon, if one with a response was seen.
    pub(crate) fn ntlm_proof(&self) -> Option<&NtlmLogon> {
        self.ntlm.as_ref().filter(|ntlm| ntlm.proves_account())
    }

    /// Whether the client has begun to authenticate, so that another first token begins another logon.
    const fn has_begun(&self) -> bool {
        self.ntlm.is_some() || self.kerberos.is_some() || !matches!(self.outcome, Outcome::Unknown)
    }

    /// Whether the session shows another use than client push, and none of that: one connection carries the sessions
    /// of several users at once, where the two hosts have more than one reason to talk.
    pub(crate) fn is_other(&self) -> bool {
        let pushes_there = |share: &String| matches!(share.as_str(), "ADMIN$" | "IPC$");
        let elsewhere = !self.shares.is_empty() && !self.shares.iter().any(pushes_there);
        !self.push_signs && (self.other_files || elsewhere)
    }

    /// The account that logged on, where it shows.
    pub(crate) fn account(&self) -> Option<String> {
        let kerberos = || self.kerberos.as_ref().and_then(|kerberos| kerberos.account.clone());
        self.ntlm_proof().map(NtlmLogon::account).or_else(kerberos)
    }

    /// Whether another logon differs from this one only in when it happened.
    fn is_alike(&self, other: &Self) -> bool {
        let ntlm = |logon: &Self| {
            let ntlm = logon.ntlm.as_ref();
            ntlm.map(|ntlm| {
                (ntlm.account(), ntlm.workstation.clone(), ntlm.response, ntlm.target_name.clone())
            })
        };
        let kerberos = |logon: &Self| {
            logon
                .kerberos
                .as_ref()
                .map(|kerberos| (kerberos.sname.clone(), kerberos.account.clone(), kerberos.error))
        };
        self.offered == other.offered
            && self.outcome == other.outcome
            && (self.signed, self.encrypted, self.admin_share_refused)
                == (other.signed, other.encrypted, other.admin_share_refused)
            && (self.push_signs, self.other_files) == (other.push_signs, other.other_files)
            && self.shares == other.shares
            && self.guest.is_some() == other.guest.is_some()
            && self.anonymous.is_some() == other.anonymous.is_some()
            && ntlm(self) == ntlm(other)
            && kerberos(self) == kerberos(other)
    }

    fn merge(&mut self, other: &Self) {
        self.offer.merge(&other.offer);
        self.guest.merge(&other.guest);
        self.anonymous.merge(&other.anonymous);
        self.readable.merge(&other.readable);
        if let (Some(ours), Some(theirs)) = (&mut self.ntlm, &other.ntlm) {
            ours.seen.merge(&theirs.seen);
        }
        if let (Some(ours), Some(theirs)) = (&mut self.kerberos, &other.kerberos) {
            ours.seen.merge(&theirs.seen);
        }
    }
}

/// A TCP connection that carries SMB, or DCE/RPC by itself.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The client.
    pub(crate) client: IpAddr,
    /// The server.
    pub(crate) server: IpAddr,
    /// The server's port.
    pub(crate) port: u16,
    /// First message.
    pub(crate) first: Moment,
    /// Last message.
    pub(crate) last: Moment,
    /// A message of the server was seen.
    pub(crate) server_spoke: bool,
    /// SMB1 messages beyond the negotiation of a later version.
    pub(crate) smb1: Seen,
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
    fn new(record: &Record) -> Self {
        Self {
            client: record.key.client.addr,
            server: record.key.server.addr,
            port: record.key.server.port,
            first: record.at,
            last: record.at,
            server_spoke: false,
            smb1: Seen::default(),
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

    /// Whether less than so many nanoseconds lie between this connection and another.
    pub(crate) fn is_near(&self, other: &Self, nanos: i64) -> bool {
        let after = other.first.time.nanos_since(self.last.time);
        after.max(self.first.time.nanos_since(other.last.time)) < nanos
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

    fn is_alike(&self, other: &Self) -> bool {
        (self.port, self.smb, self.push_signs, self.other_tool, self.wmi, self.server_spoke)
            == (other.port, other.smb, other.push_signs, other.other_tool, other.wmi, other.server_spoke)
            && self.dialect == other.dialect
            && self.signing_required == other.signing_required
            && self.called == other.called
            && self.logons.len() == other.logons.len()
            && self.logons.iter().zip(&other.logons).all(|(one, other)| one.is_alike(other))
    }

    fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.smb1.merge(&other.smb1);
        self.negotiated.merge(&other.negotiated);
        for (ours, theirs) in self.logons.iter_mut().zip(&other.logons) {
            ours.merge(theirs);
        }
    }
}

/// Whether a name is an IP address.
pub(crate) fn is_address(name: &str) -> bool {
    let literal = name.strip_suffix(".ipv6-literal.net").map(|name| name.replace('-', ":"));
    literal.as_deref().unwrap_or(name).trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// What is remembered of SMB.
#[derive(Debug)]
pub(crate) struct SmbLedger {
    /// Connections under way, by client, server and flow.
    open: Table<(IpAddr, IpAddr, FlowId), Connection>,
    /// Connections that ended, by client and server; alike ones are joined.
    ended: Table<(IpAddr, IpAddr), Vec<Connection>>,
    /// Ended connections kept for one client and server.
    bound: usize,
    /// Ended connections that found no room.
    crowded: u64,
}

impl SmbLedger {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            open: Table::new(limits.table),
            ended: Table::new(limits.peers),
            bound: limits.list,
            crowded: 0,
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.open.refused() + self.ended.refused() + self.crowded
    }

    /// The connection of a record, made if there is room.
    pub(crate) fn connection(&mut self, record: &Record) -> Option<&mut Connection> {
        let key = (record.key.client.addr, record.key.server.addr, record.flow);
        let connection = self.open.entry(key, || Connection::new(record))?;
        connection.last = connection.last.max(record.at);
        connection.server_spoke |= record.direction == capture::Direction::ToClient;
        Some(connection)
    }

    /// Puts a connection away that has ended. Where there is no room, of bystanders those without a sign of a push
    /// are forgotten.
    pub(crate) fn end(&mut self, record: &Record, is_bystander: impl Fn(IpAddr, IpAddr) -> bool) {
        let (client, server) = (record.key.client.addr, record.key.server.addr);
        // Who is the client may have shown late.
        for key in [(client, server, record.flow), (server, client, record.flow)] {
            if let Some(connection) = self.open.remove(&key) {
                self.keep(connection, &is_bystander);
            }
        }
    }

    fn keep(&mut self, connection: Connection, is_bystander: &impl Fn(IpAddr, IpAddr) -> bool) {
        let pair = (connection.client, connection.server);
        let worth_keeping = |(client, server): &(IpAddr, IpAddr), kept: &Vec<Connection>| {
            kept.iter().any(|connection| connection.push_signs) || !is_bystander(*client, *server)
        };
        let Some(kept) = self.ended.entry_before(pair, Vec::new, worth_keeping) else { return };
        if let Some(alike) = kept.iter_mut().find(|kept| kept.is_alike(&connection)) {
            alike.merge(&connection);
        } else if kept.len() < self.bound {
            kept.reserve_exact(1);
            kept.push(connection);
        } else {
            self.crowded += 1;
        }
    }

    /// All connections: those that ended by client and server, then those under way by flow.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.ended.iter().flat_map(|(_, kept)| kept).chain(self.open.iter().map(|(_, connection)| connection))
    }

    /// Connections between two hosts.
    pub(crate) fn between(&self, client: IpAddr, server: IpAddr) -> impl Iterator<Item = &Connection> {
        let open = self.open.range((client, server, FlowId(0))..);
        let open = open.take_while(move |(key, _)| (key.0, key.1) == (client, server));
        let open = open.map(|(_, connection)| connection);
        self.ended.get(&(client, server)).into_iter().flatten().chain(open)
    }
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::Response;

    use super::*;
    use crate::testing_smb::{CLIENT, SITE, Scene};

    fn connections(scene: &Scene, limits: Limits) -> (usize, u64) {
        let engine = scene.engine_within(limits);
        (engine.ledger().smb.connections().count(), engine.ledger().smb.full())
    }

    #[test]
    fn connections_alike_are_joined_when_they_end_and_their_evidence_with_them() {
        let mut scene = Scene::new();
        for _ in 0..10 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "svc-push").push_files(talk).end(talk, |_| ()).wait(60);
        }
        let engine = scene.engine();
        let all: Vec<_> = engine.ledger().smb.connections().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].logons[0].ntlm.as_ref().map(|ntlm| ntlm.seen.count), Some(10));
    }

    #[test]
    fn connections_that_differ_are_kept_up_to_the_bound_and_counted_beyond() {
        let mut scene = Scene::new();
        for number in 0..10 {
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, &format!("user{number}")).end(talk, |_| ());
        }
        assert_eq!(connections(&scene, Limits { list: 4, ..Limits::default() }), (4, 6));
    }

    #[test]
    fn logons_without_end_on_one_connection_stay_within_the_bound() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        for number in 0..100 {
            scene.ntlm_logon_with(talk, &format!("user{number}"), Response::NtlmV2, 0xC000_006D);
            scene.share(talk, "pc1", &format!("share{number}"));
        }
        let engine = scene.engine_within(Limits { list: 8, ..Limits::default() });
        for connection in engine.ledger().smb.connections() {
            assert!(connection.logons.len() <= 8);
            assert!(connection.logons.iter().all(|logon| logon.shares.len() <= 8));
        }
    }

    #[test]
    fn addresses_are_told_from_names() {
        for address in ["10.0.0.1", "fe80::1", "[2001:db8::1]", "2001-db8--1.ipv6-literal.net"] {
            assert!(is_address(address), "{address}");
        }
        for name in ["pc1", "pc1.contoso.com", "10.0.0", ""] {
            assert!(!is_address(name), "{name}");
        }
    }
}
