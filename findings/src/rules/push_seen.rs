//! Client push installation is in use.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A host that installs the ConfigMgr client on another over its `admin$` share: the lock file
    /// `SMSClientInstall.<site code>`, `ccmsetup\MobileClient.tcf` written, the service `ccmsetup` made, or
    /// `ccmsetup\ccmsetup.exe` written and that service opened.
    ///
    /// ## Why it matters
    /// Client push needs an account with administrator's rights on every computer, and sends its credentials to
    /// whatever answers under the computer's name. It is the least safe way to install clients.
    ///
    /// ## Evidence
    /// The file names in `admin$` and the service name. The lock file's extension is the site code.
    ///
    /// ## False positives
    /// An administrator who installs the client by hand may make the service; then there is neither lock file nor
    /// settings file, and the finding is only likely. `ccmsetup.exe` alone is left to `push-possible`.
    ///
    /// ## Remedy
    /// Install clients by group policy, software update point, or in the operating system image.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": use the most secure client installation method
    /// - Configuration Manager, "How to deploy clients to Windows computers": client push
    PushSeen {
        id: "push-seen",
        title: "client push installation is in use",
        severity: Info,
        confidence: Certain,
        tags: ["ATT&CK T1072"],
    }
}

impl Rule for PushSeen {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for push in pushes(ledger) {
            let signs = push.signs.words().join(", ");
            let pushed = if push.signs.is_refused() { "tried to push" } else { "pushed" };
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &push.signs.seen())
                    .tcp_port(push.port())
                    .filter("(smb || smb2)")
                    .site(push.site(ledger))
                    .confidence(push.sure)
                    .message(format!("{} {pushed} the client to {}: {signs}.", push.source, push.target)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::ledger::Role;
    use crate::testing_smb::{CLIENT, OTHER_CLIENT, SITE, STRANGER, Scene};

    #[test]
    fn the_lock_file_makes_it_certain_and_tells_the_site() {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        let found = scene.findings("push-seen");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].confidence, found[0].site_code.as_deref()), (Confidence::Certain, Some("PS1")));
        let engine = scene.engine();
        assert_eq!(engine.ledger().role(SITE, Role::SiteServer), Some(Confidence::Certain));
        assert_eq!(engine.ledger().role(CLIENT, Role::Client), Some(Confidence::Certain));
    }

    #[test]
    fn a_file_that_was_refused_is_not_called_written() {
        const DENIED: u32 = 0xC000_0022;
        let message = |answers: &[u32]| {
            let mut scene = Scene::new();
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "svc-push").share(talk, "pc1", "ADMIN$");
            scene.search(talk, "SMSClientInstall.*");
            for status in answers {
                let name = "ccmsetup\\ccmsetup.exe";
                scene.file(talk, "ADMIN$", name, true).opened(talk, name, *status);
            }
            scene.message("push-seen")
        };
        let tried = format!("{SITE} tried to push the client to {CLIENT}: the lock file SMSClientInstall, ");
        assert_eq!(message(&[DENIED]), format!("{tried}writing of ccmsetup\\ccmsetup.exe refused."));
        assert!(message(&[DENIED, 0, DENIED]).ends_with(", ccmsetup\\ccmsetup.exe written."));
        assert!(message(&[0]).starts_with(&format!("{SITE} pushed ")));
    }

    #[test]
    fn the_program_makes_it_likely_only_with_the_service() {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "jdoe").share(talk, "pc1", "ADMIN$").file(
            talk,
            "ADMIN$",
            "ccmsetup\\ccmsetup.exe",
            true,
        );
        assert!(scene.findings("push-seen").is_empty());
        scene.share(talk, "pc1", "IPC$").service(talk, 16, "ccmsetup");
        assert_eq!(scene.findings("push-seen")[0].confidence, Confidence::Likely);
    }

    #[test]
    fn a_service_named_ccmsetup_that_is_made_makes_it_likely_and_one_that_is_opened_does_not() {
        for (opnum, count) in [(12, 1), (16, 0)] {
            let mut scene = Scene::new();
            let talk = scene.open(SITE, CLIENT, 445);
            scene.ntlm_logon(talk, "jdoe").share(talk, "pc1", "IPC$").service(talk, opnum, "CCMSetup");
            assert_eq!(scene.findings("push-seen").len(), count);
        }
    }

    #[test]
    fn reading_and_other_shares_and_other_tools_are_no_push() {
        let mut scene = Scene::new();
        let read = scene.open(CLIENT, SITE, 445);
        scene.ntlm_logon(read, "jdoe").share(read, "ss", "SMS_PS1");
        scene.file(read, "SMS_PS1", "ccmsetup\\ccmsetup.exe", false);
        let drive = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(drive, "jdoe").share(drive, "pc1", "C$");
        scene.file(drive, "C$", "ccmsetup\\ccmsetup.exe", true).file(
            drive,
            "C$",
            "SMSClientInstall.PS1",
            true,
        );
        let log = scene.open(SITE, OTHER_CLIENT, 445);
        scene.ntlm_logon(log, "jdoe").share(log, "pc2", "ADMIN$");
        scene.file(log, "ADMIN$", "Temp\\MobileClient.tcf", true).file(
            log,
            "ADMIN$",
            "ccmsetup\\ccmsetup.exe",
            false,
        );
        let tool = scene.open(STRANGER, CLIENT, 445);
        scene.ntlm_logon(tool, "jdoe").share(tool, "pc1", "ADMIN$").file(
            tool,
            "ADMIN$",
            "PSEXESVC.exe",
            true,
        );
        scene.file(tool, "ADMIN$", "ccmsetup\\ccmsetup.exe", true);
        assert!(scene.findings("push-seen").is_empty());
    }
}
