//! The settings that a client push leaves behind could be read.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// The contents of `MobileClient.tcf` in a client push that was not encrypted.
    ///
    /// ## Why it matters
    /// The file tells the site code, the management point, and often the site's trusted root key and the issuers
    /// of its certificates: a map of the site, though no secret. Where signing is missing too, it can be changed on
    /// the way, and the client then trusts another site.
    ///
    /// ## Evidence
    /// The write request with the file's lines. Values of keys and certificates are not kept.
    ///
    /// ## False positives
    /// None known: what is listed was read.
    ///
    /// ## Remedy
    /// Use SMB encryption between the site server and clients, or install clients another way.
    ///
    /// ## References
    /// - Configuration Manager, "Plan for security": the trusted root key
    PushCleartcf {
        id: "push-cleartcf",
        title: "the site settings that a client push writes are readable",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for PushCleartcf {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger).filter(|push| push.signs.settings_read.is_some()) {
            let keys = push.signs.settings.iter().map(|line| line.split('=').next().unwrap_or(line));
            let keys = keys.collect::<Vec<_>>().join(", ");
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &push.signs.settings_read)
                    .tcp_port(push.port())
                    .filter("(smb || smb2)")
                    .site(push.site(ledger))
                    .message(format!(
                        "{} wrote MobileClient.tcf to {} in the clear; it can be read: {keys}.",
                        push.source, push.target
                    )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing_smb::{CLIENT, SITE, Scene};

    #[test]
    fn settings_that_could_be_read_are_told_without_their_values() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").push_files(talk).settings(talk);
        let message = scene.message("push-cleartcf");
        assert!(message.contains("SMSSITECODE") && !message.contains("PS1"), "{message}");
    }

    #[test]
    fn a_push_whose_settings_were_not_read_is_silent() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.findings("push-cleartcf").is_empty());
    }
}
