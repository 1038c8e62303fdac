//! A push account is used from a host that does not push.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::account::{same_domain, split};
use crate::ledger::push::pushes;
use crate::ledger::{Host, Ledger, Role};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An account that was seen in a client push logs on from another host than those that push with it: an NTLM
    /// response of it, or a ticket-granting ticket given to it, somewhere else.
    ///
    /// ## Why it matters
    /// The account has one task and one place. Elsewhere it means that its password, its hash or a relayed logon is
    /// in somebody else's hands, or that it is used for more than it should be.
    ///
    /// ## Evidence
    /// The logon elsewhere, and the push.
    ///
    /// ## False positives
    /// A second or passive site server; a site server with several addresses whose names do not show; a person who
    /// logs on with the account to try it out. Built-in names such as `administrator` are left out.
    ///
    /// ## Remedy
    /// Find out who uses the account there. Change its password, and let it log on to clients only, over the
    /// network only.
    ///
    /// ## References
    /// - Misconfiguration Manager, ELEVATE-2, ELEVATE-3, DETECT-1, DETECT-3
    PushElsewhere {
        id: "push-elsewhere",
        title: "push account used from a host that does not push",
        severity: Critical,
        confidence: Likely,
        tags: ["CWE-522", "ATT&CK T1078", "ATT&CK T1557.001"],
    }
}

/// Names that exist on every computer, each with another password.
const BUILT_IN: [&str; 5] = ["administrator", "admin", "root", "guest", "administrateur"];

/// A push account: the hosts that push with it, and its domains.
type Known = BTreeMap<String, (BTreeSet<IpAddr>, BTreeSet<String>)>;

impl Rule for PushElsewhere {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (name, (sources, domains)) in push_accounts(ledger) {
            for (host, used) in ledger.accounts.users(&name) {
                let same = |domain: &String| domains.iter().any(|known| same_domain(known, domain));
                let ours = used.domains.is_empty() || domains.is_empty() || used.domains.iter().any(same);
                let is_source =
                    sources.iter().any(|source| *source == host || is_same_host(ledger, *source, host));
                let controller = ledger.role(host, Role::DomainController).is_some();
                let Some((target, port)) =
                    used.targets.first_key_value().filter(|_| ours && !is_source && !controller)
                else {
                    continue;
                };
                let from = sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                verdicts.report(
                    Finding::new(Self::META, host, *target, &used.seen)
                        .tcp_port(*port)
                        .subject(&name)
                        .site(ledger.site_code_of(&sources.iter().copied().collect::<Vec<_>>()))
                        .confidence(Confidence::Likely)
                        .message(format!(
                            "{host} logged on with {name}, the account with which {from} pushes the client."
                        )),
                );
            }
        }
    }
}

fn push_accounts(ledger: &Ledger) -> Known {
    let mut known = Known::new();
    for push in pushes(ledger) {
        for account in push.accounts() {
            let (name, domain) = split(&account, "");
            if BUILT_IN.contains(&name.as_str()) {
                continue;
            }
            let entry = known.entry(name).or_default();
            entry.0.insert(push.source);
            if !domain.is_empty() {
                entry.1.insert(domain);
            }
        }
    }
    known
}

/// Whether two addresses may be of one host: they share a name, or one is IPv4, one is IPv6, and they share a MAC
/// address, be it a router's. (Two IPv4 addresses share one when a router stands before them.) A host of which nothing
/// was seen but a logon at the KDC has no entry, only its card.
fn is_same_host(ledger: &Ledger, one: IpAddr, other: IpAddr) -> bool {
    let cards = ledger.host(one).into_iter().flat_map(|host| host.macs.iter());
    if one.is_ipv4() != other.is_ipv4() && cards.into_iter().any(|mac| ledger.cards.may_have(*mac, other)) {
        return true;
    }
    let (Some(one), Some(other)) = (ledger.host(one), ledger.host(other)) else { return false };
    let short = |name: &String| name.split('.').next().unwrap_or(name).to_lowercase();
    let names = |host: &Host| host.names.keys().map(short).collect::<BTreeSet<_>>();
    !names(one).is_disjoint(&names(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing_smb::{CLIENT, DP, OTHER_CLIENT, SITE, STRANGER, Scene};

    #[test]
    fn the_push_account_at_another_host_is_told_whether_by_ntlm_or_kerberos() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        let talk = scene.open(STRANGER, DP, 445);
        scene.ntlm_logon(talk, "svc-push@contoso.com");
        scene.kdc_logs_on(OTHER_CLIENT, "SVC-PUSH");
        let found = scene.findings("push-elsewhere");
        assert_eq!(found.iter().map(|finding| finding.source).collect::<Vec<_>>(), [STRANGER, OTHER_CLIENT]);
    }

    #[test]
    fn other_accounts_other_domains_and_built_in_names_are_not() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push").ntlm_push(SITE, CLIENT, "Administrator");
        for user in ["jdoe", "svc-push@fabrikam.com", "administrator"] {
            let talk = scene.open(STRANGER, DP, 445);
            scene.ntlm_logon(talk, user);
        }
        assert!(scene.findings("push-elsewhere").is_empty());
    }

    #[test]
    fn another_address_of_the_same_server_is_not_elsewhere() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        scene.kdc_logs_on(OTHER_CLIENT, "svc-push");
        let mut engine = scene.engine();
        let mut verdicts = Verdicts::default();
        for addr in [SITE, OTHER_CLIENT] {
            engine.ledger_mut().name(addr, "site01", crate::ledger::NameSource::Ntlm);
        }
        PushElsewhere.judge(engine.ledger(), &Coverage::default(), &mut verdicts);
        assert!(verdicts.findings.is_empty());
    }

    #[test]
    fn a_server_that_pushes_over_ipv6_and_logs_on_over_ipv4_is_not_elsewhere() {
        let elsewhere = |kdc_card: u8| {
            let mut scene = Scene::new();
            let (source, target) = ("2001:db8::10".parse().unwrap(), "2001:db8::65".parse().unwrap());
            let talk = scene.open(source, target, 445);
            scene.ntlm_logon(talk, "svc-push").push_files(talk);
            scene.end(talk, |end| end.client_mac = Some([1; 6]));
            let kdc = scene.ask_kdc(SITE, "krbtgt/CONTOSO.COM");
            scene.kdc_logs_on(SITE, "svc-push");
            scene.end(kdc, |end| end.client_mac = Some([kdc_card; 6]));
            scene.findings("push-elsewhere").len()
        };
        assert_eq!(elsewhere(1), 0, "one network card");
        assert_eq!(elsewhere(2), 1, "another host");
    }
}
