//! A client that can do no more than TLS 1.1.

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::tls::{TLS12, version_name};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A client whose every ClientHello to a site system offers at most TLS 1.1.
    ///
    /// ## Why it matters
    /// As long as there are such clients, old versions cannot be turned off at the server.
    ///
    /// ## Evidence
    /// The ClientHello: its version field, and `supported_versions` where present.
    ///
    /// ## False positives
    /// Software other than the ConfigMgr client on the same computer. Where nothing but the server's name suggests a
    /// site system, the finding is low and only possible.
    ///
    /// ## Remedy
    /// Update the operating system and its TLS settings, .NET and WinHTTP included.
    ///
    /// ## References
    /// - RFC 8996; Configuration Manager, "How to enable TLS 1.2 on clients"
    TlsOldclient {
        id: "tls-oldclient",
        title: "client offers at most TLS 1.1 to a site system",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-326"],
    }
}

impl Rule for TlsOldclient {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (key @ (client, server, port), peer) in ledger.tls.peers.iter() {
            let Some(highest) = peer.offered.keys().max().filter(|highest| **highest < TLS12) else {
                continue;
            };
            let Some((sure, why)) = ledger.tls_site_system(key) else { continue };
            let mut seen = Seen::default();
            peer.offered.values().for_each(|place| seen.merge(place));
            let severity = if *sure == Confidence::Possible { Severity::Low } else { Severity::Medium };
            verdicts.report(
                Finding::new(Self::META, *client, *server, &seen)
                    .tcp_port(*port)
                    .filter("tls.handshake.type == 1")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .severity(severity)
                    .confidence(*sure)
                    .message(format!(
                        "{client} offers at most {} to {server}; {why}.",
                        version_name(*highest)
                    )),
            );
        }
    }
}
