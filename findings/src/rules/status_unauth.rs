//! Status messages whose key no registration bound to the client.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Kind;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A status message with a valid signature whose key was not seen to be registered for the identity it claims.
    /// Messages without a signature are another rule's.
    ///
    /// ## Why it matters
    /// A signature proves only that the sender has the key it sends along. What ties the key to a client is the
    /// registration; status messages are accepted without that tie.
    ///
    /// ## Evidence
    /// The message with its key, and no registration of that key, or signed message of that identity, before it.
    ///
    /// ## False positives
    /// Common: the registration happened before the capture began.
    ///
    /// ## Remedy
    /// None: by design. A capture that begins with the registration tells more.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": status messages are not authenticated
    StatusUnauth {
        id: "status-unauth",
        title: "status messages signed by a key that is not known to be the client's",
        severity: Info,
        confidence: Likely,
        tags: ["CWE-345"],
    }
}

impl Rule for StatusUnauth {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let unbound =
            ledger.messages.by_channel(|key| key.kind == Kind::Status, |messages| &messages.unbound);
        for ((client, server, port), gathered) in unbound {
            verdicts.report(gathered.finding(ledger, Self::META, (client, server, port)).message(format!(
                "{client} signed status messages to {server} with a key that was not seen to be registered, \
                         which may have been before the capture: who signed them does not show.",
            )));
        }
    }
}
