//! One account pushes the client to (nearly) everything.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::account;
use crate::ledger::push::{Push, pushes};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// One source that pushes the client to at least five computers, and one account that logged on to at least
    /// nine of ten of them.
    ///
    /// ## Why it matters
    /// The account is administrator on every client. Who gets hold of it, or of one response of it to relay, has
    /// them all.
    ///
    /// ## Evidence
    /// The accounts of the pushes' logons: from NTLM, or from the exchange with the KDC before a Kerberos logon.
    ///
    /// ## False positives
    /// Small sites; a capture of one subnet. With Kerberos the account is inferred, and the finding only likely.
    ///
    /// ## Remedy
    /// Set up several client push installation accounts, each administrator on a limited set of computers only, or
    /// do without client push.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": if you must use client push, secure the account
    PushOneaccount {
        id: "push-oneaccount",
        title: "one account pushes the client to nearly all computers",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-250"],
    }
}

/// Computers pushed to from which on the question is asked.
const ENOUGH: usize = 5;

impl Rule for PushOneaccount {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let mut sources: BTreeMap<IpAddr, Vec<Push<'_>>> = BTreeMap::new();
        for push in pushes(ledger) {
            sources.entry(push.source).or_default().push(push);
        }
        for (source, pushes) in sources.iter().filter(|(_, pushes)| pushes.len() >= ENOUGH) {
            for (name, targets) in accounts(pushes) {
                let nearly_all = targets.len() >= ENOUGH && targets.len() * 10 >= pushes.len() * 9;
                let Some(first) = targets.first().filter(|_| nearly_all) else { continue };
                verdicts.report(self::finding(ledger, *source, *first, &name, targets.len(), pushes));
            }
        }
    }
}

/// The computers that each account logged on to.
fn accounts(pushes: &[Push<'_>]) -> BTreeMap<String, BTreeSet<IpAddr>> {
    let mut targets: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for push in pushes {
        for account in push.accounts() {
            targets.entry(account::split(&account, "").0).or_default().insert(push.target);
        }
    }
    targets
}

fn finding(
    ledger: &Ledger,
    source: IpAddr,
    first: IpAddr,
    name: &str,
    count: usize,
    pushes: &[Push<'_>],
) -> Finding {
    let mut seen = Seen::default();
    let mut by_ntlm = false;
    for used in pushes.iter().flat_map(Push::ntlm_logons) {
        if account::split(&used.ntlm.user, &used.ntlm.domain).0 == name {
            by_ntlm = true;
            seen.merge(&used.ntlm.seen);
        }
    }
    if !by_ntlm {
        for push in pushes {
            seen.merge(&push.signs.seen());
        }
    }
    let sure = if by_ntlm { Confidence::Certain } else { Confidence::Likely };
    Finding::new(PushOneaccount::META, source, first, &seen)
        .tcp_port(445)
        .site(ledger.site_code_of(&[source]))
        .subject(name)
        .confidence(sure)
        .message(format!(
            "{source} used {name} for {count} of {} computers it pushed the client to.",
            pushes.len()
        ))
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{SITE, Scene, host};

    #[test]
    fn five_computers_with_one_account_are_told() {
        let mut scene = Scene::new();
        for last in 100..105 {
            scene.ntlm_push(SITE, host(last), "svc-push");
        }
        assert!(scene.message("push-oneaccount").contains("used svc-push for 5 of 5"));
    }

    #[test]
    fn few_computers_or_several_accounts_are_not() {
        let mut few = Scene::new();
        let mut several = Scene::new();
        for last in 100..104 {
            few.ntlm_push(SITE, host(last), "svc-push");
        }
        for last in 100..110 {
            several.ntlm_push(SITE, host(last), if last % 2 == 0 { "svc-push1" } else { "svc-push2" });
        }
        assert!(few.findings("push-oneaccount").is_empty());
        assert!(several.findings("push-oneaccount").is_empty());
    }
}
