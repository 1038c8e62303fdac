//! Kerberos as a bystander sees it: who asked which KDC for what, what came of it, and with what encryption.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use capture::{FlowId, Moment};

use super::{Hashed, Table};
use crate::evidence::Seen;
use crate::limits::Limits;

/// How soon a client that was refused asks again in another way, in nanoseconds.
const AT_ONCE: i64 = 2_000_000_000;

/// A question to a KDC, or to DNS about one, that has no answer yet.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Who asks.
    pub(crate) client: IpAddr,
    /// The KDC, or the DNS server.
    pub(crate) kdc: IpAddr,
    /// What it is if no answer comes.
    pub(crate) silence: Silence,
    /// Service asked for.
    pub(crate) sname: String,
    /// Account, in AS-REQ.
    pub(crate) cname: String,
    /// When it was asked: a client that gets no answer asks again for a minute and more. The oldest are forgotten.
    pub(crate) asked: Refusal,
}

/// Refusals of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal {
    /// When, in order; the oldest are forgotten.
    pub(crate) times: Vec<Moment>,
    /// Where it shows.
    pub(crate) seen: Seen,
}

/// How a KDC could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Silence {
    /// Nothing came back.
    Unanswered,
    /// Nothing that came back was captured: who asks over TCP was connected before.
    NotCaptured,
    /// The connection was refused.
    Refused,
    /// ICMP said it cannot be reached.
    Unreachable,
    /// DNS knew of no KDC: the address that goes with it is the DNS server's.
    NotFound,
    /// DNS was asked for a KDC, and nothing came back: likewise.
    NotLocated,
    /// DNS did not know the host that is the KDC: likewise.
    NoAddress,
}

impl Silence {
    /// Whether it is only that no answer came.
    pub(crate) const fn is_no_answer(self) -> bool {
        matches!(self, Self::Unanswered | Self::NotLocated)
    }

    /// Who did what, in words.
    pub(crate) fn words(self, who: IpAddr) -> String {
        match self {
            Self::Unanswered => format!("the domain controller {who} did not answer"),
            Self::NotCaptured => format!("what the domain controller {who} answered was not captured"),
            Self::Refused => format!("the domain controller {who} refused the connection"),
            Self::Unreachable => format!("the domain controller {who} could not be reached"),
            Self::NotFound => format!("the DNS server {who} knew no domain controller"),
            Self::NotLocated => {
                format!("the DNS server {who}, asked for a domain controller, did not answer")
            }
            Self::NoAddress => format!("the DNS server {who} knew no address of the domain controller"),
        }
    }
}

/// Tickets of one service given to one client, or shown by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ticket {
    /// Encryption types of the tickets.
    pub(crate) etypes: BTreeSet<i32>,
    /// Tickets encrypted with RC4.
    pub(crate) rc4: Seen,
    /// The server the ticket was shown to, or the KDC that gave it.
    pub(crate) peer: Option<IpAddr>,
    /// The peer's port.
    pub(crate) port: u16,
    /// The account they were given to, where the KDC's reply shows it.
    pub(crate) account: Option<String>,
    /// Whether the peer is the service itself.
    pub(crate) shown: bool,
}

/// The last account for which a client got a ticket-granting ticket.
#[derive(Clone, Debug)]
pub(crate) struct LoggedOn {
    /// The account, as in the AS-REP.
    pub(crate) account: String,
    /// When.
    pub(crate) at: Moment,
    /// When another account logged on there last.
    pub(crate) other_at: Option<Moment>,
}

/// What is remembered of Kerberos.
#[derive(Debug)]
pub(crate) struct KerberosLedger {
    /// Questions under way.
    pub(crate) questions: Hashed<FlowId, Question>,
    /// KRB-ERRORs by client, name (service in lower case; account where the account was at fault) and code.
    pub(crate) refusals: Table<(IpAddr, String, i32), Refusal>,
    /// Tickets that a server turned down, by client, server, whether the service was named by an address, and the
    /// KRB-ERROR given with that: when each was shown.
    pub(crate) rejections: Table<(IpAddr, IpAddr, bool, Option<i32>), Refusal>,
    /// KDCs that could not be reached, by client, KDC and how.
    pub(crate) silences: Table<(IpAddr, IpAddr, Silence), Refusal>,
    /// Names of hosts, in lower case, that DNS gave as those of KDCs.
    pub(crate) kdcs: Table<String, ()>,
    /// When a KDC last answered a client.
    pub(crate) answered: Table<IpAddr, Moment>,
    /// Who logged on last at a client.
    pub(crate) logged_on: Table<IpAddr, LoggedOn>,
    /// Service tickets by client and service in lower case.
    pub(crate) tickets: Table<(IpAddr, String), Ticket>,
}

impl KerberosLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            questions: Hashed::new(limits.table),
            refusals: Table::new(limits.table),
            rejections: Table::new(limits.failures),
            silences: Table::new(limits.failures),
            kdcs: Table::new(limits.failures),
            answered: Table::new(limits.table),
            logged_on: Table::new(limits.table),
            tickets: Table::new(limits.table),
        }
    }

    /// The KDCs that a client could not reach, and how.
    pub(crate) fn silences_of(
        &self,
        client: IpAddr,
    ) -> impl Iterator<Item = (&(IpAddr, IpAddr, Silence), &Refusal)> {
        let lowest = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        self.silences
            .range((client, lowest, Silence::Unanswered)..)
            .take_while(move |((who, _, _), _)| *who == client)
    }

    /// Notes that an account got its ticket-granting ticket. What was refused just before hindered nothing: a client whose
    /// clock is wrong is told so, and asks again with the KDC's time.
    pub(crate) fn recovered(&mut self, client: IpAddr, account: &str, at: Moment) {
        let all = self.refusals.range((client, account.to_owned(), i32::MIN)..);
        let keys = all.map(|(key, _)| key).take_while(|(who, name, _)| *who == client && name == account);
        for key in keys.cloned().collect::<Vec<_>>() {
            if let Some(refusal) = self.refusals.get_mut(&key) {
                refusal.times.retain(|refused| at.time.nanos_since(refused.time) > AT_ONCE);
            }
        }
    }

    /// Notes that DNS told a client of a KDC, or where one is: that another server did not, or was silent, hindered
    /// nothing.
    pub(crate) fn found(&mut self, client: IpAddr, whats: &[Silence]) {
        let lowest = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let all = self.silences.range((client, lowest, Silence::Unanswered)..);
        let keys = all.map(|(key, _)| *key).take_while(|(who, ..)| *who == client);
        let over = keys.filter(|(.., how)| whats.contains(how));
        for key in over.collect::<Vec<_>>() {
            self.silences.remove(&key);
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.questions.refused()
            + self.refusals.refused()
            + self.rejections.refused()
            + self.silences.refused()
            + self.kdcs.refused()
            + self.answered.refused()
            + self.logged_on.refused()
            + self.tickets.refused()
    }
}

impl Refusal {
    /// Notes when it happened again.
    pub(crate) fn happened(&mut self, at: Moment, bound: usize) {
        if self.times.len() >= bound.max(1) {
            self.times.remove(0);
        }
        self.times.push(at);
    }
}

/// What an error code of a KDC means for whoever wanted a ticket (RFC 4120 7.5.9).
pub(crate) const fn error_meaning(code: i32) -> &'static str {
    match code {
        1 => "the account has expired",
        2 => "the service's account has expired",
        6 => "the KDC does not know the account",
        7 => "the KDC does not know the service: the SPN is missing",
        12 => "the KDC's policy forbids it",
        14 => "no encryption type in common",
        18 => "the account is disabled or locked",
        19 => "the service's account is disabled",
        21 => "the account is not valid yet",
        22 => "the service's account is not valid yet",
        23 => "the account's password has expired",
        24 => "the password is wrong",
        27 => "the service's account has no SPN and wants user-to-user",
        29 => "the KDC is not available",
        31 => "the ticket's integrity check failed",
        32 => "the ticket has expired",
        37 => "the clocks differ too much",
        41 => "the ticket is for another account: a duplicate SPN, or a wrong DNS entry",
        68 => "the realm is another one",
        _ => "the KDC refused",
    }
}

/// Whether an error code of a KDC is part of a logon that goes well: PREAUTH_REQUIRED, RESPONSE_TOO_BIG.
pub(crate) const fn is_harmless(code: i32) -> bool {
    matches!(code, 25 | 52)
}
