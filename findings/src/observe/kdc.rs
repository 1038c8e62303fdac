//! DNS about KDCs: who looks for one, by the service or by the name it has, and whether the answer says where it is.
//! What becomes of the questions to it is `kerberos`'s.

use capture::Direction;
use decoders::Record;
use decoders::dns::DnsMessage;

use super::kerberos::waiting;
use super::names::ends;
use crate::ledger::kerberos::Silence;
use crate::ledger::{Ledger, Role};

/// DNS record types, and answers that give no name: SERVFAIL, NXDOMAIN, REFUSED (RFC 1035 4.1.1).
const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const NO_SUCH: [u8; 3] = [2, 3, 5];
/// Names under which clients look for a KDC (RFC 4120 7.2.3.2). Others that begin alike are asked in passing and are
/// not there as a rule: `_kerberos-master`, and the realm of a host.
const KDC_NAMES: [&str; 2] = ["_kerberos._tcp.", "_kerberos._udp."];

/// Enters a DNS message: whether somebody looks for a KDC, and whether the answer says where one is.
pub(super) fn located(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    let name = || message.query.to_ascii_lowercase();
    match message.qtype {
        SRV if KDC_NAMES.iter().any(|known| begins(&message.query, known)) => {}
        A | AAAA if message.response && is_kdc(ledger, &name()) => {
            return resolved(ledger, record, message);
        }
        _ => return,
    }
    if !message.response {
        if record.direction == Direction::ToServer {
            waiting(ledger, record, Silence::NotLocated, || format!("DNS query for {}", name()));
        }
        return;
    }
    ledger.kerberos.questions.remove(&record.flow);
    if message.services.is_empty() {
        return not_found(ledger, record, message, Silence::NotFound);
    }
    for service in &message.services {
        ledger.kerberos.kdcs.entry(service.target.to_ascii_lowercase(), || ());
    }
    let (_, client) = ends(record);
    ledger.kerberos.found(client, &[Silence::NotFound, Silence::NotLocated]);
}

fn begins(query: &str, known: &str) -> bool {
    query.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known))
}

/// Whether a name is a KDC's: DNS gave it as one, or the host of that name answered as one.
fn is_kdc(ledger: &Ledger, name: &str) -> bool {
    let answered = |addr| ledger.role(addr, Role::DomainController).is_some();
    ledger.kerberos.kdcs.get(name).is_some() || ledger.addr_of(name).is_some_and(answered)
}

/// Enters what DNS says of the address of a KDC.
fn resolved(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    if message.addresses.is_empty() {
        return not_found(ledger, record, message, Silence::NoAddress);
    }
    let (_, client) = ends(record);
    ledger.kerberos.found(client, &[Silence::NoAddress]);
}

fn not_found(ledger: &mut Ledger, record: &Record, message: &DnsMessage, what: Silence) {
    let (server, client) = ends(record);
    let bound = ledger.limits.list;
    if NO_SUCH.contains(&message.rcode)
        && let Some(silence) = ledger.kerberos.silences.entry((client, server, what), Default::default)
    {
        silence.happened(record.at, bound);
        silence.seen.note(record, || {
            format!("DNS answers {}: rcode {}", message.query.to_ascii_lowercase(), message.rcode)
        });
    }
}
