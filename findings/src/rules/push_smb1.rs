//! A client push over SMB1.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A client push over SMB1. A negotiate request in SMB1 form that a later version answers does not count.
    ///
    /// ## Why it matters
    /// SMB1 knows no encryption, its signing is weak, its negotiation can be tampered with, and it has been the way
    /// in for worms. It is not installed in current Windows.
    ///
    /// ## Evidence
    /// SMB1 messages after the negotiation: session setup, tree connect, files opened.
    ///
    /// ## False positives
    /// None known.
    ///
    /// ## Remedy
    /// Remove SMB1 from the computer and the site server.
    ///
    /// ## References
    /// - [MS-CIFS] 2.2.3.1
    /// - Microsoft, "How to detect, enable and disable SMBv1, SMBv2, and SMBv3 in Windows"
    PushSmb1 {
        id: "push-smb1",
        title: "client push over SMB1",
        severity: High,
        confidence: Certain,
        tags: ["CWE-327", "CWE-477"],
    }
}

impl Rule for PushSmb1 {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let Some(connection) = push.connections.iter().find(|connection| connection.smb1.is_some())
            else {
                continue;
            };
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &connection.smb1)
                    .tcp_port(connection.port)
                    .filter("smb")
                    .site(push.site(ledger))
                    .confidence(push.sure)
                    .message(format!("{} pushed the client to {} over SMB1.", push.source, push.target)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, Scene};
    use capture::Direction;
    use decoders::ntlmssp::{Carrier, Response};
    use decoders::smb::{NegotiateResponse, SmbEvent};

    #[test]
    fn smb1_in_use_is_told_and_later_versions_are_not() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        let response = NegotiateResponse {
            smb: 1,
            dialect: Some("NT LM 0.12".to_owned()),
            ..NegotiateResponse::default()
        };
        scene.say(talk, Direction::ToClient, SmbEvent::NegotiateResponse(Box::new(response)));
        scene.authenticate(talk, Carrier::Smb, "svc-push", Response::NtlmV2).set_up(talk).push_files(talk);
        scene.ntlm_push(SITE, OTHER_CLIENT, "svc-push");
        let found = scene.findings("push-smb1");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [CLIENT]);
        // SMB1 may carry responses without NTLMSSP: a display filter must show these too.
        for finding in scene.findings("push-ntlm") {
            let smb1 = finding.destination == CLIENT;
            assert_eq!(finding.display_filter.ends_with("(ntlmssp || smb)"), smb1, "{finding:?}");
        }
    }

    #[test]
    fn smb1_that_the_server_refused_is_not_in_use() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        // With a status, and without one but with no dialect chosen.
        for status in [0xc000_00bb, 0] {
            let refusal = NegotiateResponse { smb: 1, status, ..NegotiateResponse::default() };
            scene.say(talk, Direction::ToClient, SmbEvent::NegotiateResponse(Box::new(refusal)));
        }
        scene.authenticate(talk, Carrier::Smb, "svc-push", Response::NtlmV2).set_up(talk).push_files(talk);
        assert!(scene.findings("push-smb1").is_empty());
    }
}
