//! A site system whose revocation list is in the directory only.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Severity};
use crate::ledger::Ledger;
use crate::ledger::certificate::site_certificates;
use crate::ledger::gateway::gateways;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system whose revocation list is named by LDAP only and that has no other place to ask: low
    /// where a cloud management gateway is in use, else info.
    ///
    /// ## Why it matters
    /// Clients outside the organisation cannot reach the directory. They fail, or do not check revocation.
    ///
    /// ## Evidence
    /// The distribution points in the server's certificate (TLS 1.2 and older; TLS 1.3 hides it), and TLS with a gateway.
    ///
    /// ## False positives
    /// A site whose clients never leave the organisation's network.
    ///
    /// ## Remedy
    /// Publish the list by HTTP too, where clients on the internet reach it, and issue the certificate anew.
    ///
    /// ## References
    /// - RFC 5280, 4.2.1.13; Configuration Manager, "Cloud management gateway: publish the certificate revocation list"
    CrlLdaponly {
        id: "crl-ldaponly",
        title: "revocation list of a site system's certificate is only in LDAP",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-299"],
    }
}

impl Rule for CrlLdaponly {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let outside = gateways(ledger).any(|found| found.sure >= Confidence::Likely);
        for shown in site_certificates(ledger) {
            let certificate = &shown.leaf.certificate;
            let by_ldap = |url: &String| url.to_ascii_lowercase().starts_with("ldap");
            let elsewhere = certificate.aia_urls.iter().any(|url| !by_ldap(url));
            if certificate.crl_urls.is_empty() || !certificate.crl_urls.iter().all(by_ldap) || elsewhere {
                continue;
            }
            let (severity, whom) = if outside {
                (Severity::Low, "which clients of the cloud management gateway do not reach")
            } else {
                (Severity::Info, "which clients outside the organisation would not reach")
            };
            let text = format!("has its revocation list only in LDAP, {whom}");
            verdicts.report(shown.finding(ledger, Self::META, &text).severity(severity));
        }
    }
}
