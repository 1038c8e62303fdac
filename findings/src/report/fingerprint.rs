//! What makes two findings the same finding, in whatever captures they were seen.
//!
//! A fingerprint says which rule, between whom, about what. It never says when, in which frame, or in which place of
//! a list: a capture made tomorrow gives the same one, so that a baseline holds.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;
use crate::ledger::{Host, Ledger};

/// Bytes of the hash that are shown.
const SHOWN: usize = 16;

/// The fingerprint of a finding, in hex.
pub(super) fn fingerprint(ledger: &Ledger, finding: &Finding) -> String {
    let source = identity(ledger.host(finding.source), finding.source, true);
    let destination = identity(ledger.host(finding.destination), finding.destination, false);
    let port = finding.port.map_or_else(String::new, |port| format!("{port}/{}", finding.transport.name()));
    let mut hash = Sha256::new();
    for part in [finding.rule.id, &source, &destination, &port, &finding.subject] {
        // Lengths go in so that no two lists of parts run together into the same bytes.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finalize().get(..SHOWN).unwrap_or_default())
}

/// Who a host is: its client identifier where it has exactly one and is the client, else its name, else its address,
/// which DHCP may give to another tomorrow.
fn identity(host: Option<&Host>, addr: IpAddr, client: bool) -> String {
    let smsid = host.filter(|host| client && host.smsids.len() == 1).and_then(|host| host.smsids.first());
    match (smsid, host.and_then(Host::name)) {
        (Some(smsid), _) => format!("smsid {}", smsid.to_ascii_uppercase()),
        (None, Some(name)) => format!("name {}", name.to_lowercase()),
        (None, None) => format!("ip {addr}"),
    }
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
