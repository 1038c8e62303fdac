//! One source sends status messages without end.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// More than 60 status messages within a minute, or more than 100 within five, from one host to one site system.
    /// A client that does its work sends a handful.
    ///
    /// ## Why it matters
    /// Status messages are not authenticated and each one costs the site work: a flood fills its queues and hides what
    /// else is reported.
    ///
    /// ## Evidence
    /// The rate, by the time of the packets, and the first messages.
    ///
    /// ## False positives
    /// A client that catches up after a long outage; a proxy or NAT device that many clients stand behind.
    ///
    /// ## Remedy
    /// Look at the host. Limit who reaches the management point, and how often.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": status messages are not authenticated
    StatusFlood {
        id: "status-flood",
        title: "status message flood",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-770"],
    }
}

/// Messages within a minute that are too many.
const PER_MINUTE: u64 = 60;
/// Messages within five minutes that are too many.
const PER_FIVE_MINUTES: u64 = 100;

impl Rule for StatusFlood {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port), rate) in ledger.messages.status_rates.iter() {
            if rate.peak_minute <= PER_MINUTE && rate.peak_five <= PER_FIVE_MINUTES {
                continue;
            }
            // A clock that stands still tells nothing of how fast they came.
            if rate.seen.first.time == rate.seen.last.time {
                continue;
            }
            verdicts.report(
                Finding::new(Self::META, *client, *server, &rate.seen)
                    .tcp_port(*port)
                    .filter("http")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .message(format!(
                        "{client} sent {} status messages to {server}, up to {} within a minute and {} within five: \
                         likely a flood.",
                        rate.seen.count, rate.peak_minute, rate.peak_five
                    )),
            );
        }
    }
}
