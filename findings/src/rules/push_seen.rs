//! Client push installation is in use.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::push::pushes;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A host that installs the ConfigMgr client on another over its `admin$` share: the lock file
    /// `SMSClientInstall.<site code>`, `ccmsetup\MobileClient.tcf` written, or `ccmsetup\ccmsetup.exe` written or the
    /// service `ccmsetup` made.
    ///
    /// ## Why it matters
    /// Client push needs an account with administrator's rights on every computer, and sends its credentials to
    /// whatever answers under the computer's name. It is the least safe way to install clients.
    ///
    /// ## Evidence
    /// The file names in `admin$` and the service name. The lock file's extension is the site code.
    ///
    /// ## False positives
    /// An administrator who copies `ccmsetup.exe` into `admin$\ccmsetup` by hand looks alike; then there is neither
    /// lock file nor settings file, and the finding is only likely.
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
            verdicts.report(
                Finding::new(Self::META, push.source, push.target, &push.signs.seen())
                    .tcp_port(push.port())
                    .filter("(smb || smb2)")
                    .site(push.site(ledger))
                    .confidence(push.sure)
                    .message(format!("{} pushed the client to {}: {signs}.", push.source, push.target)),
            );
        }
    }
}
