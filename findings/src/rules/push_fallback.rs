//! A client push tried Kerberos, and fell back to NTLM.

use std::collections::BTreeMap;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::fallback::{Why, why_ntlm};
use crate::ledger::push::{Push, pushes};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An NTLM logon in a client push after Kerberos was tried for the same computer within the minute before: the
    /// KDC gave no ticket, no KDC could be reached or found, or the computer turned the ticket down. The KDC may have been asked
    /// from another address of the site server, as its network card shows.
    ///
    /// Where nothing of Kerberos was captured, three seconds and more between the computer's offer and that of NTLM alone
    /// are a sign of a domain controller that could not be found; the finding is then medium and only possible.
    /// So it is where the KDC refused something just before, and neither its answer nor the capture has what that was.
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

/// Reasons told in words.
const REASONS: usize = 4;

impl Rule for PushFallback {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, coverage: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            for (port, fallbacks) in by_port(ledger, &push) {
                let judged = fallbacks.iter().filter_map(|told| Some((grade(&told.why, coverage)?, told)));
                let mut judged: Vec<_> = judged.collect();
                judged.sort_by(|(one, _), (other, _)| other.cmp(one));
                let Some(((severity, sure), _)) = judged.first() else { continue };
                let (mut shown, mut ntlm) = (Seen::default(), Seen::default());
                for (_, told) in &judged {
                    shown.merge(&told.shown);
                    ntlm.merge(&told.ntlm);
                }
                let reasons: Vec<_> = judged.iter().take(REASONS).map(|(_, told)| told.why.words()).collect();
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &ntlm)
                        .also(&shown)
                        .tcp_port(port)
                        .filter("ntlmssp")
                        .site(push.site(ledger))
                        .severity(*severity)
                        .confidence(push.sure.min(*sure))
                        .message(format!(
                            "{} pushed the client to {}. {}; NTLM was used.",
                            push.source,
                            push.target,
                            reasons.join("; NTLM was used. "),
                        )),
                );
            }
        }
    }
}

/// Logons that fell back for one reason.
struct Told {
    why: Why,
    shown: Seen,
    ntlm: Seen,
}

/// The fallbacks of a push, one for each reason, by port.
fn by_port(ledger: &Ledger, push: &Push<'_>) -> BTreeMap<u16, Vec<Told>> {
    let mut ports: BTreeMap<u16, Vec<Told>> = BTreeMap::new();
    for used in push.ntlm_logons() {
        let (why, shown) = why_ntlm(ledger, used.connection, used.logon, used.ntlm);
        if !why.is_fallback() {
            continue;
        }
        let told = ports.entry(used.connection.port).or_default();
        let waited = matches!(why, Why::Waited(_));
        let alike = |told: &&mut Told| told.why == why || waited && matches!(told.why, Why::Waited(_));
        match told.iter_mut().find(alike) {
            Some(told) => told.ntlm.merge(&used.ntlm.seen),
            None => told.push(Told { why, shown, ntlm: used.ntlm.seen.clone() }),
        }
    }
    ports
}

/// How bad a reason is and how sure; nothing where it proves nothing, as silence does where frames were lost.
fn grade(why: &Why, coverage: &Coverage) -> Option<(Severity, Confidence)> {
    let gaps = coverage.is_partial() || coverage.capture.gaps > 0;
    match why {
        Why::Waited(_) if gaps => None,
        why if why.is_guess() => Some((Severity::Medium, Confidence::Possible)),
        Why::NoKdc(_, how) if how.is_no_answer() && gaps => Some((Severity::High, Confidence::Likely)),
        _ => Some((Severity::High, Confidence::Certain)),
    }
}

#[cfg(test)]
mod tests {
    use decoders::dns::{DnsMessage, SrvRecord};
    use decoders::ntlmssp::{Carrier, Response};
    use decoders::spnego::MechToken;

    use crate::ledger::smb::{OID_KERBEROS, OID_NTLMSSP};
    use crate::testing_smb::{CLIENT, KDC, SITE, STRANGER, Scene};

    #[test]
    fn a_missing_spn_before_ntlm_is_named() {
        let mut scene = Scene::new();
        let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.kdc_refuses(asked, 7).ntlm_push(SITE, CLIENT, "svc-push");
        let message = scene.message("push-fallback");
        assert!(message.contains("did not know cifs/pc1.contoso.com: the SPN is missing"), "{message}");
    }

    #[test]
    fn an_account_that_the_kdc_refuses_before_ntlm_is_named() {
        let mut scene = Scene::new();
        scene.kdc_refuses_account(SITE, "svc-push", 18).ntlm_push(SITE, CLIENT, "svc-push@contoso.com");
        let message = scene.message("push-fallback");
        assert!(
            message.contains("no ticket for svc-push: the account is disabled or locked (error 18)"),
            "{message}"
        );
    }

    #[test]
    fn a_question_still_open_when_ntlm_is_used_counts_as_unanswered() {
        let mut scene = Scene::new();
        scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.wait(11).ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.message("push-fallback").contains("did not answer"));
    }

    #[test]
    fn dns_that_knows_no_kdc_before_ntlm_is_named_unless_one_is_found_after_all() {
        let answer = |scene: &mut Scene, query: &str, rcode, services| {
            let dns = scene.open(SITE, KDC, 53);
            let query = query.to_owned();
            let message =
                DnsMessage { response: true, rcode, query, qtype: 33, services, ..DnsMessage::default() };
            scene.say(dns, capture::Direction::ToClient, message);
        };
        let mut scene = Scene::new();
        answer(&mut scene, "_kerberos._tcp.dc._msdcs.contoso.com", 3, Vec::new());
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        let message = scene.message("push-fallback");
        assert!(message.contains("the DNS server 10.0.0.2 knew no domain controller"), "{message}");

        let mut found = Scene::new();
        answer(&mut found, "_kerberos._udp.contoso.com", 3, Vec::new());
        answer(&mut found, "_kerberos._tcp.contoso.com", 0, vec![SrvRecord::default()]);
        answer(&mut found, "_kerberos-master._udp.contoso.com", 3, Vec::new());
        found.ntlm_push(SITE, CLIENT, "svc-push");
        assert!(found.findings("push-fallback").is_empty());
    }

    #[test]
    fn a_ticket_refused_under_the_long_name_is_that_of_a_computer_called_by_its_short_one() {
        let mut scene = Scene::new();
        let asked = scene.ask_kdc(SITE, "cifs/pc7.contoso.com");
        scene.kdc_refuses(asked, 7);
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").share(talk, "PC7", "ADMIN$");
        scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        assert!(scene.message("push-fallback").contains("did not know cifs/pc7.contoso.com"));
    }

    #[test]
    fn an_account_refused_for_another_computer_is_no_reason_for_one_called_by_address() {
        let mut scene = Scene::new();
        scene.kdc_refuses_account(SITE, "svc-push", 24);
        let refused = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon_with(refused, "svc-push", Response::NtlmV2, 0xC000_006D).end(refused, |_| ());
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push2").share(talk, "10.0.0.101", "ADMIN$");
        scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        assert!(scene.findings("push-fallback").is_empty());
        assert!(scene.message("push-ntlm").ends_with("addressed as 10.0.0.101, not by name."));
    }

    #[test]
    fn kerberos_that_the_computer_turned_down_is_named() {
        // request-mic, and accept-incomplete.
        for state in [3, 1] {
            let mut scene = Scene::new();
            let talk = scene.open(SITE, CLIENT, 445);
            scene
                .offer(talk, &[OID_KERBEROS[0], OID_NTLMSSP], MechToken::KerberosUserToUser)
                .turn_down(talk, state);
            scene
                .authenticate(talk, Carrier::Smb, "svc-push", Response::NtlmV2)
                .set_up(talk)
                .decided(talk, 0);
            scene.push_files(talk);
            assert!(scene.message("push-fallback").contains("turned down"));
        }
    }

    #[test]
    fn what_has_nothing_to_do_with_this_logon_is_no_fallback() {
        let silent: [&dyn Fn(&mut Scene); 6] = [
            // Nothing at all.
            &|_| (),
            // Too long ago.
            &|scene| {
                let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
                scene.kdc_refuses(asked, 7).wait(120);
            },
            // Another service.
            &|scene| {
                let asked = scene.ask_kdc(SITE, "cifs/other.contoso.com");
                scene.kdc_refuses(asked, 7);
            },
            // Another client.
            &|scene| {
                let asked = scene.ask_kdc(STRANGER, "cifs/pc1.contoso.com");
                scene.kdc_refuses(asked, 7);
            },
            // Part of every logon.
            &|scene| {
                let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
                scene.kdc_refuses(asked, 25);
            },
            // Another domain controller answered after one was silent.
            &|scene| {
                let kdc = scene.open(SITE, KDC, 88);
                scene.end(kdc, |end| end.unanswered = true).wait(1).kdc_logs_on(SITE, "svc-push");
            },
        ];
        for (number, before) in silent.iter().enumerate() {
            let mut scene = Scene::new();
            before(&mut scene);
            scene.ntlm_push(SITE, CLIENT, "svc-push");
            assert!(scene.findings("push-fallback").is_empty(), "case {number}");
            assert_eq!(scene.findings("push-ntlm").len(), 1, "case {number}");
        }
    }

    #[test]
    fn a_reset_of_an_answered_connection_to_the_kdc_is_an_ordinary_end() {
        let mut scene = Scene::new();
        let kdc = scene.open(SITE, KDC, 88);
        scene.end(kdc, |end| end.reason = capture::EndReason::Reset).ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.findings("push-fallback").is_empty());
    }

    #[test]
    fn without_the_servers_side_of_the_capture_a_silent_kdc_tells_nothing() {
        let mut scene = Scene::new();
        scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.wait(1).ntlm_push(SITE, CLIENT, "svc-push");
        scene.records.retain(|record| record.direction == capture::Direction::ToServer);
        assert!(scene.findings("push-fallback").is_empty());
        assert_eq!(scene.findings("push-ntlm").len(), 1);
    }
}
