//! What a flow lies between, and ends of flows: who did not answer, and that a connection's facts are complete.

use std::net::IpAddr;

use capture::Transport;
use decoders::{FlowEnd, Record};

use crate::ledger::Ledger;
use crate::ledger::push::note_episode;

/// Ports of SMB: direct, and over NetBIOS.
const SMB_PORTS: [u16; 2] = [445, 139];

/// Client, server and the server's port of a record's flow.
pub(super) const fn channel(record: &Record) -> (IpAddr, IpAddr, u16) {
    let (client, server) = (record.key.client, record.key.server);
    (client.addr, server.addr, server.port)
}

/// Enters the end of a flow.
pub(super) fn ended(ledger: &mut Ledger, record: &Record, end: &FlowEnd) {
    super::kerberos::flow_ended(ledger, record, end);
    super::names::flow_ended(ledger, record);
    let (hosts, push) = (&ledger.hosts, &ledger.push);
    ledger.smb.end(record, |client, server| {
        let of_the_site = |addr| hosts.get(&addr).is_some_and(|host| host.site_system().is_some());
        push.signs.get(&(client, server)).is_none() && !of_the_site(client) && !of_the_site(server)
    });
    let failed = end.unanswered || end.refused || end.unreachable && end.to_client.packets == 0;
    let smb = record.key.transport == Transport::Tcp && SMB_PORTS.contains(&record.key.server.port);
    if failed && smb {
        let bound = ledger.limits.list;
        let pair = (record.key.client.addr, record.key.server.addr);
        if let Some(failures) = ledger.push.failures.entry(pair, Default::default) {
            failures.seen.note(record, || format!("no connection to port {}", record.key.server.port));
            note_episode(&mut failures.episodes, end.started, bound);
        }
    }
    for (addr, mac) in [(record.key.client.addr, end.client_mac), (record.key.server.addr, end.server_mac)] {
        let bound = ledger.limits.identities_per_host;
        let Some(mac) = mac else { continue };
        // The end of a flow makes no host of who was in it.
        let host = ledger.hosts.get_mut(&addr);
        if host.as_ref().is_some_and(|host| host.macs.contains(&mac)) {
            // Noted with its card when it was seen first.
            continue;
        }
        ledger.cards.note(mac, addr);
        if let Some(host) = host.filter(|host| host.macs.len() < bound) {
            host.macs.insert(mac);
        }
    }
}
