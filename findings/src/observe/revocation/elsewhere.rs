//! What is told of revocation outside HTTP: which places certificates name, whether their names have addresses, and what
//! a directory answers about lists.

use decoders::Record;
use decoders::dns::DnsMessage;
use decoders::ldap::LdapEvent;

use super::{enter, failed, key};
use crate::evidence::Seen;
use crate::ledger::Ledger;
use crate::ledger::revocation::{FetchFlow, Lookups, Place, places_of};
use crate::observe::names::ends;

/// The attribute that holds a list in a directory, and the class of entries that have it (RFC 4523 2.5, 2.9).
const LIST_ATTRIBUTE: &str = "certificaterevocationlist";
const LIST_CLASS: &str = "crldistributionpoint";
/// DNS record types of addresses.
const ADDRESSES: [u16; 2] = [1, 28];

/// Enters an LDAP event: a search for a list, and what it found.
pub(in crate::observe) fn ldap(ledger: &mut Ledger, record: &Record, event: &LdapEvent) {
    match event {
        LdapEvent::Search { base, attributes, classes, .. } => {
            let wanted = attributes.iter().any(|name| {
                let name = name.split(';').next().unwrap_or_default();
                name.eq_ignore_ascii_case(LIST_ATTRIBUTE)
            });
            let wanted = wanted || classes.iter().any(|class| class.eq_ignore_ascii_case(LIST_CLASS));
            let key = wanted.then(|| key(record, Place::entry("", base), false));
            if key.is_none() && ledger.revocation.flows.get(&record.flow).is_none() {
                return;
            }
            if let Some(flow) = ledger.revocation.flows.entry(record.flow, FetchFlow::default) {
                flow.search = key;
            }
        }
        LdapEvent::SearchDone { code, entries } => {
            let flow = ledger.revocation.flows.get_mut(&record.flow);
            let Some(key) = flow.and_then(|flow| flow.search.take()) else { return };
            match (*code, *entries) {
                (0, 1..) => enter(ledger, &key, |fetches, key| {
                    fetches.good.note(record, || format!("{}: found", key.place));
                }),
                (0, 0) => failed(ledger, record, &key, "answered that there is none"),
                (code, _) => failed(ledger, record, &key, &format!("answered with result code {code}")),
            }
        }
        LdapEvent::Bind { .. }
        | LdapEvent::BindDone { .. }
        | LdapEvent::Protected { .. }
        | LdapEvent::StartTls => {}
    }
}

/// Enters an answer of a name server about an address.
pub(in crate::observe) fn dns(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    let wanted = message.response && message.opcode == 0 && ADDRESSES.contains(&message.qtype);
    if !wanted || !message.query.contains('.') {
        return;
    }
    let found = !message.addresses.is_empty();
    // Without an address of this family there may be one of the other.
    if found && ledger.revocation.lookups.is_empty() || !found && message.rcode == 0 {
        return;
    }
    let (server, client) = ends(record);
    let key = (client, message.query.trim_end_matches('.').to_ascii_lowercase());
    if found {
        if let Some(lookups) = ledger.revocation.lookups.get_mut(&key) {
            lookups.resolved = true;
        }
        return;
    }
    let made = || Lookups { denied: Seen::default(), server, rcode: message.rcode, resolved: false };
    if let Some(lookups) = ledger.revocation.lookups.entry(key, made) {
        lookups.denied.note(record, || format!("{}: response code {}", message.query, message.rcode));
        lookups.server = server;
        lookups.rcode = message.rcode;
    }
}

/// Enters what the certificate of a registration says.
pub(in crate::observe) fn registered(
    ledger: &mut Ledger,
    record: &Record,
    sha256: &str,
    lists: &[String],
    access: &[String],
) {
    let key = (record.key.server.addr, sha256.to_owned());
    if ledger.revocation.registered.get(&key).is_some() {
        return;
    }
    let places = places_of(lists, access);
    if places.is_empty() {
        return;
    }
    let hosts = &ledger.hosts;
    ledger.revocation.registered.entry_before(
        key,
        || places,
        |(server, _), _| hosts.get(server).is_some_and(|host| host.site_system().is_some()),
    );
}
