//! A site system that asks for no client certificate.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::tls::{Leaf, NOTIFICATION_PORT, TlsPeer, UPDATE_PORT};
use crate::ledger::{Ledger, Role};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Whole handshakes of TLS 1.2 or older, or of TLS 1.3 read with keys, in which a server showed a certificate and asked
    /// for none of the client: medium for a management point with a certificate from a public key infrastructure, low
    /// for a site system with one of the site's own, as in enhanced HTTP.
    ///
    /// ## Why it matters
    /// Where certificates do not say who a client is, everything rests on what it says inside: tokens and signed messages.
    /// Any computer may begin.
    ///
    /// ## Evidence
    /// A server's Certificate message and the change to encryption, without a CertificateRequest in between. Resumed sessions
    /// and, without keys, TLS 1.3 do not show it and are not judged, nor are client notification and software updates on ports of their own.
    ///
    /// ## False positives
    /// A server may ask later, in a renegotiation that is encrypted; IIS does so where client certificates are set up
    /// for a path only. Where a renegotiation shows, nothing is reported; after the first data of both sides it no
    /// longer shows. Where packets were lost the finding is low and only possible.
    ///
    /// ## Remedy
    /// Use PKI certificates for clients, and let management points require them.
    ///
    /// ## References
    /// - RFC 5246, 7.4.4; Configuration Manager, "Enable site for HTTPS-only or enhanced HTTP"
    TlsNoclientauth {
        id: "tls-noclientauth",
        title: "site system asks for no client certificate",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-306"],
    }
}

impl Rule for TlsNoclientauth {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, coverage: &Coverage, verdicts: &mut Verdicts) {
        // A request for a certificate that was not captured looks like none.
        let lossy = coverage.is_partial() || coverage.capture.gaps > 0;
        let mut found: BTreeMap<(IpAddr, u16), Found> = BTreeMap::new();
        for ((client, server, port), peer) in ledger.tls.peers.iter() {
            let Some((own, why)) = unasked(ledger, (*client, *server, *port), peer) else { continue };
            let made = || Found { own, why, seen: Seen::default(), read: true };
            let entry = found.entry((*server, *port)).or_insert_with(made);
            entry.read &= peer.is_read();
            peer.leaves.values().for_each(|leaf| entry.seen.merge(&leaf.seen));
        }
        for ((server, port), Found { own, why, seen, read }) in found {
            let client = seen.evidence.first().map_or(server, |evidence| evidence.key.client.addr);
            let (severity, what) = match (own, read) {
                (true, _) => (Severity::Low, "as in enhanced HTTP, clients prove themselves inside"),
                (false, true) => {
                    (Severity::Medium, "clients prove themselves by what they send, or not at all")
                }
                (false, false) => (Severity::Medium, "clients likely prove themselves inside, or not at all"),
            };
            let place = if read { "" } else { " in the clear" };
            let sure = if read { Confidence::Certain } else { Confidence::Likely };
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("tls.handshake")
                    .site(ledger.site_code_of(&[server]))
                    .severity(if lossy { Severity::Low } else { severity })
                    .confidence(if lossy { Confidence::Possible } else { sure })
                    .message(format!("{server} asked for no client certificate{place}: {what}; {why}.")),
            );
        }
    }
}

/// A server that asks for no certificate.
struct Found {
    /// Whether its own certificate is the site's.
    own: bool,
    why: String,
    seen: Seen,
    /// Whether all that it said was read, inside too.
    read: bool,
}

/// Whether a management point let a client in without asking for a certificate: whether its own is the site's, and why
/// it is taken for one.
fn unasked(
    ledger: &Ledger,
    (client, server, port): (IpAddr, IpAddr, u16),
    peer: &TlsPeer,
) -> Option<(bool, String)> {
    let asks = peer.asked.is_some() || peer.proved.is_some() || peer.renegotiated > 0;
    if peer.unasked == 0 || asks || matches!(port, NOTIFICATION_PORT | UPDATE_PORT) {
        return None;
    }
    let key = (client, server, port);
    let (_, why) = ledger.likely_site_system(&key)?;
    let own = peer.leaves.values().any(Leaf::is_from_site);
    let answers = ledger.role(server, Role::ManagementPoint).is_some_and(|sure| sure >= Confidence::Likely);
    let cloud = ledger.likely_gateway(&key).is_some();
    ((own || answers) && !cloud).then(|| (own, why.clone()))
}
