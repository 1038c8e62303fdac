//! Certificates in handshakes: what each side shows, with the chain it sends, and whether the client's was taken.

use std::sync::Arc;

use capture::Direction;
use decoders::Record;
use decoders::tls::{Certificate, SentCertificate};

use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::tls::{ClientLeaf, Leaf, is_from_site, names_in};
use crate::ledger::{Ledger, NameSource, Role};

use super::tls::{note, with_peer};

/// Enters a certificate: a leaf, or what a chain goes on with.
pub(super) fn sent(ledger: &mut Ledger, record: &Record, sent: &SentCertificate) {
    match (sent.index, sent.client) {
        (0, false) => server(ledger, record, &sent.certificate),
        (0, true) => client(ledger, record, &sent.certificate),
        _ => link(ledger, record, sent),
    }
}

fn server(ledger: &mut Ledger, record: &Record, certificate: &Arc<Certificate>) {
    if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
        flow.certified = true;
        flow.collecting = Some((Arc::clone(certificate), false));
    }
    if certificate.unreadable {
        return;
    }
    let bound = ledger.limits.list;
    let server = record.key.server.addr;
    let from_site = is_from_site(certificate);
    with_peer(ledger, record, |peer| {
        peer.certified += 1;
        if peer.leaves.len() >= bound && !peer.leaves.contains_key(&certificate.sha256) {
            return;
        }
        let made = || Leaf::new(Arc::clone(certificate));
        let leaf = peer.leaves.slot_with(certificate.sha256.clone(), made);
        let what = || {
            let (subject, issuer) = (certificate.subject.join(", "), certificate.issuer.join(", "));
            format!("server certificate {subject}, issued by {issuer}")
        };
        note(&mut leaf.seen, from_site, record, what);
    });
    let names = names_in(certificate).filter(|name| is_host_name(name));
    ledger.names_of(server, names, NameSource::Tls);
    if from_site {
        if let Some(seen) = ledger.tls.issued.entry(server, Seen::default) {
            seen.note(record, || {
                format!(
                    "certificate {}, issued by {}",
                    certificate.subject.join(", "),
                    certificate.issuer.join(", ")
                )
            });
        }
        let what = "has a certificate that the site issued itself";
        // Which role it is does not show; clients use them for management points first.
        let role = ledger.host(server).and_then(|host| host.roles.keys().find(|role| role.is_site_system()));
        let role = role.copied().unwrap_or(Role::ManagementPoint);
        ledger.claim(server, role, Confidence::Likely, record, what);
    }
}

fn client(ledger: &mut Ledger, record: &Record, certificate: &Arc<Certificate>) {
    if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
        flow.client = Some(Arc::clone(certificate));
        flow.collecting = Some((Arc::clone(certificate), true));
    }
    if certificate.unreadable {
        return;
    }
    let bound = ledger.limits.list;
    with_peer(ledger, record, |peer| {
        if peer.clients.len() >= bound && !peer.clients.contains_key(&certificate.sha256) {
            return;
        }
        let made = || ClientLeaf { leaf: Leaf::new(Arc::clone(certificate)), ..ClientLeaf::default() };
        let client = peer.clients.slot_with(certificate.sha256.clone(), made);
        note(&mut client.leaf.seen, false, record, || {
            let (subject, issuer) = (certificate.subject.join(", "), certificate.issuer.join(", "));
            format!("client certificate {subject}, issued by {issuer}")
        });
    });
}

/// Enters a certificate that was sent after a leaf. The decoder bounds how many come. Where a leaf was sent several
/// times, what came with it first is kept.
fn link(ledger: &mut Ledger, record: &Record, sent: &SentCertificate) {
    let Some(flow) = ledger.tls.flows.get(&record.flow) else { return };
    let Some((leaf, of_client)) = flow.collecting.clone() else { return };
    if of_client != sent.client {
        return;
    }
    with_peer(ledger, record, |peer| {
        let chain = if of_client {
            peer.clients.get_mut(&leaf.sha256).map(|client| &mut client.leaf.chain)
        } else {
            peer.leaves.get_mut(&leaf.sha256).map(|leaf| &mut leaf.chain)
        };
        if let Some(chain) = chain.filter(|chain| chain.len() + 1 == sent.index) {
            chain.push(Arc::clone(&sent.certificate));
        }
    });
}

/// The client proved that it has the key of what it sent.
pub(super) fn proved(ledger: &mut Ledger, record: &Record) {
    if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
        flow.proved = true;
        flow.answered = false;
    }
    with_peer(ledger, record, |peer| {
        peer.proved.note(record, || "CertificateVerify of the client".to_owned());
    });
}

/// Something of a server that comes only once it has taken the client's proof, if there was one: its Finished up to
/// TLS 1.2 (RFC 5246 7.4.9), a session ticket (RFC 8446 4.6.1), data.
pub(super) fn went_on(ledger: &mut Ledger, record: &Record, what: &str) {
    if !answers(ledger, record) {
        return;
    }
    let client = ledger.tls.flows.get(&record.flow).and_then(|flow| flow.client.clone());
    with_peer(ledger, record, |peer| {
        peer.accepted.note(record, || format!("{what} after the client's proof"));
        if let Some(client) = client.and_then(|client| peer.clients.get_mut(&client.sha256)) {
            client.accepted.note(record, || format!("{what} after the client's proof"));
        }
    });
}

/// A fatal alert of a server that has not gone on since the client's proof, if there was one.
pub(super) fn refused(ledger: &mut Ledger, record: &Record, alert: u8) {
    if answers(ledger, record) {
        with_peer(ledger, record, |peer| {
            peer.refused.note(record, || format!("alert {alert} of the server after the client's proof"));
        });
    }
}

/// Whether a record is the server's first answer to the client's proof.
fn answers(ledger: &mut Ledger, record: &Record) -> bool {
    let Some(flow) = ledger.tls.flows.get_mut(&record.flow) else { return false };
    let first = flow.proved && !flow.answered && record.direction == Direction::ToClient;
    flow.answered |= first;
    first
}

/// Whether a text of a certificate can be one host's name.
fn is_host_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}
