//! A signature that does not verify.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Severity};
use crate::ledger::Ledger;
use crate::ledger::message::{MessageKey, Signing};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A message with a signature that does not verify over the bytes sent, with the key sent along, or a registration
    /// whose own signature does not verify with the certificate in it. Both paddings and both byte orders of the key in
    /// use are tried; encrypted messages are not judged. Where it is only the signature over the sender's identifier
    /// (`ClientIDSignature`) that does not verify, it is likely, and medium.
    ///
    /// ## Why it matters
    /// The message was changed on its way, or made by somebody who does not have the key. The signature over the
    /// payload does not cover the header: with a wrong one over the identifier, whose message it is was never proved.
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
        let wrong = |signing| {
            let wanted = move |key: &MessageKey| key.signing == signing && key.complete;
            ledger.messages.by_channel(wanted, |messages| &messages.seen)
        };
        for ((client, server, port), gathered) in wrong(Signing::Invalid) {
            verdicts.report(
                gathered
                    .finding(ledger, Self::META, (client, server, port))
                    .message(format!(
                        "The signature of {} from {client} to {server} does not verify: forged, or changed on the way.",
                        gathered.kinds()
                    )),
            );
        }
        for ((client, server, port), gathered) in wrong(Signing::ForAnother) {
            verdicts.report(
                gathered
                    .finding(ledger, Self::META, (client, server, port))
                    .subject("ClientIDSignature")
                    .severity(Severity::Medium)
                    .confidence(Confidence::Likely)
                    .message(format!(
                        "{} from {client} to {server} name a sender that their signature over the identifier does not \
                         prove: likely sent in its name.",
                        gathered.kinds()
                    )),
            );
        }
    }
}
