//! A client push with the site server's computer account.

use std::collections::BTreeMap;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::account;
use crate::ledger::push::{Push, pushes};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A logon with a computer account (its name ends in `$`) in a client push.
    ///
    /// ## Why it matters
    /// The site server's computer account is tried when no other account is set up, and whenever all others fail.
    /// Where it is administrator on clients it usually is on site systems and the database too: relayed, it gives
    /// the whole site.
    ///
    /// ## Evidence
    /// The account in the NTLM response, or in the exchange with the KDC before a Kerberos logon.
    ///
    /// ## False positives
    /// It is tried by design after all accounts have failed; the refusal is then part of the evidence.
    ///
    /// ## Remedy
    /// Set up client push installation accounts for limited sets of computers, and take the computer account's
    /// rights on clients away.
    ///
    /// ## References
    /// - Configuration Manager, "Accounts used": client push installation account
    /// - Misconfiguration Manager, ELEVATE-2
    PushMachineacct {
        id: "push-machineacct",
        title: "client push with the site server's computer account",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-250"],
    }
}

impl Rule for PushMachineacct {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            for (name, (port, seen, sure)) in machine_accounts(&push) {
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &seen)
                        .tcp_port(port)
                        .site(push.site(ledger))
                        .subject(&name)
                        .confidence(sure.min(push.sure))
                        .message(format!(
                            "{} pushed the client to {} with the computer account {name}.",
                            push.source, push.target
                        )),
                );
            }
        }
    }
}

/// Computer accounts used in a push, each with port and evidence. Those read from the logon itself are certain.
fn machine_accounts(push: &Push<'_>) -> BTreeMap<String, (u16, Seen, Confidence)> {
    let mut found: BTreeMap<String, (u16, Seen, Confidence)> = BTreeMap::new();
    for (connection, logon) in push.logons() {
        let kerberos = logon.kerberos.as_ref().map(|kerberos| (&kerberos.seen, Confidence::Likely));
        let ntlm = logon.ntlm_proof().map(|ntlm| (&ntlm.seen, Confidence::Certain));
        let (Some(account), Some((seen, sure))) = (logon.account(), ntlm.or(kerberos)) else { continue };
        let (name, _) = account::split(&account, "");
        if name.ends_with('$') {
            let entry = found.entry(name).or_insert_with(|| (connection.port, Seen::default(), sure));
            entry.1.merge(seen);
            entry.2 = entry.2.max(sure);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::ledger::smb::OID_KERBEROS;
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, Scene};

    #[test]
    fn a_computer_account_is_told_and_another_is_not() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "SITE01$").ntlm_push(SITE, OTHER_CLIENT, "svc-push");
        let found = scene.findings("push-machineacct");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [CLIENT]);
    }

    #[test]
    fn by_kerberos_the_account_is_the_one_that_just_logged_on_if_only_one_did() {
        for (accounts, count) in [(vec!["SITE01$"], 1), (vec!["svc-push", "SITE01$"], 0)] {
            let mut scene = Scene::new();
            for account in accounts {
                scene.kdc_logs_on(SITE, account);
            }
            let talk = scene.open(SITE, CLIENT, 445);
            scene.kerberos_logon(talk, &[OID_KERBEROS[0]]).push_files(talk);
            assert_eq!(scene.findings("push-machineacct").len(), count);
        }
    }
}
