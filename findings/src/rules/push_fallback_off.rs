//! A client push offers Kerberos alone: the fallback is off.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::ledger::smb::{Logon, OID_KERBEROS, OID_NEGOEX, OID_NTLMSSP};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// The token with which a client push begins to authenticate offers Kerberos and leaves NTLM out, and the
    /// sender is Windows, which otherwise offers both.
    ///
    /// ## Why it matters
    /// It is good news: "Allow connection fallback to NTLM" seems to be off.
    ///
    /// ## Evidence
    /// The mechanism list of the NegTokenInit. Windows is told by NEGOEX in the list.
    ///
    /// ## False positives
    /// The meaning of the list is inferred, not documented. A single connection tells nothing of the other accounts
    /// of the site.
    ///
    /// ## Remedy
    /// Nothing to mend; keep it as it is.
    ///
    /// ## References
    /// - Configuration Manager, "How to deploy clients to Windows computers": allow connection fallback to NTLM
    /// - RFC 4178 4.2.1; [MS-SPNG] 3.1.5.2
    PushFallbackOff {
        id: "push-fallback-off",
        title: "client push offers Kerberos alone",
        severity: Info,
        confidence: Possible,
        tags: [],
    }
}

impl Rule for PushFallbackOff {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            if push.ntlm_logons().next().is_some() {
                continue;
            }
            if let Some((connection, logon)) = push.logons().find(|(_, logon)| is_kerberos_alone(logon)) {
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &logon.offer)
                        .tcp_port(connection.port)
                        .filter("spnego")
                        .site(push.site(ledger))
                        .confidence(Confidence::Possible)
                        .message(format!(
                            "{} pushed the client to {} and offered Kerberos but not NTLM: fallback is likely off.",
                            push.source, push.target
                        )),
                );
            }
        }
    }
}

fn is_kerberos_alone(logon: &Logon) -> bool {
    let offers = |oid: &str| logon.offered.iter().any(|offered| offered == oid);
    offers(OID_NEGOEX) && OID_KERBEROS.iter().any(|oid| offers(oid)) && !offers(OID_NTLMSSP)
}

#[cfg(test)]
mod tests {
    use crate::ledger::smb::{OID_KERBEROS, OID_NEGOEX, OID_NTLMSSP};
    use crate::testing_smb::{CLIENT, SITE, Scene};

    #[test]
    fn windows_that_leaves_ntlm_out_of_its_offer_has_the_fallback_off() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.kerberos_logon(talk, &[OID_KERBEROS[0], OID_KERBEROS[1], OID_NEGOEX]).push_files(talk);
        assert_eq!(scene.findings("push-fallback-off").len(), 1);
    }

    #[test]
    fn a_sender_that_is_not_windows_or_that_offers_ntlm_tells_nothing() {
        for offer in [vec![OID_KERBEROS[0], OID_KERBEROS[1]], vec![OID_KERBEROS[0], OID_NEGOEX, OID_NTLMSSP]]
        {
            let mut scene = Scene::new();
            let talk = scene.open(SITE, CLIENT, 445);
            scene.kerberos_logon(talk, &offer).push_files(talk);
            assert!(scene.findings("push-fallback-off").is_empty());
        }
    }
}
