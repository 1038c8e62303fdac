//! A weak cipher suite with a site system.

use std::collections::BTreeMap;

use crate::cipher::{Weakness, weakness};
use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A site system that chose a cipher suite without encryption or authentication, with RC4, DES, 3DES or an export
    /// cipher (medium), or with a key exchange that has no forward secrecy (low).
    ///
    /// ## Why it matters
    /// The former can be broken or never protected anything. With the latter, whoever gets the server's private key one
    /// day can read all that was recorded before.
    ///
    /// ## Evidence
    /// The ServerHello with the suite's number.
    ///
    /// ## False positives
    /// None as to the suite. Where nothing but the server's name suggests a site system, the finding is low and only
    /// possible.
    ///
    /// ## Remedy
    /// Order cipher suites by group policy so that those with ECDHE and AES-GCM come first, and remove the weak ones.
    ///
    /// ## References
    /// - RFC 7465, RFC 8996, RFC 9325; IANA, TLS Cipher Suites
    TlsWeakcipher {
        id: "tls-weakcipher",
        title: "weak cipher suite with a site system",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-326", "CWE-327"],
    }
}

impl Rule for TlsWeakcipher {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (key @ (client, server, port), peer) in ledger.tls.peers.iter() {
            let mut seen = Seen::default();
            let mut weak: BTreeMap<Weakness, u16> = BTreeMap::new();
            for (chosen, place) in &peer.chosen {
                if let Some(weakness) = weakness(chosen.cipher) {
                    weak.insert(weakness, chosen.cipher);
                    seen.merge(place);
                }
            }
            let Some((worst, suite)) = weak.last_key_value() else { continue };
            let Some((sure, why)) = ledger.tls_site_system(key) else { continue };
            let slight = *worst == Weakness::StaticKey || *sure == Confidence::Possible;
            verdicts.report(
                Finding::new(Self::META, *client, *server, &seen)
                    .tcp_port(*port)
                    .filter("tls.handshake.type == 2")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .severity(if slight { Severity::Low } else { Severity::Medium })
                    .confidence(*sure)
                    .message(format!(
                        "{server} chose cipher suite {suite:#06x} with {client}: {}; {why}.",
                        worst.name()
                    )),
            );
        }
    }
}
