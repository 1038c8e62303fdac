//! Whether a chain was sent as it should be: each certificate vouched for by the next (RFC 5246 7.4.2). Most clients
//! put up with disorder, so this makes remarks, never faults.

use std::sync::Arc;

use decoders::tls::Certificate;

/// Remarks on the order in which a chain was sent.
pub(super) fn remarks(leaf: &Certificate, sent: &[Arc<Certificate>]) -> Vec<String> {
    let mut remarks = Vec::new();
    if sent.iter().any(|certificate| certificate.unreadable) {
        remarks.push("what was sent with it cannot all be read".to_owned());
        return remarks;
    }
    let mut last = leaf;
    let mut disorder = None;
    for certificate in sent {
        if certificate.subject != last.issuer {
            disorder.get_or_insert(certificate);
        }
        last = certificate;
    }
    if let Some(stranger) = disorder {
        let known = std::iter::once(leaf).chain(sent.iter().map(AsRef::as_ref));
        let vouches = known.into_iter().any(|certificate| certificate.issuer == stranger.subject);
        let what = if vouches { "in disorder" } else { "with certificates that do not belong to it" };
        remarks.push(format!("its chain was sent {what}"));
    } else if sent.last().is_some_and(|top| top.self_issued) {
        remarks.push("its chain was sent with the root, which nobody needs".to_owned());
    }
    remarks
}
