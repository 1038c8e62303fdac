//! NBNS, LLMNR, DNS and LDAP: who looks for a site system, how, and who answers.

mod nbns;

use std::net::IpAddr;

use capture::Direction;
use decoders::Record;
use decoders::dns::DnsMessage;
use decoders::ldap::{Auth, LdapEvent};

use crate::evidence::Evidence;
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::located::{Located, Protection};
use crate::ledger::name::NameService;
use crate::ledger::{Ledger, NameSource, Role};

pub(super) use nbns::nbns;

/// DNS record types.
const SRV: u16 = 33;

/// Who sent the message of a record, and who was to get it.
pub(super) const fn ends(record: &Record) -> (IpAddr, IpAddr) {
    match record.direction {
        Direction::ToServer => (record.key.client.addr, record.key.server.addr),
        Direction::ToClient => (record.key.server.addr, record.key.client.addr),
    }
}

/// Notes that a host answered for a name although nobody made it a name server.
fn answered(ledger: &mut Ledger, responder: IpAddr, name: &str) {
    let bound = ledger.limits.list;
    // So that its hardware address is kept, which tells whether it is another host's second address.
    let _ = ledger.host_mut(responder);
    if let Some(names) = ledger.names.responders.entry(responder, Default::default)
        && names.len() < bound
    {
        names.insert(name.to_owned());
    }
}

/// Enters an LLMNR message.
pub(super) fn llmnr(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    let (sender, receiver) = ends(record);
    let name = message.query.to_ascii_uppercase();
    if name.is_empty() {
        return;
    }
    if !message.response {
        if let Some(entry) =
            ledger.names.lookups.entry((sender, receiver, NameService::Llmnr, name.clone()), Default::default)
        {
            entry.asked.note(record, || format!("LLMNR query {name}"));
        }
        return;
    }
    if message.rcode != 0 || message.addresses.is_empty() {
        return;
    }
    answered(ledger, sender, &name);
    if let Some(entry) = ledger.names.answers.entry((name.clone(), receiver, sender), Default::default) {
        entry.addresses.extend(message.addresses.iter().map(|(_, addr)| *addr));
        entry.ttl = message.ttl;
        entry.seen.note(record, || {
            let list =
                message.addresses.iter().map(|(_, addr)| addr.to_string()).collect::<Vec<_>>().join(", ");
            format!("LLMNR: {name} is at {list}")
        });
    }
}

/// Enters a DNS message: names of addresses, and the SRV records by which clients find management points.
pub(super) fn dns(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    super::kdc::located(ledger, record, message);
    if !message.response || message.rcode != 0 {
        return;
    }
    let (server, client) = ends(record);
    for (name, addr) in &message.addresses {
        ledger.name(*addr, name, NameSource::Dns);
        if !message.query.eq_ignore_ascii_case(name) && message.qtype != SRV {
            ledger.name(*addr, &message.query, NameSource::Dns);
        }
    }
    if message.services.is_empty() {
        return;
    }
    let Some(code) = srv_site_code(&message.query) else { return };
    ledger.claim(server, Role::DnsServer, Confidence::Certain, record, "answers DNS queries");
    ledger.claim(client, Role::Client, Confidence::Likely, record, &format!("looks for {}", message.query));
    for service in &message.services {
        let known = message.addresses.iter().find(|(name, _)| name.eq_ignore_ascii_case(&service.target));
        let addr = known.map(|(_, addr)| *addr).or_else(|| ledger.addr_of(&service.target));
        if let Some(addr) = addr {
            let what = format!("{} names {} port {}", message.query, service.target, service.port);
            ledger.claim(addr, Role::ManagementPoint, Confidence::Likely, record, &what);
            ledger.site_code(addr, &code);
            ledger.name(addr, &service.target, NameSource::Dns);
        }
    }
    let what = format!("{} answered", message.query);
    located(ledger, client, ("DNS", Protection::None), record, &what);
}

/// The site code in `_mssms_mp_<site>._tcp.<domain>`.
fn srv_site_code(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let (code, _) = lower.strip_prefix("_mssms_mp_")?.split_once("._tcp")?;
    (code.len() == 3).then(|| code.to_ascii_uppercase())
}

/// Enters an LDAP event: a directory search for ConfigMgr objects that found some.
pub(super) fn ldap(ledger: &mut Ledger, record: &Record, event: &LdapEvent) {
    let flow = record.flow;
    match event {
        LdapEvent::Search { base, filter_attributes, classes, attributes, .. } => {
            let ours = base.to_ascii_lowercase().contains("cn=system management")
                || filter_attributes
                    .iter()
                    .chain(classes)
                    .chain(attributes)
                    .any(|text| text.to_ascii_lowercase().contains("mssms"));
            if ours {
                ledger.names.searching.entry(flow, || ());
            } else {
                ledger.names.searching.remove(&flow);
            }
        }
        LdapEvent::SearchDone { code, entries } => {
            let ours = ledger.names.searching.remove(&flow).is_some();
            if !ours || *code != 0 || *entries == 0 {
                return;
            }
            let (server, client) = ends(record);
            ledger.claim(
                server,
                Role::DomainController,
                Confidence::Certain,
                record,
                "answers LDAP searches",
            );
            let known = ledger.names.protections.get(&flow).copied().unwrap_or_default();
            let protection = if record.opened { Protection::Tls } else { known };
            let by = ("Active Directory", protection);
            located(ledger, client, by, record, "a search for ConfigMgr objects found some");
        }
        LdapEvent::Bind { auth: Auth::Simple, .. } => {
            ledger.names.protections.entry(flow, || Protection::NoneForPassword);
        }
        LdapEvent::Protected { sealed: false } => {
            ledger.names.protections.entry(flow, || Protection::Signed);
        }
        LdapEvent::Bind { .. }
        | LdapEvent::BindDone { .. }
        | LdapEvent::Protected { .. }
        | LdapEvent::StartTls => {}
    }
}

/// Enters the end of a flow.
pub(super) fn flow_ended(ledger: &mut Ledger, record: &Record) {
    ledger.names.searching.remove(&record.flow);
    ledger.names.protections.remove(&record.flow);
}

fn located(
    ledger: &mut Ledger,
    client: IpAddr,
    (by, protection): (&'static str, Protection),
    record: &Record,
    what: &str,
) {
    let bound = ledger.limits.list;
    let Some(entries) = ledger.names.located.entry(client, Vec::new) else { return };
    if entries.len() < bound {
        let mut seen = Seen::default();
        seen.count_at(record.at);
        seen.evidence.push(Evidence::of(record, what));
        entries.push(Located { by, at: record.at, protection, seen });
    }
}
