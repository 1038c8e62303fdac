//! NBNS, LLMNR, DNS and LDAP: who looks for a site system, how, and who answers.

use std::net::IpAddr;

use capture::Direction;
use decoders::Record;
use decoders::dns::DnsMessage;
use decoders::ldap::LdapEvent;
use decoders::nbns::NbnsMessage;

use crate::evidence::Evidence;
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::name::{Located, NameService, SiteName};
use crate::ledger::{Ledger, NameSource, Role};

/// NBNS opcodes (RFC 1002 4.2.1.1, [MS-NBTE] 2.2.2).
const QUERY: u8 = 0;
const REGISTRATION: u8 = 5;
const RELEASE: u8 = 6;
const REFRESH: [u8; 2] = [8, 9];
const MULTI_HOMED_REGISTRATION: u8 = 15;
/// NM_FLAGS bit RA of a response: a name server speaks, not an end node.
const RECURSION_AVAILABLE: u16 = 0x0080;
/// NM_FLAGS bit RD of a query: a client asks a name server, not a name server an owner (RFC 1002 4.2.1.1).
const RECURSION_DESIRED: u16 = 0x0100;
/// The TTL of a well-known poisoning tool's answers, in seconds.
const TOOL_TTL: u32 = 300_000;
/// DNS record types.
const SRV: u16 = 33;

/// Who sent the message of a record, and who was to get it.
pub(super) const fn ends(record: &Record) -> (IpAddr, IpAddr) {
    match record.direction {
        Direction::ToServer => (record.key.client.addr, record.key.server.addr),
        Direction::ToClient => (record.key.server.addr, record.key.client.addr),
    }
}

/// Enters a NetBIOS name service packet.
pub(super) fn nbns(ledger: &mut Ledger, record: &Record, message: &NbnsMessage) {
    let (sender, receiver) = ends(record);
    if message.response && message.opcode == QUERY && message.flags & RECURSION_AVAILABLE != 0 {
        ledger.claim(
            sender,
            Role::WinsServer,
            Confidence::Likely,
            record,
            "answers NetBIOS name queries as a name server",
        );
    }
    if message.response && message.opcode == QUERY && message.rcode == 0 && !message.addresses.is_empty() {
        answered(ledger, sender, &message.display_name(), message.flags & RECURSION_AVAILABLE != 0);
    }
    let Some(meaning) = SiteName::parse(&message.name, message.suffix) else { return };
    let name = message.display_name().to_ascii_uppercase();
    if let Some(code) = meaning.site_code() {
        for addr in message.addresses.iter().map(|(_, addr)| IpAddr::V4(*addr)) {
            ledger.site_code(addr, code);
        }
    }
    ledger.names.meanings.entry(name.clone()).or_insert(meaning);
    match (message.opcode, message.response) {
        (QUERY, false) => lookup(ledger, record, message, &name),
        (QUERY, true) => answer(ledger, record, message, &name),
        (REGISTRATION | MULTI_HOMED_REGISTRATION, false) => register(ledger, record, message, &name),
        (opcode, false) if REFRESH.contains(&opcode) => register(ledger, record, message, &name),
        (REGISTRATION | MULTI_HOMED_REGISTRATION, true) if message.rcode != 0 => {
            if let Some(entry) = ledger.names.registrations.get_mut(&(name.clone(), receiver, sender)) {
                entry
                    .refused
                    .note(record, || format!("registration of {name} refused, rcode {}", message.rcode));
            } else if let Some(entry) =
                ledger.names.registrations.first_mut(|key| key.0 == name && key.1 == receiver)
            {
                entry
                    .refused
                    .note(record, || format!("registration of {name} defended, rcode {}", message.rcode));
            }
        }
        (RELEASE, false) => {
            if let Some(entry) = ledger.names.registrations.get_mut(&(name.clone(), sender, receiver)) {
                entry.released.note(record, || format!("release of {name}"));
            }
        }
        _ => {}
    }
}

fn lookup(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let service = if message.is_broadcast() { NameService::NetbiosBroadcast } else { NameService::Wins };
    // A name server asks the owner of a name whether it still has it: without recursion, which clients desire.
    if service == NameService::Wins && message.flags & RECURSION_DESIRED == 0 {
        return;
    }
    let as_service = ledger.names.meanings.get(name).is_some_and(|meaning| meaning.as_service);
    if as_service {
        ledger.claim(sender, Role::Client, Confidence::Likely, record, &format!("looks for {name}"));
    }
    if let Some(entry) =
        ledger.names.lookups.entry((sender, receiver, service, name.to_owned()), Default::default)
    {
        entry.asked.note(record, || format!("name query {name}, flags {:#06x}", message.flags));
    }
}

fn answer(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    if message.rcode != 0 || message.addresses.is_empty() {
        let asked = (receiver, sender, NameService::Wins, name.to_owned());
        if let Some(entry) = ledger.names.lookups.get_mut(&asked) {
            entry.denied.note(record, || format!("{name} not found, rcode {}", message.rcode));
        }
        return;
    }
    let addresses: Vec<IpAddr> = message.addresses.iter().map(|(_, addr)| IpAddr::V4(*addr)).collect();
    let end_node = message.flags & RECURSION_AVAILABLE == 0;
    let no_node_type = message.addresses.iter().all(|(flags, _)| *flags == 0);
    if let Some(entry) = ledger.names.answers.entry((name.to_owned(), receiver, sender), Default::default) {
        entry.seen.note(record, || {
            let list = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("{name} is at {list}, TTL {} s, flags {:#06x}", message.ttl.unwrap_or(0), message.flags)
        });
        entry.addresses.extend(&addresses);
        entry.ttl = message.ttl;
        entry.tool_like |=
            end_node && no_node_type && message.ttl == Some(TOOL_TTL) && message.questions == 0;
    }
    let trusted = if end_node { Confidence::Possible } else { Confidence::Likely };
    for addr in addresses {
        ledger.claim(addr, Role::ManagementPoint, trusted, record, &format!("{name} is said to be there"));
    }
}

fn register(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let addresses: Vec<IpAddr> = message.addresses.iter().map(|(_, addr)| IpAddr::V4(*addr)).collect();
    for addr in &addresses {
        ledger.claim(*addr, Role::ManagementPoint, Confidence::Likely, record, &format!("registers {name}"));
    }
    if let Some(entry) =
        ledger.names.registrations.entry((name.to_owned(), sender, receiver), Default::default)
    {
        entry.addresses.extend(&addresses);
        entry.seen.note(record, || {
            let list = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("registration of {name} for {list}, flags {:#06x}", message.flags)
        });
    }
}

/// Notes that a host answered for a name although nobody made it a name server.
fn answered(ledger: &mut Ledger, responder: IpAddr, name: &str, as_server: bool) {
    let bound = ledger.limits.list;
    if as_server {
        return;
    }
    if let Some(names) = ledger.names.responders.entry(responder, Default::default)
        && names.len() < bound
    {
        names.insert(name.to_ascii_uppercase());
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
    answered(ledger, sender, &name, false);
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
    if message.response {
        super::kerberos::located(ledger, record, message);
    }
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
    let Some(code) = srv_site_code(&message.query) else { return };
    if message.services.is_empty() {
        return;
    }
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
    located(ledger, client, "DNS", record, &format!("{} answered", message.query));
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
            ledger.names.searching = ours.then_some(flow);
        }
        LdapEvent::SearchDone { code: 0, entries }
            if *entries > 0 && ledger.names.searching == Some(flow) =>
        {
            let (server, client) = ends(record);
            ledger.claim(
                server,
                Role::DomainController,
                Confidence::Certain,
                record,
                "answers LDAP searches",
            );
            located(ledger, client, "Active Directory", record, "a search for ConfigMgr objects found some");
        }
        LdapEvent::SearchDone { .. }
        | LdapEvent::Bind { .. }
        | LdapEvent::BindDone { .. }
        | LdapEvent::Protected { .. }
        | LdapEvent::StartTls => {}
    }
}

fn located(ledger: &mut Ledger, client: IpAddr, by: &'static str, record: &Record, what: &str) {
    let bound = ledger.limits.list;
    let Some(entries) = ledger.names.located.entry(client, Vec::new) else { return };
    if entries.len() < bound {
        let mut seen = Seen::default();
        seen.count_at(record.at);
        seen.evidence.push(Evidence::of(record, what));
        entries.push(Located { by, at: record.at, seen });
    }
}
