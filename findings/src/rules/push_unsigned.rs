//! A client push over a session that is neither signed nor encrypted.

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::ledger::smb::{Logon, Outcome};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// An SMB session of a client push in which files were written or services made, with no message signed and
    /// none encrypted. The tree connect, which SMB 3.1.1 and some clients always sign, does not count.
    ///
    /// ## Why it matters
    /// Whoever is on the way can change the program that is installed and run with the rights of the system, and an
    /// NTLM logon relayed to such a computer works.
    ///
    /// ## Evidence
    /// Requests of the session without the signed flag, after the logon had succeeded.
    ///
    /// ## False positives
    /// Where only a part of the session was captured, signed messages may be missing. Where neither end demands
    /// signing, which is how Windows came until recently, the finding is for information only; its severity is
    /// medium where an end demanded signing and the session went without.
    ///
    /// ## Remedy
    /// Require SMB signing on servers and clients, by group policy; or SMB encryption.
    ///
    /// ## References
    /// - [MS-SMB2] 3.2.4.1.1, 3.3.5.2.4
    /// - Microsoft, "Overview of Server Message Block signing"
    PushUnsigned {
        id: "push-unsigned",
        title: "client push over SMB that is neither signed nor encrypted",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-345", "CWE-319"],
    }
}

/// Readable requests without a signed one among them from which on the session counts as not signed.
const ENOUGH: u64 = 2;

impl Rule for PushUnsigned {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let mut shown = push.logons().filter(|(connection, _)| connection.push_signs);
            let Some((connection, logon)) = shown.find(|(_, logon)| is_open(logon)) else { continue };
            let demanded = connection.signing_required == Some(true) || logon.signing_demanded;
            let severity = if demanded { Severity::Medium } else { Severity::Info };
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &logon.readable)
                    .tcp_port(connection.port)
                    .filter("(smb || smb2)")
                    .site(push.site(ledger))
                    .confidence(push.sure)
                    .severity(severity)
                    .message(format!(
                        "{} pushed the client to {} over {}; the session was neither signed nor encrypted.",
                        push.source,
                        push.target,
                        connection.protocol()
                    )),
            );
        }
    }
}

/// Whether a session was seen to be used without protection.
pub(crate) fn is_open(logon: &Logon) -> bool {
    let refused = matches!(logon.outcome, Outcome::Refused(_));
    !refused && !logon.signed && !logon.encrypted && logon.readable.count >= ENOUGH
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, Scene};

    #[test]
    fn a_session_that_nobody_wanted_signed_is_told_for_information() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        assert_eq!(scene.findings("push-unsigned")[0].severity, Severity::Info);
    }

    #[test]
    fn a_session_that_should_have_been_signed_weighs_more() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").negotiated(talk, true).push_files(talk);
        assert_eq!(scene.findings("push-unsigned")[0].severity, Severity::Medium);
    }

    #[test]
    fn signed_and_encrypted_sessions_are_silent() {
        let mut scene = Scene::new();
        let signed = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(signed, "svc-push").signed(signed).push_files(signed);
        let sealed = scene.open(SITE, OTHER_CLIENT, 445);
        scene.ntlm_logon(sealed, "svc-push").encrypted(sealed).push_files(sealed);
        assert!(scene.findings("push-unsigned").is_empty());
    }
}
