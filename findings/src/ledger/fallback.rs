//! Why a client used NTLM: what port 88 and the tokens tell of the Kerberos that was tried before.
//!
//! Windows leaves Kerberos out of its offer when it could get no ticket, so the offer alone tells nothing: the
//! exchange with the KDC in the minute before decides.

use std::net::IpAddr;

use capture::Moment;

use super::Ledger;
use super::account;
use super::kerberos::{Refusal, Silence};
use super::smb::{Connection, Logon, NtlmLogon, OID_KERBEROS, OID_NTLMSSP, When, is_address};
pub(crate) use super::why::Why;
use crate::evidence::Seen;

/// How long before the NTLM logon a failure of Kerberos counts as its reason, in nanoseconds.
const BEFORE: i64 = 60 * 1_000_000_000;
/// How long after it: a client asks several KDCs, and answers cross.
const AFTER: i64 = 2 * 1_000_000_000;

/// How long a client waits at least for a silent KDC before it does without, in nanoseconds (the initial retransmission
/// timeout of RFC 6298 2; over UDP no client is quicker). One that goes on sooner had an answer, which was not captured.
const PATIENCE: i64 = 1_000_000_000;

/// How long a client waits at least, before it offers NTLM alone, that has looked for a KDC in vain, in nanoseconds: an
/// address that nobody answers for (ARP, RFC 1122 2.3.2) is given up after three seconds.
const IN_VAIN: i64 = 3 * 1_000_000_000;

/// Why a logon of a connection used NTLM, and where the reason shows. Of logons that are alike, the first with a
/// reason tells.
pub(crate) fn why_ntlm(
    ledger: &Ledger,
    connection: &Connection,
    logon: &Logon,
    ntlm: &NtlmLogon,
) -> (Why, Seen) {
    let address = by_address(ledger, connection);
    let asked = Asked { ledger, connection, ntlm, by_address: address.is_some() };
    if let Some(found) = ntlm.times().find_map(|when| asked.tried(logon, when)) {
        return found;
    }
    let is_kerberos = |mechanism: &String| OID_KERBEROS.contains(&mechanism.as_str());
    let hint = &connection.server_mechanisms;
    let why = if let Some(address) = address {
        Why::ByAddress(address.to_owned())
    } else if !hint.is_empty() && !hint.iter().any(is_kerberos) {
        Why::ServerCannot
    } else if logon.offered.iter().any(is_kerberos) {
        Why::NtlmChosen
    } else if logon.raw && !logon.offered.iter().any(|mechanism| mechanism == OID_NTLMSSP) {
        Why::AskedFor
    } else if let Some(found) = ntlm.times().find_map(|when| asked.nameless(when)) {
        return found;
    } else if let Some((seconds, seen)) = waited(connection, logon) {
        return (Why::Waited(seconds), seen);
    } else {
        Why::Unknown { kerberos: ntlm.times().any(|when| asked.is_after_kerberos(when)) }
    };
    (why, Seen::default())
}

/// The address by which the client called the server, if it used no name. A connection that ends with a refused logon
/// shows neither: then those to the same server that are nearest in time tell, not those of another attempt.
fn by_address<'l>(ledger: &'l Ledger, connection: &'l Connection) -> Option<&'l str> {
    if !connection.called.is_empty() {
        return connection.called_by_address();
    }
    let mut nearest = BEFORE;
    let mut address = None;
    for other in ledger.smb.around(connection).filter(|other| !other.called.is_empty()) {
        let apart = connection.apart(other);
        if apart < nearest {
            (nearest, address) = (apart, other.called_by_address());
        } else if apart == nearest {
            address = address.and(other.called_by_address());
        }
    }
    address
}

/// How many seconds a client kept the server waiting between the negotiation and its first offer, and where that shows,
/// if it was long. A KDC on the same network that is switched off leaves nothing else: there is nobody to send to.
fn waited(connection: &Connection, logon: &Logon) -> Option<(i64, Seen)> {
    let (asked, offer) = (&connection.negotiated, &logon.offer);
    let is_first = connection.logons.first().is_some_and(|first| first.offer.first == offer.first);
    if !is_first || !asked.is_some() || !offer.is_some() {
        return None;
    }
    let pause = offer.first.time.nanos_since(asked.first.time);
    let mut seen = asked.clone();
    seen.merge(offer);
    (IN_VAIN..BEFORE).contains(&pause).then_some((pause / 1_000_000_000, seen))
}

/// Whether a moment is close enough to the logon to be its reason.
fn is_near(at: Moment, when: When) -> bool {
    let before = when.at.time.nanos_since(at.time);
    (-AFTER..BEFORE).contains(&before)
}

/// The logon whose reason is wanted.
struct Asked<'l> {
    ledger: &'l Ledger,
    connection: &'l Connection,
    ntlm: &'l NtlmLogon,
    by_address: bool,
}

impl Asked<'_> {
    /// What became of the Kerberos that was tried before one of the times of the logon. Where the server was called by
    /// its address, only a ticket asked for under that address was tried for it.
    fn tried(&self, logon: &Logon, when: When) -> Option<(Why, Seen)> {
        if let Some(found) =
            self.rejected(logon, when).or_else(|| self.no_ticket(when, is_address_of_service, None))
        {
            return Some(found);
        }
        if self.by_address {
            return None;
        }
        let silence = self.no_kdc(when);
        let silent = silence.as_ref().map(|(at, _)| *at);
        let why_not = self.no_ticket(when, |_| true, silent);
        why_not.or_else(|| silence.map(|(_, found)| found))
    }

    /// Kerberos shown to the same server, and turned down: for a server called by its address, a ticket for that.
    fn rejected(&self, logon: &Logon, when: When) -> Option<(Why, Seen)> {
        if logon.turned_down {
            let error = logon.kerberos.as_ref().and_then(|kerberos| kerberos.error);
            return Some((Why::Rejected(error), logon.offer.clone()));
        }
        let pair = (self.connection.client, self.connection.server);
        let rejections = self.ledger.kerberos.rejections.range((pair.0, pair.1, self.by_address, None)..);
        let tried = rejections
            .take_while(|((client, server, ..), _)| (*client, *server) == pair)
            .filter(|(_, rejection)| rejection.times.iter().any(|at| *at <= when.at && is_near(*at, when)));
        tried.last().map(|((.., error), rejection)| (Why::Rejected(*error), rejection.seen.clone()))
    }

    /// A KDC's refusal of a ticket for this server, or of this account, if its name is one that is `wanted`. One that
    /// was over when a KDC fell `silent` is of an earlier attempt.
    fn no_ticket(&self, when: When, wanted: fn(&str) -> bool, silent: Option<Moment>) -> Option<(Why, Seen)> {
        let over = |at: Moment| silent.is_some_and(|since| since.time.nanos_since(at.time) > AFTER);
        let (user, _) = account::split(&self.ntlm.user, &self.ntlm.domain);
        let refusals = self.clients().flat_map(|client| {
            let refusals = self.ledger.kerberos.refusals.range((client, String::new(), i32::MIN)..);
            refusals.take_while(move |((who, _, _), _)| *who == client)
        });
        let mut found = refusals
            .filter(|((_, name, _), _)| wanted(name) && (*name == user || self.is_service_of(name)))
            .filter(|(_, refusal)| refusal.times.iter().any(|at| is_near(*at, when) && !over(*at)));
        let ((_, name, code), refusal) = found.next()?;
        Some((Why::NoTicket { name: name.clone(), code: *code }, refusal.seen.clone()))
    }

    /// A KDC's refusal that names nothing, of a question that was not captured.
    fn nameless(&self, when: When) -> Option<(Why, Seen)> {
        let client = self.connection.client;
        let refusals = self.ledger.kerberos.refusals.range((client, String::new(), i32::MIN)..);
        let ((.., code), refusal) = refusals
            .take_while(|((who, name, _), _)| *who == client && name.is_empty())
            .find(|(_, refusal)| refusal.times.iter().any(|at| *at < when.at && is_near(*at, when)))?;
        Some((Why::NoTicketForSomething(*code), refusal.seen.clone()))
    }

    /// Whether the client asked a KDC anything just before, or a KDC answered it.
    fn is_after_kerberos(&self, when: When) -> bool {
        let (client, kerberos) = (self.connection.client, &self.ledger.kerberos);
        let near = |at: &Moment| *at < when.at && is_near(*at, when);
        let silences = kerberos.silences_of(client).map(|(_, silence)| silence);
        let open = kerberos.questions.iter().filter(|(_, question)| question.client == client);
        when.kdc_answered.is_some_and(|at| near(&at))
            || silences
                .chain(open.map(|(_, question)| &question.asked))
                .any(|asked| asked.times.iter().any(near))
    }

    /// The client's addresses: it may have asked the KDC from another one.
    fn clients(&self) -> impl Iterator<Item = IpAddr> {
        let client = self.connection.client;
        std::iter::once(client).chain(self.ledger.other_addresses(client))
    }

    /// Whether a service name (`cifs/host`) names the server of the connection.
    fn is_service_of(&self, sname: &str) -> bool {
        let Some(host) = service_host(sname) else { return false };
        let target = self.ntlm.target_name.as_deref().and_then(service_host);
        let is_host = |name: &str| is_same_name(name, host);
        self.connection.called.iter().any(|name| is_host(name))
            || target.is_some_and(is_host)
            || host.parse() == Ok(self.connection.server)
            || self
                .ledger
                .host(self.connection.server)
                .is_some_and(|host| host.names.keys().any(|name| is_host(name)))
    }

    /// A KDC that did not answer, and when it was asked last. Only where the server's side of the capture is there:
    /// where it is not, the KDC's is likely not either.
    fn no_kdc(&self, when: When) -> Option<(Moment, (Why, Seen))> {
        if !self.connection.server_spoke {
            return None;
        }
        self.clients().find_map(|client| self.no_kdc_for(client, when))
    }

    fn no_kdc_for(&self, client: IpAddr, when: When) -> Option<(Moment, (Why, Seen))> {
        let kerberos = &self.ledger.kerberos;
        // Of another address only the last answer is known. One that came after the logon hides those before.
        let answered = if client == self.connection.client {
            when.kdc_answered
        } else {
            kerberos.answered.get(&client).copied()
        };
        let counts = |at: Moment| is_near(at, when) && answered.is_none_or(|answered| answered < at);
        let latest = |how: Silence, refusal: &Refusal| {
            let times = || refusal.times.iter().copied().filter(|at| counts(*at));
            let waited = |at: Moment| when.at.time.nanos_since(at.time) >= PATIENCE;
            if how.is_no_answer() && !times().any(waited) { None } else { times().max() }
        };
        let silences = || {
            let all = kerberos.silences_of(client);
            let real = all.filter(|((.., how), _)| *how != Silence::NotCaptured);
            real.filter_map(|((_, kdc, how), silence)| {
                Some((latest(*how, silence)?, *kdc, *how, &silence.seen))
            })
        };
        // Of what came together the first tells; what was minutes before is of another attempt.
        if let Some(last) = silences().map(|(at, ..)| at).max() {
            let found = silences().find(|(at, ..)| last.time.nanos_since(at.time) <= AFTER);
            return found.map(|(at, kdc, how, seen)| (at, (Why::NoKdc(kdc, how), seen.clone())));
        }
        let open = kerberos.questions.iter().map(|(_, question)| question);
        let mut open = open
            .filter(|question| question.client == client)
            .filter_map(|question| Some((latest(question.silence, &question.asked)?.min(when.at), question)));
        let (at, question) = open.next()?;
        Some((at, (Why::NoKdc(question.kdc, question.silence), question.asked.seen.clone())))
    }
}

/// The host in a service name, without port, domain, or further parts.
fn service_host(sname: &str) -> Option<&str> {
    let (_, host) = sname.split_once('/')?;
    if is_address(host) { Some(host) } else { host.split(['/', ':', '@']).next() }
}

/// Whether a service name is one of an address.
pub(crate) fn is_address_of_service(sname: &str) -> bool {
    service_host(sname).is_some_and(is_address)
}

/// Whether two names can be of one host: a short name says nothing of the domain.
fn is_same_name(one: &str, other: &str) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let one_is_short = one.contains('.') != other.contains('.') && !is_address(one) && !is_address(other);
    one.eq_ignore_ascii_case(other) || one_is_short && label(one).eq_ignore_ascii_case(&label(other))
}
