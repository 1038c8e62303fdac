//! Why a client used NTLM: what port 88 and the tokens tell of the Kerberos that was tried before.
//!
//! Windows leaves Kerberos out of its offer when it could get no ticket, so the offer alone tells nothing: the
//! exchange with the KDC in the minute before decides.

use std::net::IpAddr;

use capture::Moment;

use super::Ledger;
use super::account;
use super::kerberos::{Silence, error_meaning};
use super::smb::{Connection, Logon, NtlmLogon, OID_KERBEROS, OID_NTLMSSP, Outcome, is_address};
use crate::evidence::Seen;

/// How long before the NTLM logon a failure of Kerberos counts as its reason, in nanoseconds.
const BEFORE: i64 = 60 * 1_000_000_000;
/// How long after it: a client asks several KDCs, and answers cross.
const AFTER: i64 = 2 * 1_000_000_000;

/// Why NTLM was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The client called the server by its address: there is no Kerberos name for that.
    ByAddress(String),
    /// The server turned Kerberos down.
    Rejected(Option<i32>),
    /// The KDC gave no ticket.
    NoTicket {
        /// Whom the refusal was about.
        name: String,
        /// error-code.
        code: i32,
    },
    /// No KDC could be reached, or found: the KDC, or who should have known one.
    NoKdc(IpAddr, Silence),
    /// The server's offer has no Kerberos.
    ServerCannot,
    /// The client offered Kerberos too, and NTLM came of it.
    NtlmChosen,
    /// NTLM without SPNEGO: the program asked for it.
    AskedFor,
    /// Only NTLM was offered, and nothing tells why.
    Unknown,
}

impl Why {
    /// Whether Kerberos was tried before.
    pub(crate) const fn is_fallback(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::NoTicket { .. } | Self::NoKdc(..))
    }

    /// In words, for the user.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::ByAddress(address) => {
                format!("Kerberos was not possible: the computer was addressed as {address}, not by name")
            }
            Self::Rejected(None) => "Kerberos was tried and turned down by the computer".to_owned(),
            Self::Rejected(Some(code)) => {
                format!(
                    "Kerberos was tried and turned down by the computer ({}, error {code})",
                    error_meaning(*code)
                )
            }
            Self::NoTicket { name, code: 7 } => {
                format!("Kerberos was tried; the KDC did not know {name}: the SPN is missing (error 7)")
            }
            Self::NoTicket { name, code } => format!(
                "Kerberos was tried; the KDC gave no ticket for {name}: {} (error {code})",
                error_meaning(*code)
            ),
            Self::NoKdc(who, how) => format!("Kerberos was tried; {}", how.words(*who)),
            Self::ServerCannot => "the computer offers no Kerberos".to_owned(),
            Self::NtlmChosen => "Kerberos was offered too, but NTLM was chosen".to_owned(),
            Self::AskedFor => "the program asked for NTLM, without negotiation".to_owned(),
            Self::Unknown => {
                "only NTLM was offered; why does not show (no Kerberos traffic was seen just before)"
                    .to_owned()
            }
        }
    }
}

/// Why a logon of a connection used NTLM, and where the reason shows.
pub(crate) fn why_ntlm(
    ledger: &Ledger,
    connection: &Connection,
    logon: &Logon,
    ntlm: &NtlmLogon,
) -> (Why, Seen) {
    let rejected = rejected(ledger, connection, logon, ntlm);
    if let Some(found) = rejected {
        return found;
    }
    if let Some(address) = by_address(ledger, connection) {
        return (Why::ByAddress(address.to_owned()), Seen::default());
    }
    if let Some(found) = no_ticket(ledger, connection, ntlm).or_else(|| no_kdc(ledger, connection, ntlm)) {
        return found;
    }
    let is_kerberos = |mechanism: &String| OID_KERBEROS.contains(&mechanism.as_str());
    let hint = &connection.server_mechanisms;
    let why = if !hint.is_empty() && !hint.iter().any(is_kerberos) {
        Why::ServerCannot
    } else if logon.offered.iter().any(is_kerberos) {
        Why::NtlmChosen
    } else if logon.raw && !logon.offered.iter().any(|mechanism| mechanism == OID_NTLMSSP) {
        Why::AskedFor
    } else {
        Why::Unknown
    };
    (why, Seen::default())
}

/// The address by which the client called the server, if it used no name. A connection that ends with a refused logon
/// shows neither: then those to the same server at the same time tell.
fn by_address<'l>(ledger: &'l Ledger, connection: &'l Connection) -> Option<&'l str> {
    if !connection.called.is_empty() {
        return connection.called_by_address();
    }
    let beside = ledger.smb.between(connection.client, connection.server);
    let mut beside = beside
        .filter(|other| !other.called.is_empty() && connection.is_near(other, BEFORE))
        .map(Connection::called_by_address);
    let first = beside.next()??;
    beside.all(|address| address.is_some()).then_some(first)
}

/// Whether a moment is close enough to the logon to be its reason.
fn is_near(at: Moment, ntlm: &NtlmLogon) -> bool {
    let before = ntlm.at.time.nanos_since(at.time);
    (-AFTER..BEFORE).contains(&before)
}

/// Kerberos shown to the same server, and turned down.
fn rejected(
    ledger: &Ledger,
    connection: &Connection,
    logon: &Logon,
    ntlm: &NtlmLogon,
) -> Option<(Why, Seen)> {
    if logon.turned_down {
        let error = logon.kerberos.as_ref().and_then(|kerberos| kerberos.error);
        return Some((Why::Rejected(error), logon.offer.clone()));
    }
    let between = ledger.smb.between(connection.client, connection.server);
    let tried = between.flat_map(|connection| &connection.logons).filter_map(|logon| {
        let kerberos = logon.kerberos.as_ref()?;
        let refused = matches!(logon.outcome, Outcome::Refused(_)) || kerberos.error.is_some();
        let before = kerberos.seen.first <= ntlm.at && is_near(kerberos.seen.first, ntlm);
        (refused && before).then_some(kerberos)
    });
    tried.last().map(|kerberos| (Why::Rejected(kerberos.error), kerberos.seen.clone()))
}

/// A KDC's refusal of a ticket for this server, or of this account.
fn no_ticket(ledger: &Ledger, connection: &Connection, ntlm: &NtlmLogon) -> Option<(Why, Seen)> {
    let (user, _) = account::split(&ntlm.user, &ntlm.domain);
    let client = connection.client;
    let refusals = ledger.kerberos.refusals.range((client, String::new(), i32::MIN)..);
    let mut found = refusals
        .take_while(|((who, _, _), _)| *who == client)
        .filter(|((_, name, _), _)| *name == user || is_name_of(ledger, connection, ntlm, name))
        .filter(|(_, refusal)| refusal.times.iter().any(|at| is_near(*at, ntlm)));
    let ((_, name, code), refusal) = found.next()?;
    Some((Why::NoTicket { name: name.clone(), code: *code }, refusal.seen.clone()))
}

/// Whether a service name (`cifs/host`) names the server of a connection.
fn is_name_of(ledger: &Ledger, connection: &Connection, ntlm: &NtlmLogon, sname: &str) -> bool {
    let Some((_, host)) = sname.split_once('/') else { return false };
    let host = host.split(['/', ':', '@']).next().unwrap_or(host);
    let target = ntlm.target_name.as_deref().and_then(|name| name.split_once('/')).map(|(_, host)| host);
    let is_host = |name: &str| is_same_name(name, host);
    connection.called.iter().any(|name| is_host(name))
        || target.is_some_and(is_host)
        || ledger.host(connection.server).is_some_and(|host| host.names.keys().any(|name| is_host(name)))
}

/// Whether two names can be of one host: a short name says nothing of the domain.
fn is_same_name(one: &str, other: &str) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let one_is_short = one.contains('.') != other.contains('.') && !is_address(one) && !is_address(other);
    one.eq_ignore_ascii_case(other) || one_is_short && label(one).eq_ignore_ascii_case(&label(other))
}

/// A KDC that did not answer. Only where the server's side of the capture is there: where it is not, the KDC's is
/// likely not either.
fn no_kdc(ledger: &Ledger, connection: &Connection, ntlm: &NtlmLogon) -> Option<(Why, Seen)> {
    if !connection.server_spoke {
        return None;
    }
    let client = connection.client;
    let counts = |at: Moment| is_near(at, ntlm) && ntlm.kdc_answered.is_none_or(|answered| answered < at);
    let lowest = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    let mut silences = ledger
        .kerberos
        .silences
        .range((client, lowest, Silence::Unanswered)..)
        .take_while(|((who, _, _), _)| *who == client)
        .filter(|(_, silence)| silence.times.iter().any(|at| counts(*at)));
    if let Some(((_, kdc, how), silence)) = silences.next() {
        return Some((Why::NoKdc(*kdc, *how), silence.seen.clone()));
    }
    let mut open = ledger.kerberos.questions.iter().map(|(_, question)| question);
    let question =
        open.find(|question| question.client == client && question.at < ntlm.at && counts(question.at))?;
    Some((Why::NoKdc(question.kdc, Silence::Unanswered), question.seen.clone()))
}
