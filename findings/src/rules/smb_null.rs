//! A site system gives anonymous SMB sessions.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::rules::smb_guest;

rule! {
    /// ## What it detects
    /// An anonymous (null) SMB session that a site system accepted.
    ///
    /// ## Why it matters
    /// ConfigMgr needs none. Anonymous sessions tell shares, users and groups to whoever asks, and the session is
    /// not signed.
    ///
    /// ## Evidence
    /// The anonymous flag of the session setup response, or its success after an NTLM message without a user.
    ///
    /// ## False positives
    /// Devices such as scanners look servers up anonymously before they log on; the server accepts it all the same.
    ///
    /// ## Remedy
    /// Restrict anonymous access to named pipes and shares by group policy.
    ///
    /// ## References
    /// - [MS-SMB2] 2.2.6; [MS-NLMP] 3.2.5.1.2
    SmbNull {
        id: "smb-null",
        title: "site system gives an anonymous SMB session",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-306"],
    }
}

impl Rule for SmbNull {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        smb_guest::report(ledger, verdicts, Self::META, "an anonymous", |logon| &logon.anonymous);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, DP, STRANGER, Scene};
    use decoders::smb::SessionSetupResponse;

    #[test]
    fn such_a_session_is_told_on_a_site_system_only() {
        let mut scene = Scene::new();
        for (server, share) in [(DP, "SMS_DP$"), (STRANGER, "Data")] {
            let talk = scene.open(CLIENT, server, 445);
            let response = SessionSetupResponse { anonymous: true, ..SessionSetupResponse::default() };
            scene.set_up(talk).decided_as(talk, response).share(talk, "server", share);
        }
        let found = scene.findings("smb-null");
        assert_eq!(found.iter().map(|finding| finding.destination).collect::<Vec<_>>(), [DP]);
    }

    #[test]
    fn an_ordinary_session_is_silent() {
        let mut scene = Scene::new();
        let talk = scene.open(CLIENT, DP, 445);
        scene.ntlm_logon(talk, "jdoe").share(talk, "dp", "SMS_DP$");
        assert!(scene.findings("smb-null").is_empty());
    }
}
