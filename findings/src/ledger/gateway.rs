//! Which TLS servers are cloud management gateways.
//!
//! A gateway is a service in Azure and is named like any other there, unless it has a name of the organisation's own.
//! The name alone therefore makes it no more than possible; something else has to speak of ConfigMgr.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::tls::{Leaf, TlsPeer};
use super::{Conclusion, Ledger, NameSource, PeerKey, Role};
use crate::finding::Confidence;

/// Ports on which a connection point keeps its sessions: HTTPS by 10124 to 10139, TCP-TLS by 10140 to 10155.
pub(crate) const CONNECTOR_PORTS: RangeInclusive<u16> = 10_124..=10_155;

/// Whether a host name is one that Azure gives to a service a gateway can be.
pub(crate) fn is_azure_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let labels = |suffix: &str| {
        let (rest, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
        if !end.eq_ignore_ascii_case(suffix) {
            return None;
        }
        let fine = rest.split('.').all(|label| !label.is_empty() && !label.contains('*'));
        fine.then(|| rest.split('.').count())
    };
    // Classic: service.cloudapp.net. Scale set: service.region.cloudapp.azure.com.
    labels(".cloudapp.net") == Some(1) || labels(".cloudapp.azure.com") == Some(2)
}

/// TLS of a client with a server that may be a gateway.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The client, or the connection point.
    pub(crate) client: IpAddr,
    /// What may be the gateway.
    pub(crate) server: IpAddr,
    /// Its port.
    pub(crate) port: u16,
    /// What they said.
    pub(crate) peer: &'a TlsPeer,
    /// How sure it is.
    pub(crate) sure: Confidence,
    /// Why.
    pub(crate) why: &'a str,
}

/// All TLS with servers that may be gateways.
pub(crate) fn gateways(ledger: &Ledger) -> impl Iterator<Item = Found<'_>> {
    ledger.gateways().iter().filter_map(|(key, (sure, why))| {
        let (client, server, port) = *key;
        Some(Found { client, server, port, peer: ledger.tls.peers.get(key)?, sure: *sure, why })
    })
}

/// How sure it is that a TLS server is a gateway, and why; nothing where nothing says so.
pub(super) fn gateway(ledger: &Ledger, key: &PeerKey, peer: &TlsPeer) -> Option<Conclusion> {
    let (client, server, port) = *key;
    let claimed = ledger.role(server, Role::CloudManagementGateway);
    if let Some(sure) = claimed.filter(|sure| *sure >= Confidence::Likely) {
        return Some((sure, "it was seen to be a cloud management gateway".to_owned()));
    }
    let named = |name: &&String| ledger.tls.gateways.get(&name_key(name)).is_some();
    let named = peer.server_names.iter().filter(|_| !ledger.tls.gateways.is_empty()).find(named);
    if let Some(name) = named {
        return Some((Confidence::Likely, format!("a management point named {name} as one")));
    }
    let likely = |addr| ledger.site_system(addr).is_some_and(|sure| sure >= Confidence::Likely);
    let connector = CONNECTOR_PORTS.contains(&port);
    let Some(name) = own_name(peer).or_else(|| resolved_name(ledger, server)) else {
        let why = || format!("a site system uses port {port}, which is that of a connection point");
        return (connector && likely(client)).then(|| (Confidence::Likely, why()));
    };
    let further = if connector {
        format!("port {port} is that of a connection point")
    } else if likely(client) {
        format!("{client} is a site system")
    } else if ledger.role(client, Role::Client).is_some_and(|sure| sure >= Confidence::Likely) {
        format!("{client} is a client of the site")
    } else {
        let why = || format!("only its name, {name}, suggests one");
        return own_name(peer).map(|_| (Confidence::Possible, why()));
    };
    // Much of what Windows itself talks to resolves to such a name: beside a client, that is not enough.
    let sure = if connector || own_name(peer).is_some() { Confidence::Likely } else { Confidence::Possible };
    Some((sure, format!("its name is {name}, and {further}")))
}

/// A name of Azure's that the client asked for or that is in a certificate.
pub(crate) fn own_name(peer: &TlsPeer) -> Option<&str> {
    let asked = peer.server_names.iter().map(String::as_str);
    let certified = peer.leaves.values().flat_map(Leaf::names);
    asked.chain(certified).find(|name| is_azure_name(name))
}

/// A name of Azure's that DNS gave for an address: what an alias leads to.
fn resolved_name(ledger: &Ledger, server: IpAddr) -> Option<&str> {
    let names = ledger.host(server).into_iter().flat_map(|host| host.names.iter());
    let mut names = names.filter(|(_, sources)| sources.contains(NameSource::Dns)).map(|(name, _)| name);
    names.find(|name| is_azure_name(name)).map(String::as_str)
}

/// A name as [`super::tls::TlsLedger::gateways`] holds it.
pub(crate) fn name_key(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_azures_names_of_services_count() {
        for name in
            ["cmg.cloudapp.net", "CMG.WestEurope.CloudApp.Azure.com", "cmg1.eastus.cloudapp.azure.com."]
        {
            assert!(is_azure_name(name), "{name}");
        }
        for name in [
            "cloudapp.net",
            ".cloudapp.net",
            "a.b.cloudapp.net",
            "*.cloudapp.net",
            "eastus.cloudapp.azure.com",
            "a.b.eastus.cloudapp.azure.com",
            "cmg.cloudapp.net.example.test",
            "notcloudapp.net",
            "",
        ] {
            assert!(!is_azure_name(name), "{name}");
        }
    }
}
