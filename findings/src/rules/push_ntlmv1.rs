//! A client push uses LM or NTLMv1.

use std::collections::{BTreeMap, BTreeSet};

use crate::coverage::Coverage;
use crate::evidence::Seen;
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
                let mut seen = Seen::default();
                let mut used: BTreeSet<String> = BTreeSet::new();
                for one in &uses {
                    seen.merge(&one.ntlm.seen);
                    used.insert(format!("{} with {}", one.ntlm.account(), one.ntlm.response.name()));
                }
                let used = used.into_iter().collect::<Vec<_>>().join(", as ");
                verdicts.report(
                    Finding::new(Self::META, push.source, push.target, &seen)
                        .tcp_port(port)
                        .filter("(ntlmssp || smb)")
                        .site(push.site(ledger))
                        .confidence(push.sure)
                        .message(format!(
                            "{} pushed the client to {} as {used}: the password's hash can be recovered from it.",
                            push.source, push.target
                        )),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, SITE, Scene};
    use capture::Direction;
    use decoders::ntlmssp::Response;
    use decoders::smb::{SessionSetupRequest, SessionSetupResponse, SmbEvent};

    #[test]
    fn responses_older_than_ntlmv2_are_told_and_ntlmv2_is_not() {
        let old = [Response::Lm, Response::LmAndNtlmV1, Response::NtlmV1, Response::NtlmV1Ess];
        for (response, count) in old.map(|response| (response, 1)).into_iter().chain([(Response::NtlmV2, 0)])
        {
            let mut scene = Scene::new();
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon_with(talk, "svc-push", response, 0).push_files(talk);
            assert_eq!(scene.findings("push-ntlmv1").len(), count, "{response:?}");
        }
    }

    #[test]
    fn every_account_is_named_not_only_the_first() {
        let mut scene = Scene::new();
        let first = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon_with(first, "svc-push1", Response::NtlmV1Ess, 0xC000_006D);
        let second = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon_with(second, "svc-push2", Response::LmAndNtlmV1, 0).push_files(second);
        let message = scene.message("push-ntlmv1");
        assert!(
            message.contains("svc-push1") && message.contains("svc-push2 with LM and NTLMv1"),
            "{message}"
        );
    }

    #[test]
    fn raw_responses_of_smb1_count() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        let request = SessionSetupRequest {
            smb: 1,
            account: Some("svc-push".to_owned()),
            raw_response: Some(Response::LmAndNtlmV1),
            ..SessionSetupRequest::default()
        };
        let event = SmbEvent::SessionSetupRequest(Box::new(request));
        scene.say(talk, Direction::ToServer, event).decided(talk, 0).push_files(talk);
        assert!(scene.message("push-ntlmv1").contains("svc-push with LM and NTLMv1"));
    }

    #[test]
    fn raw_logons_on_one_connection_are_told_apart() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        let mut ask = |account: &str, session, status| {
            let request = SessionSetupRequest {
                smb: 1,
                account: Some(account.to_owned()),
                raw_response: Some(Response::NtlmV1),
                ..SessionSetupRequest::default()
            };
            let response =
                SessionSetupResponse { smb: 1, session, status, ..SessionSetupResponse::default() };
            scene.say(talk, Direction::ToServer, SmbEvent::SessionSetupRequest(Box::new(request)));
            scene.say(talk, Direction::ToClient, SmbEvent::SessionSetupResponse(Box::new(response)));
        };
        ask("svc-push1", 0, 0xC000_006D);
        ask("svc-push2", 0, 0xC000_006D);
        ask("SITE$", 100, 0);
        scene.push_files(talk);
        let message = scene.message("push-ntlmv1");
        for account in ["svc-push1 with", "svc-push2 with", "SITE$ with"] {
            assert!(message.contains(account), "{message}");
        }
        assert_eq!(scene.findings("push-machineacct").len(), 1);
    }
}
