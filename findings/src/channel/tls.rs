//! Channels over TLS with site systems: as much as the handshake shows, and no more. What is inside is judged only
//! where it was read.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use capture::Transport;

use super::http::{purpose, purpose_of};
use super::{Channel, Grade, Purpose, Reason, Sealed, sealed, trust};
use crate::cipher::{Weakness, weakness};
use crate::coverage::Coverage;
use crate::finding::Confidence;
use crate::group;
use crate::ledger::tls::{Leaf, NOTIFICATION_PORT, TLS12, TLS13, TlsPeer, UPDATE_PORT, version_name};
use crate::ledger::{Conclusion, Ledger, PeerKey, Role};

/// LDAP over TLS from the first byte: of a domain controller, and of a global catalog.
const DIRECTORY_PORTS: [u16; 2] = [636, 3269];

/// Channels over TLS.
pub(super) fn channels(ledger: &Ledger, coverage: &Coverage) -> Vec<Channel> {
    let mut channels = Vec::new();
    let whole = coverage.is_gapless();
    let holders = key_holders(ledger);
    for (key @ (client, server, port), peer) in ledger.tls.peers.iter() {
        let ours = ledger.tls_site_system(key).cloned().or_else(|| elsewhere(ledger, *key));
        let Some((sure, why)) = ours else { continue };
        let (trust, mut reasons) = trust::of(ledger, *server, peer);
        reasons.extend(self::reasons(ledger, (*client, *server, *port), peer, whole));
        reasons.extend(shared_key(*server, peer, &holders));
        let insecure = reasons.iter().any(|reason| reason.grade == Grade::Insecure);
        if sure == Confidence::Possible {
            // A name alone makes no channel, unless there is something to be told of it.
            if !insecure {
                continue;
            }
            reasons.push(Reason::new(Grade::NotObservable, why));
        }
        for purpose in purposes(ledger, (*client, *server, *port)) {
            channels.push(
                Channel {
                    client: *client,
                    server: *server,
                    port: *port,
                    transport: Transport::Tcp,
                    protocol: protocol(peer),
                    purpose,
                    grade: Grade::NotObservable,
                    reasons: reasons.clone(),
                    trust: Some(trust.clone()),
                    site_code: ledger.site_code_of(&[*server, *client]).map(str::to_owned),
                    seen: peer.shown(),
                    sealed: unopened(ledger, (*client, *server, *port), peer),
                }
                .graded(),
            );
        }
    }
    channels
}

/// How sure it is that a server that is no known site system belongs to the site's traffic all the same, and why: a
/// gateway in the cloud, or a domain controller that a client of the site asks. A computer that is nobody's client may
/// ask its directory without being told of.
fn elsewhere(ledger: &Ledger, key: PeerKey) -> Option<Conclusion> {
    let (client, server, port) = key;
    let likely = |addr, role| ledger.role(addr, role).is_some_and(|sure| sure >= Confidence::Likely);
    if DIRECTORY_PORTS.contains(&port) {
        let ours = likely(client, Role::Client) || ledger.site_system(client) >= Some(Confidence::Likely);
        return (ours && likely(server, Role::DomainController))
            .then(|| (Confidence::Likely, "it is a domain controller".to_owned()));
    }
    ledger.likely_gateway(&key).cloned()
}

/// What shows from outside, where nothing inside was read.
fn unopened(ledger: &Ledger, ends: (IpAddr, IpAddr, u16), peer: &TlsPeer) -> Option<Sealed> {
    let (_, _, port) = ends;
    let connections = peer.sealed.as_deref().filter(|_| ledger.http.inside(ends).next().is_none())?;
    Some(sealed::sealed(connections, port))
}

/// Addresses of servers by the key of a certificate that they show.
type KeyHolders<'a> = BTreeMap<&'a str, BTreeSet<IpAddr>>;

fn key_holders(ledger: &Ledger) -> KeyHolders<'_> {
    let mut holders = KeyHolders::new();
    for ((_, server, _), peer) in ledger.tls.peers.iter() {
        for leaf in peer.leaves.values().filter(|leaf| !leaf.certificate.key_sha256.is_empty()) {
            holders.entry(leaf.certificate.key_sha256.as_str()).or_default().insert(*server);
        }
    }
    holders
}

/// Who else shows a certificate with the server's key. That is no fault by itself: servers behind one name share one,
/// and a server has several addresses.
fn shared_key(server: IpAddr, peer: &TlsPeer, holders: &KeyHolders<'_>) -> Option<Reason> {
    const SHOWN: usize = 3;
    let keys = peer.leaves.values().map(|leaf| leaf.certificate.key_sha256.as_str());
    let others: BTreeSet<IpAddr> = keys.filter_map(|key| holders.get(key)).flatten().copied().collect();
    let others: Vec<String> =
        others.iter().filter(|addr| **addr != server).map(ToString::to_string).collect();
    let shown = others.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = others.len().checked_sub(SHOWN).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let text = || format!("the key of its certificate is shown at {shown}{more} too");
    (!others.is_empty()).then(|| Reason::new(Grade::Secure, text()))
}

/// What is carried: as read inside, or as the port says, or not known.
fn purposes(ledger: &Ledger, (client, server, port): (IpAddr, IpAddr, u16)) -> BTreeSet<Purpose> {
    let inside = ledger.http.inside((client, server, port));
    let messages = ledger.messages.inside((client, server, port)).map(purpose_of);
    let mut purposes: BTreeSet<Purpose> = messages.chain(inside.filter_map(purpose)).collect();
    if purposes.len() > 1 {
        // What a request says by its path alone, its message says better.
        purposes.remove(&Purpose::Unknown);
    }
    if purposes.is_empty() {
        purposes.insert(match port {
            NOTIFICATION_PORT => Purpose::Notification,
            UPDATE_PORT => Purpose::SoftwareUpdate,
            port if DIRECTORY_PORTS.contains(&port) => Purpose::Directory,
            _ => Purpose::Unknown,
        });
    }
    purposes
}

/// The oldest version chosen, in words.
fn protocol(peer: &TlsPeer) -> String {
    let oldest = peer.chosen.keys().map(|chosen| chosen.version).min();
    oldest.map_or(Cow::Borrowed("TLS"), version_name).into_owned()
}

fn reasons(ledger: &Ledger, ends: (IpAddr, IpAddr, u16), peer: &TlsPeer, whole: bool) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let Some(oldest) = peer.chosen.keys().map(|chosen| chosen.version).min() else {
        return vec![Reason::new(Grade::NotObservable, "no ServerHello was seen")];
    };
    if oldest < TLS12 {
        reasons.push(Reason::new(Grade::Insecure, format!("{} is deprecated", version_name(oldest))));
    }
    for weakness in peer.chosen.keys().filter_map(|chosen| weakness(chosen.cipher)) {
        let grade = if weakness == Weakness::StaticKey { Grade::Weak } else { Grade::Insecure };
        reasons.push(Reason::new(grade, format!("cipher suite with {}", weakness.name())));
    }
    let foreign = |leaf: &&Leaf| leaf.certificate.self_issued && !leaf.is_from_site();
    if peer.leaves.values().any(|leaf| foreign(&leaf)) {
        reasons.push(Reason::new(Grade::Weak, "the server's certificate is issued by itself"));
    }
    reasons.extend(key_exchange(peer));
    let unsigned = peer.is_read() && ledger.messages.lacks_signature_inside(ends);
    reasons.push(client_authentication(peer, oldest, unsigned, whole));
    reasons
}

/// In which groups keys were agreed on, and which of them are too small.
fn key_exchange(peer: &TlsPeer) -> Vec<Reason> {
    let (weak, sound): (Vec<u16>, Vec<u16>) = peer.groups.iter().partition(|group| group::is_weak(**group));
    let listed =
        |groups: &[u16]| groups.iter().map(|group| group::name(*group)).collect::<Vec<_>>().join(", ");
    let mut reasons = Vec::new();
    if !weak.is_empty() {
        reasons.push(Reason::new(
            Grade::Weak,
            format!("the keys were agreed on over the short curve {}", listed(&weak)),
        ));
    }
    if !sound.is_empty() {
        reasons.push(Reason::new(Grade::Secure, format!("the keys were agreed on over {}", listed(&sound))));
    }
    if let Some(bits) = peer.prime_bits {
        let grade = if bits < group::PRIME_BITS { Grade::Weak } else { Grade::Secure };
        reasons.push(Reason::new(grade, format!("the keys were agreed on over a prime of {bits} bits")));
    }
    reasons
}

/// What is known of the client's proof of identity. `unsigned` says whether messages were read inside that anybody could
/// have sent in the client's name.
fn client_authentication(peer: &TlsPeer, oldest: u16, unsigned: bool, whole: bool) -> Reason {
    let (grade, text) = if peer.accepted.is_some() {
        (Grade::Secure, "the client proved its certificate")
    } else if peer.is_proved() {
        (
            Grade::NotObservable,
            "the client proved its certificate; whether the server took it was not captured",
        )
    } else if peer.refused.is_some() && peer.withheld == 0 && peer.unasked == 0 {
        (Grade::NotObservable, "the server refused the certificate that the client proved")
    } else if oldest >= TLS13 && peer.certified == 0 && !peer.asked.is_some() {
        // Where keys were given, the handshake was read.
        (Grade::NotObservable, "TLS 1.3 hides whether the client proves who it is")
    } else if peer.renegotiated > 0 {
        (
            Grade::NotObservable,
            "a second handshake inside the encryption hides whether the client proves who it is",
        )
    } else if peer.asked.is_some() {
        (Grade::Weak, "the server asked for a client certificate and got none")
    } else if peer.certified > 0 && peer.is_read() {
        if unsigned {
            (Grade::Weak, "no client certificate was asked for, and messages inside were not signed")
        } else if whole {
            (Grade::Secure, "no client certificate was asked for; no message inside lacked a signature")
        } else {
            (
                Grade::NotObservable,
                "no client certificate was asked for; no message inside was seen to lack a signature, but not all \
                 was captured",
            )
        }
    } else if peer.certified > 0 {
        (
            Grade::Weak,
            "no client certificate was asked for in the clear: clients prove themselves inside, or not at all",
        )
    } else if peer.resumed > 0 {
        (Grade::NotObservable, "sessions were resumed whose first handshake was not seen")
    } else {
        (Grade::NotObservable, "no certificate was seen")
    };
    Reason::new(grade, text)
}
