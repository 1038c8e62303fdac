//! A signature that does not verify.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Signing;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A message with a signature that does not verify over the bytes sent, with the key sent along. Both paddings and
    /// both byte orders of the key in use are tried; encrypted messages are not judged.
    ///
    /// ## Why it matters
    /// The message was changed on its way, or made by somebody who does not have the key.
    ///
    /// ## Evidence
    /// The message, read to its end without a gap. Where part of it was not captured, nothing is concluded.
    ///
    /// ## False positives
    /// A client that signs in a way that no public source describes; then all its messages show it.
    ///
    /// ## Remedy
    /// Find out who sent the message, and what stands between client and management point.
    ///
    /// ## References
    /// - RFC 8017 8.2; Configuration Manager, "Plan for security": signing and encryption
    MsgBadsig {
        id: "msg-badsig",
        title: "client message with a wrong signature",
        severity: High,
        confidence: Certain,
        tags: ["CWE-347"],
    }
}

impl Rule for MsgBadsig {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let wrong = ledger
            .messages
            .by_channel(|key| key.signing == Signing::Invalid && key.complete, |messages| &messages.seen);
        for ((client, server, port), gathered) in wrong {
            verdicts.report(
                gathered
                    .finding(ledger, Self::META, (client, server, port))
                    .message(format!(
                        "The signature of {} from {client} to {server} does not verify: forged, or changed on the way.",
                        gathered.kinds()
                    )),
            );
        }
    }
}
