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
