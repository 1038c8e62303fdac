//! Channels by which clients look for site systems: NetBIOS names, DNS, the directory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use capture::Transport;

use super::{Channel, Grade, Purpose, Reason};
use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::name::NameService;

/// Ports of the name services.
const NETBIOS: u16 = 137;
const LLMNR: u16 = 5355;
const DNS: u16 = 53;

/// Channels of name services.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut found: Vec<Channel> = Vec::new();
    for ((client, server, service, name), lookup) in ledger.names.lookups.iter() {
        let shown = ledger.lookup_shown((*client, *server, name), lookup);
        let Some((seen, _)) = shown.filter(|_| ledger.names.meanings.contains_key(name)) else { continue };
        let (protocol, port, why) = match service {
            NameService::Wins => {
                ("WINS", NETBIOS, "WINS authenticates neither who registers nor who answers")
            }
            NameService::NetbiosBroadcast => {
                ("NBNS", NETBIOS, "anybody on the subnet can answer a broadcast query")
            }
            NameService::Llmnr => ("LLMNR", LLMNR, "anybody on the subnet can answer a multicast query"),
        };
        let site_code = ledger.names.meanings.get(name).and_then(|meaning| meaning.site_code());
        found.push(Channel {
            sealed: None,
            client: *client,
            server: *server,
            port,
            transport: seen.transport().unwrap_or(Transport::Udp),
            protocol: protocol.to_owned(),
            purpose: Purpose::NameService,
            grade: Grade::NotObservable,
            trust: None,
            reasons: vec![Reason::new(Grade::Insecure, why)],
            site_code: site_code.map(str::to_owned),
            seen: seen.clone(),
        });
    }
    for (client, located) in ledger.names.located.iter() {
        for place in located.iter().filter(|place| place.by == "DNS") {
            let Some(server) = place.seen.evidence.first().map(|evidence| evidence.key.server) else {
                continue;
            };
            found.push(Channel {
                sealed: None,
                client: *client,
                server: server.addr,
                port: DNS,
                transport: place.seen.transport().unwrap_or(Transport::Udp),
                protocol: "DNS".to_owned(),
                purpose: Purpose::NameService,
                grade: Grade::NotObservable,
                trust: None,
                reasons: vec![Reason::new(
                    Grade::Weak,
                    "DNS answers are not signed: who is on the path can change them",
                )],
                site_code: ledger.site_code_of(&[*client]).map(str::to_owned),
                seen: place.seen.clone(),
            });
        }
    }
    joined(found).collect()
}

/// Channels of one client to one server and protocol, put together.
fn joined(found: Vec<Channel>) -> impl Iterator<Item = Channel> {
    let mut joined: BTreeMap<_, Channel> = BTreeMap::new();
    for channel in found {
        let key = (channel.client, channel.server, channel.port, channel.protocol.clone());
        match joined.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(channel);
            }
            Entry::Occupied(mut entry) => {
                entry.get_mut().seen.merge(&channel.seen);
                entry.get_mut().reasons.extend(channel.reasons);
            }
        }
    }
    joined.into_values().map(Channel::graded)
}
