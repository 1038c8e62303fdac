//! A site system that takes client certificates of authorities that are not the site's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::client::{Issuers, Presented, Stranger, taken};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A site system or a cloud management gateway that takes a client certificate of an authority that is not the site's: a
    /// public one (likely), one that the authorities given with `--ca` do not vouch for (likely), or one that no
    /// other client has its certificate from, while at least three have theirs from another (possible).
    ///
    /// ## Why it matters
    /// Whoever can get a certificate of that authority, at a public one nearly everybody, is a client to the site.
    ///
    /// ## Evidence
    /// The client's certificate and its proof of the key in the handshake (TLS 1.2 and older; TLS 1.3 hides both), and the
    /// server's Finished or data after it. Public is an authority whose certificate names a policy of the CA/Browser Forum (2.23.140.1)
    /// or holds timestamps of certificate transparency logs; both are its own words, and are not verified.
    ///
    /// ## False positives
    /// A change from one authority to another, a merger, an authority for one kind of device. A server that refuses the
    /// client inside the encryption. Certificates that sign themselves and those of the site are left out.
    ///
    /// ## Remedy
    /// Name the authorities of the organisation in the site's list of trusted root certification authorities and in the
    /// gateway's certificate trust list, and no others.
    ///
    /// ## References
    /// - Configuration Manager, "Plan for PKI certificate revocation and trust", "Security and privacy for the cloud management gateway"
    CertPublicca {
        id: "cert-publicca",
        title: "client certificate of an authority that is not the site's was accepted",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-295", "CWE-296"],
    }
}

impl Rule for CertPublicca {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        if taken(ledger).next().is_none() {
            return;
        }
        let issuers = Issuers::of(ledger);
        let mut found: BTreeMap<(IpAddr, u16, String), (Stranger, Presented<'_>, Seen)> = BTreeMap::new();
        for taken in taken(ledger) {
            let leaf = &taken.shown.leaf;
            let Some(stranger) = issuers.stranger(ledger, leaf) else { continue };
            let key = (taken.server, taken.port, leaf.issuer());
            let mut seen = leaf.seen.clone();
            seen.merge(&taken.shown.accepted);
            seen.count = taken.shown.accepted.count;
            let entry = found.entry(key).or_insert_with(|| (stranger, taken, Seen::default()));
            entry.2.merge(&seen);
        }
        for ((server, port, issuer), (stranger, taken, seen)) in found {
            let (confidence, whose) = match stranger {
                Stranger::Public => (Confidence::Likely, "a public authority".to_owned()),
                Stranger::NotGiven => {
                    (Confidence::Likely, "an authority that none of those given vouches for".to_owned())
                }
                Stranger::Unlike(others) => (
                    Confidence::Possible,
                    format!("another authority than the {others} certificates of other clients"),
                ),
            };
            verdicts.report(
                Finding::new(Self::META, taken.client, server, &seen)
                    .tcp_port(port)
                    .filter("tls.handshake.type == 11")
                    .site(ledger.site_code_of(&[server, taken.client]))
                    .confidence(confidence.min(taken.sure))
                    .subject(issuer.clone())
                    .message(format!(
                        "{server} accepted the certificate of {} ({}), which {issuer} issued: {whose}. {}.",
                        taken.client,
                        taken.shown.leaf.subject(),
                        capitalised(taken.why)
                    )),
            );
        }
    }
}

/// The beginning of a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
