//! A client push tried Kerberos, and fell back to NTLM.

use std::collections::BTreeMap;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::fallback::{Why, why_ntlm};
use crate::ledger::kerberos::Silence;
use crate::ledger::push::pushes;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An NTLM logon in a client push after Kerberos was tried for the same computer within the minute before: the
    /// KDC gave no ticket, no KDC could be reached, or the computer turned the ticket down.
    ///
    /// ## Why it matters
    /// It proves that the site allows the fallback. Whoever can make Kerberos fail, by blocking a port, by a name
    /// without an SPN, or by owning a computer account, makes the site server send NTLM responses of its push
    /// account.
    ///
    /// ## Evidence
    /// The failure (KRB-ERROR with its code, the unanswered or refused request to port 88, or the token that turned
    /// Kerberos down), and the NTLM AUTHENTICATE message after it.
    ///
    /// ## False positives
    /// Where the capture misses the KDC's answers but not the computer's, an answer that was lost looks like none.
    ///
    /// ## Remedy
    /// Turn off "Allow connection fallback to NTLM" in the client push installation properties, and mend what the
    /// finding names: the SPN, the name in DNS, the way to a domain controller, or the clock.
    ///
    /// ## References
    /// - Configuration Manager, "How to deploy clients to Windows computers": allow connection fallback to NTLM
    /// - RFC 4120 7.5.9; RFC 4178 4.2.2; KB15599094
    PushFallback {
        id: "push-fallback",
        title: "client push falls back from Kerberos to NTLM",
        severity: High,
        confidence: Certain,
        tags: ["CWE-757", "ATT&CK T1557.001"],
    }
}

impl Rule for PushFallback {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, coverage: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let mut ports: BTreeMap<u16, (Why, Seen, Seen)> = BTreeMap::new();
            for used in push.ntlm_logons() {
                let (why, shown) = why_ntlm(ledger, used.connection, used.logon, used.ntlm);
                if why.is_fallback() {
                    let entry = ports.entry(used.connection.port);
                    let (_, _, ntlm) = entry.or_insert_with(|| (why, shown, Seen::default()));
                    ntlm.merge(&used.ntlm.seen);
                }
            }
            for (port, (why, shown, ntlm)) in ports {
                // Silence proves nothing where frames were lost.
                let lost = coverage.is_partial() && matches!(why, Why::NoKdc(_, Silence::Unanswered));
                let sure = if lost { Confidence::Likely } else { Confidence::Certain };
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &ntlm)
                        .also(&shown)
                        .tcp_port(port)
                        .filter("ntlmssp")
                        .site(push.site(ledger))
                        .confidence(push.sure.min(sure))
                        .message(format!(
                            "{} pushed the client to {}. {}; NTLM was used.",
                            push.source,
                            push.target,
                            why.words()
                        )),
                );
            }
        }
    }
}
