//! Messages signed with SHA-1 or MD5.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Signing;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Messages over plain HTTP whose signature uses SHA-1 or MD5; registrations, which are signed inside, among them.
    ///
    /// ## Why it matters
    /// Both hashes have collisions that can be computed; a signature over one document may be one over another.
    ///
    /// ## Evidence
    /// The hash that the verified signature holds, or the algorithm that the message names.
    ///
    /// ## False positives
    /// None as to the hash. Old operating systems can do no better.
    ///
    /// ## Remedy
    /// Once all clients can, require SHA-256 in the site's communication security settings.
    ///
    /// ## References
    /// - RFC 6194; Configuration Manager, "Plan for security": signing and encryption
    MsgSha1 {
        id: "msg-sha1",
        title: "client messages signed with SHA-1",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-328"],
    }
}

impl Rule for MsgSha1 {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let old = ledger.messages.by_channel(
            |key| matches!(key.hash, Some("SHA-1" | "MD5")) && key.signing != Signing::Invalid,
            |messages| &messages.seen,
        );
        for ((client, server, port), gathered) in old {
            verdicts.report(
                gathered
                    .finding(ledger, Self::META, (client, server, port))
                    .message(format!("{client} signs {} to {server} with SHA-1 or older.", gathered.kinds())),
            );
        }
    }
}
