//! One source sends status messages without end.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// More than 60 status messages within a minute, or more than 100 within five, from one host to one site system;
    /// or, where four hosts or more send any, more than 30 within five minutes and ten times what half of them sent.
    /// A client that does its work sends a handful. A host that was seen to be several clients may send as many more.
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
/// Messages of one client within five minutes, above which it is held against the others.
const MANY: u64 = 30;
/// How many times what others send is a flood.
const TIMES: u64 = 10;
/// Identities with which a host is taken for one that stands before several clients.
const FORWARDER: usize = 3;
/// Senders that are enough to say what is usual.
const SENDERS: usize = 4;

impl Rule for StatusFlood {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let usual = usual(ledger);
        for ((client, server, port), rate) in ledger.messages.status_rates.iter() {
            // Who forwards messages of several clients, as a gateway's connection point does, may send as many more.
            let clients = match ledger.messages.identities_of(*client) {
                several @ FORWARDER.. => u64::try_from(several).unwrap_or(u64::MAX),
                _ => 1,
            };
            let (minute, five) = (rate.peak_minute / clients, rate.peak_five / clients);
            let many = minute > PER_MINUTE || five > PER_FIVE_MINUTES;
            let unlike = usual.filter(|usual| five > MANY && five >= usual.saturating_mul(TIMES));
            // A clock that stands still tells nothing of how fast they came.
            let timeless = rate.seen.first.time == rate.seen.last.time;
            if timeless || (!many && unlike.is_none()) {
                continue;
            }
            let others = unlike
                .map(|usual| format!("; half of the senders sent {usual} or fewer"))
                .unwrap_or_default();
            verdicts.report(
                Finding::new(Self::META, *client, *server, &rate.seen)
                    .tcp_port(*port)
                    .filter("http")
                    .site(ledger.site_code_of(&[*server, *client]))
                    .message(format!(
                        "{client} sent {} status messages to {server}, up to {} within a minute and {} within \
                         five{others}: likely a flood.",
                        rate.seen.count, rate.peak_minute, rate.peak_five
                    )),
            );
        }
    }
}

/// The most messages within five minutes that half of the senders stay within, if there are enough of them.
fn usual(ledger: &Ledger) -> Option<u64> {
    let mut peaks: Vec<u64> = ledger.messages.status_rates.iter().map(|(_, rate)| rate.peak_five).collect();
    peaks.sort_unstable();
    (peaks.len() >= SENDERS).then(|| peaks.get((peaks.len() - 1) / 2).copied()).flatten()
}
