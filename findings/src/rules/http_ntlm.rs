//! NTLM over plain HTTP to a site system.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An NTLM logon with a user name (AUTHENTICATE message) in the HTTP headers of a request to a site system, without
    /// TLS: registration by way of `_WindowsAuth`, or content of a distribution point that demands credentials.
    ///
    /// ## Why it matters
    /// Without TLS there are no channel bindings: who is on the path can relay the logon to another server, or guess
    /// the password from it at leisure.
    ///
    /// ## Evidence
    /// The request with the logon, and the account. Responses themselves are never kept.
    ///
    /// ## False positives
    /// On sites that allow HTTP, clients in the domain prove their computer account this way by design. Kerberos in the
    /// same header and anonymous logons do not match.
    ///
    /// ## Remedy
    /// HTTPS with PKI certificates; Kerberos in place of NTLM.
    ///
    /// ## References
    /// - [MS-NLMP] 2.2.1.3; [MS-NTHT]; ATT&CK T1557
    HttpNtlm {
        id: "http-ntlm",
        title: "NTLM over plain HTTP to a site system",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-319", "CWE-522", "ATT&CK T1557"],
    }
}

impl Rule for HttpNtlm {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port), uses) in ledger.readable_by_channel() {
            let mut seen = crate::evidence::Seen::default();
            let mut accounts = std::collections::BTreeSet::new();
            let known = ledger.site_system(server) >= Some(Confidence::Likely);
            for (_, exchanges) in uses.iter().filter(|(_, uses)| known || uses.telling >= Confidence::Likely)
            {
                seen.merge(&exchanges.ntlm);
                accounts.extend(&exchanges.accounts);
            }
            if !seen.is_some() {
                continue;
            }
            let who = accounts.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("ntlmssp")
                    .site(ledger.site_code_of(&[server, client]))
                    .message(format!(
                        "{client} logged on to {server} as {who} with NTLM over plain HTTP. The logon can be relayed or \
                         its password guessed by whoever is on the path."
                    )),
            );
        }
    }
}
