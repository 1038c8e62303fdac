//! TLS below 1.2 with a site system.

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::tls::{TLS12, version_name};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A site system that chose TLS 1.1, TLS 1.0 or SSL in its ServerHello.
    ///
    /// ## Why it matters
    /// These versions rest on MD5 and SHA-1 and on ciphers with known attacks; they have been deprecated since 2021.
    ///
    /// ## Evidence
    /// The ServerHello, and what shows that the server is a site system: its paths, its certificate, a reply that named
    /// it, or its port. Where nothing but its name suggests it, the finding is low and only possible.
    ///
    /// ## False positives
    /// Another service on the same host and another port that legacy devices need.
    ///
    /// ## Remedy
    /// Enable TLS 1.2 on clients and site systems, then turn older versions off.
    ///
    /// ## References
    /// - RFC 8996; Configuration Manager, "How to enable TLS 1.2"
    TlsOld {
        id: "tls-old",
        title: "TLS below 1.2 with a site system",
        severity: High,
        confidence: Certain,
        tags: ["CWE-326", "CWE-327"],
    }
}

impl Rule for TlsOld {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (key @ (client, server, port), peer) in ledger.tls.peers.iter() {
            let mut seen = Seen::default();
            let mut versions = std::collections::BTreeSet::new();
            for (chosen, place) in peer.chosen.iter().filter(|(chosen, _)| chosen.version < TLS12) {
                seen.merge(place);
                versions.insert(version_name(chosen.version));
            }
            if !seen.is_some() {
                continue;
            }
            let Some((sure, why)) = ledger.tls_site_system(key) else { continue };
            // `cmg-tlsold` says it.
            if ledger.likely_gateway(key).is_some() {
                continue;
            }
            let severity = if *sure == Confidence::Possible { Severity::Low } else { Severity::High };
            let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
            verdicts.report(
                Finding::new(Self::META, *client, *server, &seen)
                    .tcp_port(*port)
                    .filter("tls.handshake.type == 2")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .severity(severity)
                    .confidence(*sure)
                    .message(format!("{server} chose {versions} with {client}; {why}.")),
            );
        }
    }
}
