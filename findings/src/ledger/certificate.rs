//! Certificates of site systems, each once however many clients were shown it, those of their clients, and what is weak
//! about them.
//!
//! Which server is a site system is for [`role`](super::tls::role) to say; here only those count that likely are one. Cloud management
//! gateways have rules of their own and are left out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use capture::Timestamp;
use decoders::tls::Certificate;

use super::client::{Presented, presented};
use super::tls::Leaf;
use super::{Conclusion, Ledger, PeerKey};
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::rule::Metadata;
use crate::trust::{Usage, Verdict};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days before its end within which a certificate counts as expiring.
const SOON: i64 = 30;
/// Fewest bits of an RSA key.
pub(crate) const RSA_BITS: u32 = 2048;
/// Fewest bits of an elliptic curve.
const EC_BITS: u32 = 224;
/// Frame times before this (2000-01-01) are those of a clock that was never set.
const CLOCK_SET: i64 = 946_684_800;
/// Arc of the CA/Browser Forum's certificate policies (domain, organisation and individual validated, extended).
const PUBLIC_POLICIES: &str = "2.23.140.1.";
/// Signature algorithms that rest on a broken hash (RFC 3279 2.2, RFC 8017 appendix C, OIW).
const BROKEN_SIGNATURES: [(&str, &str); 8] = [
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.3", "MD4"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.3.14.3.2.3", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
    ("1.2.840.10040.4.3", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
];

/// A certificate that a server showed on a port, or that a client showed it there.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// The client whose certificate it is, where it is not the server's.
    pub(crate) of_client: Option<IpAddr>,
    /// The server.
    pub(crate) server: IpAddr,
    /// Its port.
    pub(crate) port: u16,
    /// The certificate.
    pub(crate) leaf: &'a Leaf,
    /// How sure it is that the server is what makes its certificate matter.
    pub(crate) sure: Confidence,
    /// Why.
    pub(crate) why: &'a str,
    /// Where it shows, with whichever client.
    pub(crate) seen: Seen,
}

impl Shown<'_> {
    /// A finding about it, with a text that ends in why the server counts.
    pub(crate) fn finding(&self, ledger: &Ledger, rule: &'static Metadata, text: &str) -> Finding {
        let client = self.seen.evidence.first().map_or(self.server, |evidence| evidence.key.client.addr);
        Finding::new(rule, client, self.server, &self.seen)
            .tcp_port(self.port)
            .filter("tls.handshake.type == 11")
            .site(ledger.site_code_of(&[self.server]))
            .confidence(self.sure)
            .subject(self.leaf.certificate.sha256.clone())
            .message(match self.of_client {
                None => format!(
                    "The certificate that {} shows on port {} ({}) {text}; {}.",
                    self.server,
                    self.port,
                    self.leaf.subject(),
                    self.why
                ),
                Some(client) => format!(
                    "The client certificate that {client} shows to {} on port {} ({}) {text}. Of {}: {}.",
                    self.server,
                    self.port,
                    self.leaf.subject(),
                    self.server,
                    self.why
                ),
            })
    }

    /// What is to be said of it as of the last time that it was seen.
    pub(crate) fn verdict(&self, ledger: &Ledger) -> Arc<Verdict> {
        let usage = if self.of_client.is_some() { Usage::Client } else { Usage::Server };
        ledger.trust.judge(&self.leaf.certificate, &self.leaf.chain, usage, clock(self.seen.last.time))
    }
}

/// The certificates of site systems, and those that clients showed to them and to gateways, each once for a client.
pub(crate) fn all_certificates(ledger: &Ledger) -> impl Iterator<Item = Shown<'_>> {
    let mut found: BTreeMap<(IpAddr, &str), Shown<'_>> = BTreeMap::new();
    for Presented { client, server, port, shown, sure, why } in presented(ledger) {
        let leaf = &shown.leaf;
        let made = || Shown { of_client: Some(client), server, port, leaf, sure, why, seen: Seen::default() };
        let entry = found.entry((client, leaf.certificate.sha256.as_str())).or_insert_with(made);
        entry.seen.merge(&leaf.seen);
    }
    site_certificates(ledger).chain(found.into_values())
}

/// The certificates of servers that likely are site systems, by server, port and certificate.
pub(crate) fn site_certificates(ledger: &Ledger) -> impl Iterator<Item = Shown<'_>> {
    shown(ledger, |key| {
        let site = ledger.likely_site_system(key)?;
        ledger.likely_gateway(key).is_none().then_some(site)
    })
}

/// The certificates of servers that likely are cloud management gateways.
pub(crate) fn gateway_certificates(ledger: &Ledger) -> impl Iterator<Item = Shown<'_>> {
    shown(ledger, |key| ledger.likely_gateway(key))
}

fn shown<'a>(
    ledger: &'a Ledger,
    counts: impl Fn(&PeerKey) -> Option<&'a Conclusion>,
) -> impl Iterator<Item = Shown<'a>> {
    let mut found: BTreeMap<(IpAddr, u16, &str), Shown<'_>> = BTreeMap::new();
    for (key @ (_, server, port), peer) in ledger.tls.peers.iter().filter(|(_, peer)| !peer.leaves.is_empty())
    {
        let Some((sure, why)) = counts(key) else { continue };
        for (sha256, leaf) in &peer.leaves {
            let entry = found.entry((*server, *port, sha256.as_str())).or_insert_with(|| Shown {
                of_client: None,
                server: *server,
                port: *port,
                leaf,
                sure: *sure,
                why,
                seen: Seen::default(),
            });
            entry.seen.merge(&leaf.seen);
        }
    }
    found.into_values()
}

/// How a certificate's validity stands to the time at which it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// Valid, and for some time yet.
    Valid,
    /// Valid, but not for many days more: this many.
    Ending(i64),
    /// Over for this many whole days.
    Over(i64),
    /// Not begun; this many whole days are missing.
    NotBegun(i64),
}

/// Holds a certificate's validity against the clock of the capture; nothing where that was not set.
pub(crate) fn validity(certificate: &Certificate, first: Timestamp, last: Timestamp) -> Option<Validity> {
    let (first, last) = (first.as_secs(), last.as_secs());
    let (begin, end) = (certificate.not_before_secs, certificate.not_after_secs);
    if first < CLOCK_SET || begin > end {
        return None;
    }
    let days = |seconds: i64| seconds.saturating_div(DAY);
    Some(if last > end {
        Validity::Over(days(last.saturating_sub(end)))
    } else if first < begin {
        Validity::NotBegun(days(begin.saturating_sub(first)))
    } else if end.saturating_sub(last) < SOON * DAY {
        Validity::Ending(days(end.saturating_sub(last)))
    } else {
        Validity::Valid
    })
}

/// A capture's time in seconds since 1970; nothing where its clock was not set.
pub(crate) fn clock(time: Timestamp) -> Option<i64> {
    Some(time.as_secs()).filter(|seconds| *seconds >= CLOCK_SET)
}

/// Whether a certificate shows that a public authority issued it: it names a policy of the CA/Browser Forum's
/// (2.23.140.1), or it holds timestamps of certificate transparency logs. Both are the issuer's own words, and private
/// authorities have no reason to say so.
pub(crate) fn is_public(certificate: &Certificate) -> bool {
    certificate.logged || certificate.policies.iter().any(|oid| oid.starts_with(PUBLIC_POLICIES))
}

/// The hash of a certificate's signature, where that is broken.
pub(crate) fn broken_hash(certificate: &Certificate) -> Option<&'static str> {
    let broken = BROKEN_SIGNATURES.iter().find(|(oid, _)| *oid == certificate.signature_algorithm);
    broken.map(|(_, hash)| *hash)
}

/// What is weak about a certificate's key or signature, in words. A signature that a certificate makes of itself
/// proves nothing, whatever its hash.
pub(crate) fn weakness(certificate: &Certificate) -> Option<String> {
    if let Some(hash) = broken_hash(certificate).filter(|_| !certificate.self_issued) {
        return Some(format!("is signed with {hash}"));
    }
    let bits = certificate.key_bits?;
    let least = match certificate.key_algorithm.as_str() {
        "RSA" => RSA_BITS,
        "EC" => EC_BITS,
        _ => return None,
    };
    (bits < least).then(|| format!("has an {} key of {bits} bits", certificate.key_algorithm))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(begin: i64, end: i64) -> Certificate {
        Certificate { not_before_secs: begin, not_after_secs: end, ..Certificate::default() }
    }

    #[test]
    fn validity_is_held_against_the_first_and_the_last_time() {
        let at = |seconds| Timestamp::new(seconds, 0);
        let now = 1_700_000_000;
        let stands = |begin: i64, end: i64| validity(&valid(now + begin, now + end), at(now), at(now + 60));
        assert_eq!(stands(0, 60 + SOON * DAY), Some(Validity::Valid));
        assert_eq!(stands(0, 59 + SOON * DAY), Some(Validity::Ending(29)));
        assert_eq!(stands(0, 60), Some(Validity::Ending(0)));
        assert_eq!(stands(0, 59), Some(Validity::Over(0)));
        assert_eq!(stands(1, 100 * DAY), Some(Validity::NotBegun(0)));
        assert_eq!(validity(&valid(now, now + 1), at(0), at(5)), None, "a clock that was not set");
        assert_eq!(validity(&valid(i64::MIN, i64::MAX), at(now), at(now)), Some(Validity::Valid));
    }

    #[test]
    fn short_keys_and_broken_hashes_are_weak() {
        const SHA1: &str = "1.2.840.113549.1.1.5";
        const SHA256: &str = "1.2.840.113549.1.1.11";
        let made = |algorithm: &str, bits, signature: &str, self_issued| {
            weakness(&Certificate {
                key_algorithm: algorithm.to_owned(),
                key_bits: bits,
                signature_algorithm: signature.to_owned(),
                self_issued,
                ..Certificate::default()
            })
        };
        assert_eq!(made("RSA", Some(2048), SHA256, false), None);
        assert_eq!(made("RSA", Some(2048), SHA1, false).as_deref(), Some("is signed with SHA-1"));
        assert_eq!(made("RSA", Some(2048), SHA1, true), None, "its own signature");
        assert_eq!(made("RSA", Some(1024), SHA256, true).as_deref(), Some("has an RSA key of 1024 bits"));
        assert_eq!(made("EC", Some(192), SHA256, false).as_deref(), Some("has an EC key of 192 bits"));
        assert_eq!(made("EC", Some(256), SHA256, false), None);
        assert_eq!(made("1.3.101.112", Some(256), SHA256, false), None, "Ed25519");
        assert_eq!(made("RSA", None, SHA256, false), None);
    }
}
