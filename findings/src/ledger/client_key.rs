//! Keys of clients: which hosts proved or registered each, by message or in TLS. Whether two addresses are one host is
//! answered here too, as far as names, network cards and identities tell; whether that is bad is not.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use capture::FlowId;
use decoders::tls::Certificate;

use super::{FewMap, FewSet, Hashed, Host, Ledger, NameSource, Table};
use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::limits::Limits;

/// IPv4 addresses behind one network card from which on it is taken for a router's.
const ROUTER: usize = 3;
/// Where names of a host are learned that are its own, not those of what it runs.
const OWN_NAMES: [NameSource; 6] = [
    NameSource::Dns,
    NameSource::Netbios,
    NameSource::Ntlm,
    NameSource::Kerberos,
    NameSource::Message,
    NameSource::Dhcp,
];

/// How a host showed that a key is its.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Proof {
    /// It registered the key, and signed that it does.
    Registered,
    /// It registered the key; whether it has it was not to be verified.
    Claimed,
    /// A message was signed with it.
    Signed,
    /// It proved the key in a TLS handshake.
    Handshake,
}

/// Uses of a key by one host with one port of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyUse {
    /// The uses.
    pub(crate) seen: Seen,
    /// How.
    pub(crate) proofs: FewSet<Proof>,
    /// What the host called itself there: first labels, in upper case.
    pub(crate) names: FewSet<String>,
}

/// A client's key.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientKey {
    /// Subject of the certificate that holds it, where one was seen. Not yet scrubbed.
    pub(crate) subject: Option<String>,
    /// Uses by host, server and the server's port.
    pub(crate) uses: FewMap<(IpAddr, IpAddr, u16), KeyUse>,
}

/// What is remembered of clients' keys.
#[derive(Debug)]
pub(crate) struct ClientKeys {
    /// By the SHA-256 of the SubjectPublicKeyInfo, in hex.
    pub(crate) keys: Table<String, ClientKey>,
    /// Certificates that clients showed and have not yet proved, by flow.
    pub(crate) shown: Hashed<FlowId, Arc<Certificate>>,
}

impl ClientKeys {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { keys: Table::new(limits.table), shown: Hashed::new(limits.peers) }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.keys.refused() + self.shown.refused()
    }
}

/// A host that used a key, put together from the addresses that seem to be one.
#[derive(Clone, Debug)]
pub(crate) struct Holder<'a> {
    /// Its uses, the first one first.
    pub(crate) uses: Vec<(IpAddr, IpAddr, u16, &'a KeyUse)>,
    /// How sure it is that it is another host than those before.
    pub(crate) sure: Confidence,
}

/// Network cards behind which many hosts were seen.
pub(crate) fn routers(ledger: &Ledger) -> BTreeSet<[u8; 6]> {
    let mut counts: BTreeMap<[u8; 6], usize> = BTreeMap::new();
    for host in ledger.hosts().filter(|host| host.addr.is_ipv4()) {
        for mac in &host.macs {
            *counts.entry(*mac).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= ROUTER).map(|(mac, _)| mac).collect()
}

/// The hosts that used a key, in the order in which they first did.
pub(crate) fn holders<'a>(
    ledger: &Ledger,
    routers: &BTreeSet<[u8; 6]>,
    uses: impl Iterator<Item = (IpAddr, IpAddr, u16, &'a KeyUse)>,
) -> Vec<Holder<'a>> {
    let mut uses: Vec<_> = uses.collect();
    uses.sort_by_key(|(client, server, port, used)| (used.seen.first, *client, *server, *port));
    let mut holders: Vec<Holder<'a>> = Vec::new();
    for used in uses {
        let differs = |holder: &Holder<'_>| {
            let apart = holder.uses.iter().map(|known| differ(ledger, routers, known, &used));
            // Addresses of which one is the same host are all that host.
            apart.min().flatten()
        };
        let mut sure = Confidence::Certain;
        let mut own = None;
        for (at, holder) in holders.iter().enumerate() {
            match differs(holder) {
                Some(confidence) => sure = sure.min(confidence),
                None => own = own.or(Some(at)),
            }
        }
        match own.and_then(|at| holders.get_mut(at)) {
            Some(holder) => holder.uses.push(used),
            None => holders.push(Holder { uses: vec![used], sure }),
        }
    }
    holders
}

/// How sure it is that two uses are of two hosts; nothing where they may well be of one.
fn differ(
    ledger: &Ledger,
    routers: &BTreeSet<[u8; 6]>,
    one: &(IpAddr, IpAddr, u16, &KeyUse),
    other: &(IpAddr, IpAddr, u16, &KeyUse),
) -> Option<Confidence> {
    if one.0 == other.0 {
        return None;
    }
    let hosts = [ledger.host(one.0), ledger.host(other.0)];
    let [cards, ids] = [cards(hosts, routers), identities(hosts)];
    // What hosts call themselves with the key in hand comes before what others call their addresses.
    let claimed = apart(&one.3.names, &other.3.names);
    let names = claimed.or_else(|| apart(&own_names(hosts[0], one.3), &own_names(hosts[1], other.3)));
    match (names, cards, ids) {
        // One name, or one card and identity: a host that moved, or was renamed.
        (Some(false), ..) | (None, _, Some(false)) | (_, Some(false), Some(false)) => None,
        // One card: a host that moved; or a router that is seen for few hosts, if they call themselves differently.
        (_, Some(false), _) => (claimed == Some(true)).then_some(Confidence::Possible),
        (Some(true), Some(true), _) if claimed.is_some() => Some(Confidence::Certain),
        (Some(true), None, Some(false)) | (None, Some(true), _) => Some(Confidence::Possible),
        (Some(true), ..) => Some(Confidence::Likely),
        (None, None, _) => overlap(&one.3.seen, &other.3.seen).then_some(Confidence::Possible),
    }
}

/// Whether two hosts have different network cards, those of routers aside.
fn cards(hosts: [Option<&Host>; 2], routers: &BTreeSet<[u8; 6]>) -> Option<bool> {
    let [one, other] = hosts.map(|host| {
        let mut own = FewSet::new();
        let macs = host.into_iter().flat_map(|host| host.macs.iter());
        for mac in macs.filter(|mac| !routers.contains(*mac)) {
            own.insert(*mac);
        }
        own
    });
    apart(&one, &other)
}

/// Whether two hosts have different client identities.
fn identities(hosts: [Option<&Host>; 2]) -> Option<bool> {
    let [one, other] = hosts;
    one.zip(other).and_then(|(one, other)| apart(&one.smsids, &other.smsids))
}

/// Whether two sets have nothing in common; nothing where one is empty.
fn apart<T: Ord>(one: &FewSet<T>, other: &FewSet<T>) -> Option<bool> {
    (!one.is_empty() && !other.is_empty()).then(|| one.is_disjoint(other))
}

/// Whether the later of two begins before the other has ended: then none has moved to where the other is.
fn overlap(one: &Seen, other: &Seen) -> bool {
    one.first.max(other.first) < one.last.min(other.last)
}

/// What a host calls itself and is called by name services: first labels, in upper case.
fn own_names(host: Option<&Host>, used: &KeyUse) -> FewSet<String> {
    let mut names = used.names.clone();
    let known = host.into_iter().flat_map(|host| host.names.iter());
    for (name, sources) in known {
        let own = OWN_NAMES.iter().any(|source| sources.contains(*source));
        if let Some(label) = label(name).filter(|_| own) {
            names.insert(label);
        }
    }
    names
}

/// The first label of a host's name, in upper case, cut as NetBIOS cuts it.
pub(crate) fn label(name: &str) -> Option<String> {
    const NETBIOS: usize = 15;
    let label = name.split('.').next().unwrap_or_default().trim_end_matches('$').to_ascii_uppercase();
    (!label.is_empty()).then(|| label.chars().take(NETBIOS).collect())
}
