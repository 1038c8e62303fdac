//! The NetBIOS name service: who asks for a ConfigMgr name, who answers, and who registers one.

use std::collections::BTreeSet;
use std::net::IpAddr;

use decoders::Record;
use decoders::nbns::NbnsMessage;

use super::{answered, ends};
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::name::{Answer, NameService, SiteName};
use crate::ledger::{Ledger, Role};

/// NBNS opcodes (RFC 1002 4.2.1.1, [MS-NBTE] 2.2.2).
const QUERY: u8 = 0;
const REGISTRATION: u8 = 5;
const RELEASE: u8 = 6;
const REFRESH: [u8; 2] = [8, 9];
const MULTI_HOMED_REGISTRATION: u8 = 15;
/// RCODE of a refused registration: another node owns the name (RFC 1002 4.2.6).
const ACTIVE: u8 = 6;
/// RCODE of a name in conflict (RFC 1002 4.2.6): of a refusal, or of a demand to give the name up (4.2.8).
const CONFLICT: u8 = 7;
/// NB_FLAGS bit G: the name of a group, which many hosts answer for (RFC 1002 4.2.1.3).
const GROUP: u16 = 0x8000;
/// Suffixes of a host's own names: workstation and server service.
const HOST: [u8; 2] = [0x00, 0x20];
/// NM_FLAGS bit RA of a response: a name server speaks, not an end node.
const RECURSION_AVAILABLE: u16 = 0x0080;
/// NM_FLAGS bit RD of a query: a client asks a name server, not a name server an owner (RFC 1002 4.2.1.1).
const RECURSION_DESIRED: u16 = 0x0100;
/// The TTL of a well-known poisoning tool's answers, in seconds.
const TOOL_TTL: u32 = 300_000;

/// Enters a NetBIOS name service packet.
pub(in crate::observe) fn nbns(ledger: &mut Ledger, record: &Record, message: &NbnsMessage) {
    let (sender, receiver) = ends(record);
    name_server(ledger, record, message);
    if message.response && message.opcode == QUERY && message.rcode == 0 && !message.addresses.is_empty() {
        host_answered(ledger, record, message);
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
            refused(ledger, record, message, &name);
        }
        (RELEASE, false) => {
            if let Some(entry) = ledger.names.registrations.get_mut(&(name.clone(), sender, receiver)) {
                entry.released.note(record, || format!("release of {name}"));
            }
        }
        _ => {}
    }
}

/// Enters what came back for a registration. A demand to give a name up that somebody has answers none.
fn refused(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let taken = message.rcode == ACTIVE;
    let key = (name.to_owned(), receiver, sender);
    let with_server = ledger.names.registrations.get(&key).is_some();
    let entry = if with_server {
        ledger.names.registrations.get_mut(&key)
    } else {
        ledger.names.first_registration(name, receiver)
    };
    let answers = |trn_id| message.rcode != CONFLICT || message.trn_id == trn_id;
    let Some(entry) = entry.filter(|entry| answers(entry.trn_id)) else { return };
    let what = if with_server { "refused" } else { "defended" };
    entry.refused.note(record, || format!("registration of {name} {what}, rcode {}", message.rcode));
    entry.taken |= taken;
    if !with_server {
        entry.defender = entry.defender.or(taken.then_some(sender));
    }
}

/// Notes who answers queries or registrations as a name server.
fn name_server(ledger: &mut Ledger, record: &Record, message: &NbnsMessage) {
    let what = match message.opcode {
        QUERY => "answers NetBIOS name queries as a name server",
        REGISTRATION | MULTI_HOMED_REGISTRATION => "takes NetBIOS name registrations",
        _ => return,
    };
    // An end node that defends its name refuses with the same flags (RFC 1002 4.2.6). Samba answers a broadcast with
    // them, too, for the names that it has itself.
    let (sender, _) = ends(record);
    let own = message.rcode == 0 && message.addresses.iter().all(|(_, addr)| IpAddr::V4(*addr) == sender);
    let taken = message.response && message.flags & RECURSION_AVAILABLE != 0;
    let shows = if message.opcode == QUERY { !own } else { message.rcode == 0 };
    if taken && shows {
        ledger.claim(sender, Role::WinsServer, Confidence::Likely, record, what);
    }
}

/// Notes a host that answers for a host's name, and keeps the answer if it is one that poisoning tools send: the name
/// may turn out to be a site system's.
fn host_answered(ledger: &mut Ledger, record: &Record, message: &NbnsMessage) {
    let group = message.addresses.iter().any(|(flags, _)| flags & GROUP != 0);
    let end_node = message.flags & RECURSION_AVAILABLE == 0;
    if group || !end_node || !HOST.contains(&message.suffix) {
        return;
    }
    let (sender, receiver) = ends(record);
    let name = message.name.to_ascii_uppercase();
    answered(ledger, sender, &name);
    if tool_like(message)
        && let Some(entry) = ledger.names.answers.entry((name.clone(), receiver, sender), Default::default)
    {
        entry.tool_like = true;
        enter(entry, record, message, &name);
    }
}

/// Whether an answer is the very packet of a well-known poisoning tool.
fn tool_like(message: &NbnsMessage) -> bool {
    let end_node = message.flags & RECURSION_AVAILABLE == 0;
    let no_node_type = message.addresses.iter().all(|(flags, _)| *flags == 0);
    end_node && no_node_type && message.ttl == Some(TOOL_TTL) && message.questions == 0
}

/// Enters what a NetBIOS answer says.
fn enter(entry: &mut Answer, record: &Record, message: &NbnsMessage, name: &str) {
    let addresses = addresses(message);
    entry.netbios = true;
    entry.ttl = message.ttl;
    entry.seen.note(record, || {
        let list = list(&addresses);
        format!("{name} is at {list}, TTL {} s, flags {:#06x}", message.ttl.unwrap_or(0), message.flags)
    });
    entry.addresses.extend(addresses);
}

fn addresses(message: &NbnsMessage) -> BTreeSet<IpAddr> {
    message.addresses.iter().map(|(_, addr)| IpAddr::V4(*addr)).collect()
}

fn list(addresses: &BTreeSet<IpAddr>) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether a query is a name server's that asks the owner of a name whether it still has it: from a host with which
/// somebody registered that name; or without the recursion that most clients desire, from one that takes registrations.
fn is_challenge(ledger: &Ledger, message: &NbnsMessage, name: &str, sender: IpAddr) -> bool {
    let plain = message.flags & RECURSION_DESIRED == 0;
    plain && ledger.role(sender, Role::WinsServer).is_some()
        || ledger.names.last_registrant(name, sender).is_some()
}

/// Enters what an owner answers to a name server's challenge: whoever else registered the name there took what has an
/// owner.
fn defended(ledger: &mut Ledger, record: &Record, name: &str, addresses: &BTreeSet<IpAddr>) {
    let (owner, server) = ends(record);
    let Some(registrant) = ledger.names.last_registrant(name, server) else { return };
    let entry = ledger.names.registrations.get_mut(&(name.to_owned(), registrant, server));
    if let Some(entry) = entry.filter(|entry| entry.addresses.is_disjoint(addresses))
        && !addresses.is_empty()
        && registrant != owner
    {
        entry.taken = true;
        entry.defender.get_or_insert(owner);
        entry.refused.note(record, || format!("{owner} says that it has {name}"));
    }
}

fn lookup(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let service = if message.is_broadcast() { NameService::NetbiosBroadcast } else { NameService::Wins };
    if service == NameService::Wins && is_challenge(ledger, message, name, sender) {
        return;
    }
    let as_service = ledger.names.meanings.get(name).is_some_and(|meaning| meaning.as_service);
    let plain = service == NameService::Wins && message.flags & RECURSION_DESIRED == 0;
    if as_service {
        let sure = if plain { Confidence::Possible } else { Confidence::Likely };
        ledger.claim(sender, Role::Client, sure, record, &format!("looks for {name}"));
    }
    if let Some(entry) =
        ledger.names.lookups.entry((sender, receiver, service, name.to_owned()), Default::default)
    {
        entry.plain = plain && (entry.plain || !entry.asked.is_some());
        entry.asked.note(record, || format!("name query {name}, flags {:#06x}", message.flags));
    }
}

fn answer(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let end_node = message.flags & RECURSION_AVAILABLE == 0;
    if end_node && ledger.names.last_registrant(name, receiver).is_some() {
        defended(ledger, record, name, &addresses(message));
        return;
    }
    if message.rcode != 0 || message.addresses.is_empty() {
        // Frames of two taps are not in strict order: the query may still come.
        let asked = (receiver, sender, NameService::Wins, name.to_owned());
        if let Some(entry) = ledger.names.lookups.entry(asked, Default::default) {
            entry.denied.note(record, || format!("{name} not found, rcode {}", message.rcode));
        }
        return;
    }
    if let Some(entry) = ledger.names.answers.entry((name.to_owned(), receiver, sender), Default::default) {
        entry.tool_like |= tool_like(message);
        enter(entry, record, message, name);
    }
    let addresses = addresses(message);
    if !end_node {
        recorded(ledger, record, name, &addresses);
        let asked = (receiver, sender, NameService::Wins, name.to_owned());
        if let Some(entry) = ledger.names.lookups.entry(asked, Default::default) {
            entry.given.note(record, || format!("{name} is at {}", list(&addresses)));
        }
    }
    let trusted = if end_node { Confidence::Possible } else { Confidence::Likely };
    for addr in addresses {
        ledger.claim(addr, Role::ManagementPoint, trusted, record, &format!("{name} is said to be there"));
    }
}

/// Enters what a name server says of a name, and whether that is another thing than before.
fn recorded(ledger: &mut Ledger, record: &Record, name: &str, addresses: &BTreeSet<IpAddr>) {
    let (server, client) = ends(record);
    let key = (name.to_owned(), server);
    let Some(entry) = ledger.names.records.entry(key, Default::default) else { return };
    let what = || format!("{name} is at {}", list(addresses));
    if entry.addresses.is_empty() || !entry.addresses.is_disjoint(addresses) {
        entry.seen.note(record, what);
        entry.addresses.extend(addresses);
    } else {
        let changed = entry.changed.get_or_insert_with(|| (client, addresses.clone(), Seen::default()));
        changed.2.note(record, what);
    }
}

fn register(ledger: &mut Ledger, record: &Record, message: &NbnsMessage, name: &str) {
    let (sender, receiver) = ends(record);
    let addresses = addresses(message);
    for addr in &addresses {
        ledger.claim(*addr, Role::ManagementPoint, Confidence::Likely, record, &format!("registers {name}"));
    }
    if let Some(last) = ledger.names.registrants.entry((name.to_owned(), receiver), || sender) {
        *last = sender;
    }
    if let Some(entry) =
        ledger.names.registrations.entry((name.to_owned(), sender, receiver), Default::default)
    {
        let multi_homed = message.opcode == MULTI_HOMED_REGISTRATION;
        entry.trn_id = message.trn_id;
        entry.multi_homed = multi_homed && (entry.multi_homed || !entry.seen.is_some());
        entry.seen.note(record, || {
            format!("registration of {name} for {}, flags {:#06x}", list(&addresses), message.flags)
        });
        entry.addresses.extend(addresses);
    }
}
