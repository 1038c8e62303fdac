//! The facade: records in, a report out, as often as one is wanted.

use std::sync::Arc;

use decoders::tls::Reading;
use decoders::{Anomaly, Event, Record};

use crate::catalogue::RULES;
use crate::channel;
use crate::coverage::{Coverage, not_opened};
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::observe;
use crate::policy::Policy;
use crate::report::Report;
use crate::rule::Verdicts;
use crate::trust::Anchors;

/// The judge of one run.
#[derive(Debug)]
pub struct Engine {
    ledger: Ledger,
    seen: Coverage,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { ledger: Ledger::new(limits), seen: Coverage::default() }
    }

    /// Holds certificates against authorities that are trusted, and revocation lists.
    #[must_use]
    pub fn trusting(mut self, anchors: Arc<Anchors>) -> Self {
        let lists = self.ledger.limits.revocation_lists;
        self.ledger.trust.set(anchors, lists);
        self
    }

    /// Takes one record. Records come in frame order.
    pub fn observe(&mut self, record: &Record) {
        self.seen.events += 1;
        if let Event::Anomaly(anomaly) = &record.event {
            match anomaly {
                Anomaly::Malformed(_) | Anomaly::Unexpected { .. } => self.seen.malformed_messages += 1,
                Anomaly::LimitReached { protocol, limit } => {
                    *self.seen.limits_hit.entry(format!("{protocol} {limit}")).or_default() += 1;
                }
            }
        }
        if let Event::Flow(end) = &record.event {
            self.seen.smb_sealed += u64::from(end.smb_encrypted);
            self.tls_ended(end.reading);
        }
        if let Event::Quic(hello) = &record.event {
            self.seen.smb_over_quic += u64::from(hello.is_smb());
        }
        observe::record(&mut self.ledger, record);
    }

    /// Counts a connection by what became of its inside.
    fn tls_ended(&mut self, reading: Option<Reading>) {
        let Some(reading) = reading else { return };
        if reading == Reading::Opened {
            self.seen.tls_opened += 1;
            return;
        }
        self.seen.tls_sealed += 1;
        if let Some(reason) = not_opened(reading) {
            *self.seen.tls_sealed_because.entry(reason).or_default() += 1;
        }
    }

    /// What is remembered.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What is remembered, to be changed by a test.
    #[cfg(test)]
    pub(crate) fn ledger_mut(&mut self) -> &mut Ledger {
        self.ledger.touch();
        &mut self.ledger
    }

    /// Judges what is remembered so far. `coverage` holds what the capture counted; what the engine itself counted
    /// is added to it.
    #[must_use]
    pub fn report(&self, coverage: &Coverage, policy: &Policy) -> Report {
        let coverage = Coverage {
            events: self.seen.events,
            malformed_messages: self.seen.malformed_messages,
            smb_sealed: coverage.smb_sealed + self.seen.smb_sealed,
            smb_over_quic: coverage.smb_over_quic + self.seen.smb_over_quic,
            tls_sealed: coverage.tls_sealed + self.seen.tls_sealed,
            tls_sealed_because: self.seen.tls_sealed_because.clone(),
            tls_opened: coverage.tls_opened + self.seen.tls_opened,
            limits_hit: self.seen.limits_hit.clone(),
            ledger_full: self.ledger.full(),
            ..coverage.clone()
        };
        let findings = self.judge(&coverage, policy);
        let channels = channel::collect(&self.ledger, &coverage);
        Report::new(&self.ledger, &findings, &channels, &coverage)
    }

    /// Findings that the policy admits: worst first, then by first frame, then by rule.
    fn judge(&self, coverage: &Coverage, policy: &Policy) -> Vec<Finding> {
        let mut verdicts = Verdicts::default();
        for rule in RULES {
            rule.judge(&self.ledger, coverage, &mut verdicts);
        }
        let mut findings = verdicts.findings;
        findings.retain(|finding| policy.admits(finding));
        findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.first(), f.rule.id, f.source, f.destination, f.port);
            b.severity
                .cmp(&a.severity)
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| a.subject.cmp(&b.subject))
        });
        findings
    }
}
