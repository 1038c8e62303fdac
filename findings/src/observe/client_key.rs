//! Which host uses which client key: in registrations, in signatures of messages, and in TLS handshakes that prove it.

use std::sync::Arc;

use decoders::Record;
use decoders::ccm::{CcmEvent, CcmMessage, Content, Verdict};
use decoders::tls::TlsEvent;

use crate::ledger::Ledger;
use crate::ledger::client_key::{Proof, label};
use crate::observe::flow::channel;

/// Enters a message: the key it registers, or the one that signed it.
pub(super) fn ccm(ledger: &mut Ledger, record: &Record, event: &CcmEvent) {
    let CcmEvent::Message(message) = event else { return };
    if let Content::Registration(registration) = &message.content {
        let proof = match registration.signature.verdict {
            Verdict::Valid { .. } => Proof::Registered,
            // Whoever does not have the key has not registered it.
            Verdict::Invalid | Verdict::Absent => return,
            Verdict::NotVerifiable(_) => Proof::Claimed,
        };
        let Some(key) = &registration.key_id else { return };
        let [short, full] = [&registration.netbios_name, &registration.fqdn].map(Option::as_deref);
        let names = [short, full, source_host(message)];
        let subject = registration.certificate_subject.as_deref();
        return enter(ledger, record, key, proof, subject, &names);
    }
    if let (Verdict::Valid { .. }, Some(key)) = (&message.signature.verdict, &message.signature.key_id) {
        enter(ledger, record, key, Proof::Signed, None, &[source_host(message)]);
    }
}

fn source_host(message: &CcmMessage) -> Option<&str> {
    message.header.as_ref().and_then(|header| header.source_host.as_deref())
}

/// Enters a TLS event: a certificate that a client shows counts when the client has proved it.
pub(super) fn tls(ledger: &mut Ledger, record: &Record, event: &TlsEvent) {
    match event {
        TlsEvent::Certificate(sent) if sent.client && sent.index == 0 && !sent.unreadable => {
            ledger.client_keys.shown.entry(record.flow, || Arc::clone(&sent.certificate));
        }
        TlsEvent::ClientVerify => {
            let Some(certificate) = ledger.client_keys.shown.remove(&record.flow) else { return };
            let subject = certificate.subject.join(", ");
            enter(ledger, record, &certificate.key_sha256, Proof::Handshake, Some(&subject), &[]);
        }
        _ => {}
    }
}

/// Forgets what was shown in a flow and not proved.
pub(super) fn ended(ledger: &mut Ledger, record: &Record) {
    ledger.client_keys.shown.remove(&record.flow);
}

fn enter(
    ledger: &mut Ledger,
    record: &Record,
    key: &str,
    proof: Proof,
    subject: Option<&str>,
    names: &[Option<&str>],
) {
    let bound = ledger.limits.list;
    // Its network card is noted when the flow ends.
    ledger.host_mut(record.key.client.addr);
    let Some(known) = ledger.client_keys.keys.entry(key.to_owned(), Default::default) else { return };
    if known.subject.is_none() {
        known.subject = subject.map(str::to_owned);
    }
    let place = channel(record);
    if known.uses.len() >= bound && !known.uses.contains_key(&place) {
        return;
    }
    let used = known.uses.slot(place);
    used.proofs.insert(proof);
    used.seen.note(record, || match proof {
        Proof::Registered | Proof::Claimed => "registration with the key's certificate".to_owned(),
        Proof::Signed => "message signed with the key".to_owned(),
        Proof::Handshake => "TLS handshake that proved the key".to_owned(),
    });
    for name in names.iter().flatten().filter_map(|name| label(name)) {
        if used.names.len() < bound {
            used.names.insert(name);
        }
    }
}
