//! A site system with a certificate that nobody vouches for.

use crate::coverage::Coverage;
use crate::finding::Severity;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Shown, site_certificates};
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::trust::{Fault, Standing};

rule! {
    /// ## What it detects
    /// A certificate of a site system whose issuer is its subject, or for which, where authorities are given with `--ca`,
    /// none of them vouches (low), or that the site issued itself for enhanced HTTP (info).
    ///
    /// ## Why it matters
    /// A client can check such a certificate only against what it was told before. No authority vouches for it, none can
    /// take it back, and who replaces it unseen is the server from then on.
    ///
    /// ## Evidence
    /// Issuer and subject of the server's certificate (TLS 1.2 and older; TLS 1.3 hides it), and what shows that the server
    /// is a site system; signatures, where authorities are given.
    ///
    /// ## False positives
    /// Enhanced HTTP is supported and uses certificates of `SMS Issuing` by design; these are noted as info only. An
    /// authority of the site that was not given, or a chain that was not sent whole.
    ///
    /// ## Remedy
    /// Give site systems certificates of a public key infrastructure where that is possible.
    ///
    /// ## References
    /// - Configuration Manager, "Certificates in Configuration Manager", "Enhanced HTTP"
    CertSelfsigned {
        id: "cert-selfsigned",
        title: "certificate of a site system that no authority vouches for",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-295"],
    }
}

impl Rule for CertSelfsigned {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in site_certificates(ledger) {
            let (severity, text) = if shown.leaf.is_from_site() {
                (Severity::Info, "was issued by the site itself".to_owned())
            } else if let Some(text) = nobody(&shown, ledger) {
                (Severity::Low, text)
            } else {
                continue;
            };
            verdicts.report(shown.finding(ledger, Self::META, &text).severity(severity));
        }
    }
}

/// Why nobody vouches for a certificate, if so.
fn nobody(shown: &Shown<'_>, ledger: &Ledger) -> Option<String> {
    let verdict = shown.verdict(ledger);
    if shown.leaf.certificate.self_issued {
        let given = matches!(verdict.standing, Standing::Trusted { .. });
        return (!given).then(|| "is self-signed: its issuer is its subject".to_owned());
    }
    let mut faults = verdict.faults.iter();
    faults.find(|fault| matches!(fault, Fault::UnknownIssuer(_) | Fault::BadSignature)).map(Fault::text)
}
