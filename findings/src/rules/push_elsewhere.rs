//! A push account is used from a host that does not push.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::account::{same_domain, split};
use crate::ledger::push::pushes;
use crate::ledger::{Ledger, NameSource, NameSources, Role};
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
    /// The logon elsewhere, and the push. A response that had been sent to that very host before shows a relay.
    ///
    /// ## False positives
    /// A second or passive site server; a site server with several addresses whose names do not show; a person who
    /// logs on with the account to try it out. Built-in names such as `administrator` are left out. Where an NTLM logon
    /// gives the name of the site server itself, it may be another address of that server as well as a relayed logon:
    /// the finding is high and only possible then.
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

/// What is added where the same response had been sent to the host before.
const RELAYED: &str = " The logon was relayed: the very same response had been sent to that host before.";
/// What is added where the logon gives the name of a host that pushes.
const CLAIM: &str =
    " It gives that server's name: another address of the same server, or a logon that was relayed.";
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
                let sameness =
                    sources.iter().map(|source| sameness(ledger, *source, host, used.by_ntlm)).max();
                let is_source = sameness == Some(Sameness::Same);
                let controller = ledger.role(host, Role::DomainController).is_some();
                let Some((target, port)) =
                    used.targets.first_key_value().filter(|_| ours && !is_source && !controller)
                else {
                    continue;
                };
                let (severity, sure, claim) = if used.relayed.is_some() {
                    (Self::META.severity, Confidence::Likely, RELAYED)
                } else if sameness == Some(Sameness::Claimed) {
                    (Severity::High, Confidence::Possible, CLAIM)
                } else {
                    (Self::META.severity, Confidence::Likely, "")
                };
                let from = sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                verdicts.report(
                    Finding::new(Self::META, host, *target, &used.seen)
                        .also(&used.relayed)
                        .tcp_port(*port)
                        .subject(&name)
                        .site(ledger.site_code_of(&sources.iter().copied().collect::<Vec<_>>()))
                        .severity(severity)
                        .confidence(sure)
                        .message(format!(
                            "{host} logged on with {name}, the account with which {from} pushes the client.{claim}"
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

/// Whether two addresses are of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sameness {
    /// Nothing says so.
    Other,
    /// Nothing but NTLM says so, and the logon in question was by NTLM: a relayed one has the name of its victim in it.
    Claimed,
    /// They are, or may well be.
    Same,
}

/// They share a name, or one is IPv4, one is IPv6, and they share a MAC address, be it a router's. (Two IPv4 addresses
/// share one when a router stands before them.) A host of which nothing was seen but a logon at the KDC has no entry,
/// only its card.
fn sameness(ledger: &Ledger, source: IpAddr, other: IpAddr, by_ntlm: bool) -> Sameness {
    let mut cards = ledger.host(source).into_iter().flat_map(|host| host.macs.iter());
    let by_card = source.is_ipv4() != other.is_ipv4() && cards.any(|mac| ledger.cards.may_have(*mac, other));
    if source == other || by_card {
        return Sameness::Same;
    }
    let (Some(one), Some(other)) = (ledger.host(source), ledger.host(other)) else { return Sameness::Other };
    let short = |name: &String| name.split('.').next().unwrap_or(name).to_lowercase();
    let names: BTreeSet<String> = one.names.keys().map(short).collect();
    let shared = other.names.iter().filter(|(name, _)| names.contains(&short(name)));
    let of = |sources: &NameSources| {
        let claimed = by_ntlm && sources.is_only(NameSource::Ntlm);
        if claimed { Sameness::Claimed } else { Sameness::Same }
    };
    shared.map(|(_, sources)| of(sources)).max().unwrap_or(Sameness::Other)
}

#[cfg(test)]
mod tests {
    use decoders::ntlmssp::{Authenticate, Carrier, NtlmMessage, Response};

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

    #[test]
    fn a_relayed_logon_has_the_name_of_its_victim_and_is_told_all_the_same() {
        let elsewhere = |source: NameSource| {
            let mut scene = Scene::new();
            scene.ntlm_push(SITE, CLIENT, "svc-push");
            let talk = scene.open(STRANGER, DP, 445);
            scene.ntlm_logon(talk, "svc-push");
            let mut engine = scene.engine();
            engine.ledger_mut().name(SITE, "SITE01", NameSource::Ntlm);
            engine.ledger_mut().name(STRANGER, "SITE01", source);
            let mut verdicts = Verdicts::default();
            PushElsewhere.judge(engine.ledger(), &Coverage::default(), &mut verdicts);
            verdicts.findings
        };
        let found = elsewhere(NameSource::Ntlm);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].confidence), (Severity::High, Confidence::Possible));
        assert!(found[0].message.ends_with("or a logon that was relayed."), "{}", found[0].message);
        assert!(elsewhere(NameSource::Dns).is_empty(), "a name server says so");
    }

    #[test]
    fn a_response_that_the_host_had_been_sent_itself_shows_the_relay() {
        let relayed = |first: u8, then: u8| {
            let mut scene = Scene::new();
            scene.ntlm_push(SITE, CLIENT, "svc-push");
            for (from, to, mark) in [(SITE, STRANGER, first), (STRANGER, DP, then)] {
                let talk = scene.open(from, to, 445);
                let message = Authenticate {
                    carrier: Carrier::Smb,
                    user: "svc-push".to_owned(),
                    workstation: "SITE01".to_owned(),
                    response: Response::NtlmV2,
                    response_mark: Some([mark; 8]),
                    ..Authenticate::default()
                };
                scene.say(talk, capture::Direction::ToServer, NtlmMessage::Authenticate(Box::new(message)));
            }
            let found = scene.findings("push-elsewhere");
            assert_eq!(found.len(), 1);
            (found[0].severity, found[0].message.contains("The logon was relayed"))
        };
        assert_eq!(relayed(1, 1), (Severity::Critical, true));
        assert_eq!(relayed(1, 2), (Severity::High, false), "a logon of its own");
    }
}
