//! A client push uses LM or NTLMv1.

use std::collections::BTreeMap;

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::{NtlmUse, pushes};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An LM, NTLMv1, or NTLMv1 with extended session security response in a client push, be it inside NTLMSSP or
    /// in an SMB1 session setup without it.
    ///
    /// ## Why it matters
    /// Such a response is made with single DES: the password's hash can be recovered from it in hours, with
    /// certainty and at little cost. It is the hash of an account that is administrator on every client.
    ///
    /// ## Evidence
    /// Lengths and layout of the LM and NT responses and the extended session security flag.
    ///
    /// ## False positives
    /// None known; the layouts differ.
    ///
    /// ## Remedy
    /// Set "Network security: LAN Manager authentication level" to send NTLMv2 only, on the site server and
    /// everywhere else, and change the password of the account.
    ///
    /// ## References
    /// - [MS-NLMP] 3.3.1, 3.3.2; [MS-CIFS] 2.2.4.53.1
    PushNtlmv1 {
        id: "push-ntlmv1",
        title: "client push uses LM or NTLMv1",
        severity: Critical,
        confidence: Certain,
        tags: ["CWE-327", "ATT&CK T1557.001"],
    }
}

impl Rule for PushNtlmv1 {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let mut ports: BTreeMap<u16, Vec<NtlmUse<'_>>> = BTreeMap::new();
            for used in push.ntlm_logons().filter(|used| used.ntlm.response.is_older_than_v2()) {
                ports.entry(used.connection.port).or_default().push(used);
            }
            for (port, uses) in ports {
                let Some(worst) = uses.first() else { continue };
                let mut finding = Finding::new(Self::META, push.source, push.target, &worst.ntlm.seen);
                for used in uses.iter().skip(1) {
                    finding = finding.also(&used.ntlm.seen);
                }
                verdicts.report(
                    finding.tcp_port(port).filter("(ntlmssp || smb)").site(push.site(ledger)).confidence(push.sure).message(
                        format!(
                            "{} pushed the client to {} as {} with {}: the password's hash can be recovered from it.",
                            push.source,
                            push.target,
                            worst.ntlm.account(),
                            worst.ntlm.response.name()
                        ),
                    ),
                );
            }
        }
    }
}
