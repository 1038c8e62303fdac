//! Channels over TLS with site systems: as much as the handshake shows, and no more. What is inside is judged only
//! where it was read.

use std::collections::BTreeSet;
use std::net::IpAddr;

use capture::Transport;

use super::http::{purpose, purpose_of};
use super::{Channel, Grade, Purpose, Reason};
use crate::cipher::{Weakness, weakness};
use crate::coverage::Coverage;
use crate::finding::Confidence;
use crate::ledger::Ledger;
use crate::ledger::tls::{Leaf, NOTIFICATION_PORT, TLS12, TLS13, TlsPeer, UPDATE_PORT, role, version_name};

/// Channels over TLS.
pub(super) fn channels(ledger: &Ledger, _: &Coverage) -> Vec<Channel> {
    let mut channels = Vec::new();
    for ((client, server, port), peer) in ledger.tls.peers.iter() {
        let Some((sure, why)) = role(ledger, *server, *port, peer) else { continue };
        let mut reasons = reasons(peer);
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
                    site_code: ledger.site_code_of(&[*server, *client]).map(str::to_owned),
                    seen: peer.shown(),
                }
                .graded(),
            );
        }
    }
    channels
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
            _ => Purpose::Unknown,
        });
    }
    purposes
}

/// The oldest version chosen, in words.
fn protocol(peer: &TlsPeer) -> String {
    let oldest = peer.chosen.keys().map(|chosen| chosen.version).min();
    oldest.map_or_else(|| "TLS".to_owned(), version_name)
}

fn reasons(peer: &TlsPeer) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let Some(oldest) = peer.chosen.keys().map(|chosen| chosen.version).min() else {
        return vec![Reason::new(Grade::NotObservable, "no ServerHello was seen")];
    };
    if oldest < TLS12 {
        reasons.push(Reason::new(Grade::Insecure, format!("{} is deprecated", version_name(oldest))));
    }
    for weakness in peer.chosen.keys().filter_map(|chosen| weakness(chosen.cipher)) {
        let grade = if weakness == Weakness::StaticRsa { Grade::Weak } else { Grade::Insecure };
        reasons.push(Reason::new(grade, format!("cipher suite with {}", weakness.name())));
    }
    let foreign = |leaf: &&Leaf| leaf.certificate.self_issued && !leaf.is_from_site();
    if peer.leaves.values().any(|leaf| foreign(&leaf)) {
        reasons.push(Reason::new(Grade::Weak, "the server's certificate is issued by itself"));
    }
    reasons.push(client_authentication(peer, oldest));
    reasons
}

/// What is known of the client's proof of identity.
fn client_authentication(peer: &TlsPeer, oldest: u16) -> Reason {
    let (grade, text) = if peer.proved.is_some() {
        (Grade::Secure, "the client proved its certificate")
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
    } else if peer.certified > 0 {
        (
            Grade::Weak,
            "no client certificate was asked for in the clear: clients prove themselves inside, or not at all",
        )
    } else if peer.resumed > 0 {
        (Grade::NotObservable, "sessions were resumed: certificates were shown before the capture")
    } else {
        (Grade::NotObservable, "no certificate was seen")
    };
    Reason::new(grade, text)
}
