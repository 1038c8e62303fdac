//! Which TLS servers are site systems: by what they showed and did, else by what they are called.

use crate::finding::Confidence;
use crate::ledger::{Conclusion, Host, Ledger, PeerKey, naming};

use super::{Leaf, NOTIFICATION_PORT, TlsPeer, UPDATE_PORT};

/// How sure it is that the server is a site system, and why; nothing where nothing says so. What it did and showed makes
/// that likely at least; names only suggest.
pub(in crate::ledger) fn role(ledger: &Ledger, key: &PeerKey, peer: &TlsPeer) -> Option<Conclusion> {
    let (_, server, port) = key;
    let host = ledger.host(*server);
    shown(host, *port, peer).or_else(|| {
        let known = host.into_iter().flat_map(|host| host.names.keys()).map(String::as_str);
        let certified = peer.leaves.values().flat_map(Leaf::names);
        let mut names = peer.server_names.iter().map(String::as_str).chain(certified).chain(known);
        let suggestive = names.find(|name| naming::suggests_site_system(name, ledger))?;
        Some((Confidence::Possible, format!("only its name, {suggestive}, suggests a site system")))
    })
}

fn shown(host: Option<&Host>, port: u16, peer: &TlsPeer) -> Option<Conclusion> {
    if let Some(leaf) = peer.leaves.values().find(|leaf| leaf.is_from_site()) {
        // A server that is being changed over, or has several names, shows others as well.
        let whose = if peer.leaves.len() == 1 { "its certificate" } else { "one of its certificates" };
        return Some((Confidence::Certain, format!("{whose} was issued by {}", leaf.issuer())));
    }
    if let Some(sure) = host.and_then(Host::site_system).filter(|sure| *sure >= Confidence::Likely) {
        let roles = host.into_iter().flat_map(|host| host.roles.keys()).filter(|role| role.is_site_system());
        let roles = roles.map(|role| role.name()).collect::<Vec<_>>().join(", ");
        return Some((sure, format!("it was seen to be a site system ({roles})")));
    }
    let why = match port {
        NOTIFICATION_PORT => "port 10123 is that of client notification",
        UPDATE_PORT => "port 8531 is that of software update points",
        _ => return None,
    };
    Some((Confidence::Likely, why.to_owned()))
}
