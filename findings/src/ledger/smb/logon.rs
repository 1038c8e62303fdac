//! A logon to SMB or DCE/RPC: what was offered, by whom it was, how it ended, and what protected its session.

use std::collections::BTreeSet;

use capture::Moment;
use decoders::ntlmssp::Response;

use crate::evidence::{Rarely, Seen};

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
    /// When it was sent again in connections that are alike; the oldest are forgotten.
    pub(crate) again: Vec<When>,
    /// Where it shows.
    pub(crate) seen: Seen,
}

/// A time of an NTLM logon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// When it was sent.
    pub(crate) at: Moment,
    /// When a KDC last answered this client before that.
    pub(crate) kdc_answered: Option<Moment>,
}

impl NtlmLogon {
    /// When it was sent, the first time first.
    pub(crate) fn times(&self) -> impl Iterator<Item = When> {
        let first = When { at: self.at, kdc_answered: self.kdc_answered };
        std::iter::once(first).chain(self.again.iter().copied())
    }

    /// Takes in another that is alike.
    fn merge(&mut self, other: &Self, bound: usize) {
        self.seen.merge(&other.seen);
        self.again.extend(other.times());
        let beyond = self.again.len().saturating_sub(bound);
        self.again.drain(..beyond);
    }

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
    pub(crate) kerberos: Option<Box<KerberosLogon>>,
    /// NTLM, if its last message was seen.
    pub(crate) ntlm: Option<Box<NtlmLogon>>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The server made it a guest session.
    pub(crate) guest: Rarely,
    /// The session is anonymous.
    pub(crate) anonymous: Rarely,
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
        self.ntlm.as_deref().filter(|ntlm| ntlm.proves_account())
    }

    /// Whether the client has begun to authenticate, so that another first token begins another logon.
    pub(super) const fn has_begun(&self) -> bool {
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
    pub(super) fn is_alike(&self, other: &Self) -> bool {
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

    pub(super) fn merge(&mut self, other: &Self, bound: usize) {
        self.offer.merge(&other.offer);
        self.guest.merge(&other.guest);
        self.anonymous.merge(&other.anonymous);
        self.readable.merge(&other.readable);
        if let (Some(ours), Some(theirs)) = (&mut self.ntlm, &other.ntlm) {
            ours.merge(theirs, bound);
        }
        if let (Some(ours), Some(theirs)) = (&mut self.kerberos, &other.kerberos) {
            ours.seen.merge(&theirs.seen);
        }
    }
}
