//! From report to rows: what passes the filters, in the order asked for.

use crate::filter::{Facts, Filter};
use crate::list::Row;
use crate::model::{Detail, Model};

/// Derives the rows of every list anew.
pub(super) fn derive(model: &mut Model) {
    let sieve = Sieve::new(model);
    let channels = channels(model, &sieve);
    let findings = findings(model, &sieve);
    let hosts = hosts(model, &sieve);
    model.channels.replace(channels);
    model.findings.replace(findings);
    model.hosts.replace(hosts);
}

/// The filters in force; facts are gathered only where one asks.
struct Sieve {
    typed: Filter,
    insecure: Option<Filter>,
}

impl Sieve {
    fn new(model: &Model) -> Self {
        Self { typed: model.filter.filter.clone(), insecure: model.insecure_only.then(Filter::insecure) }
    }

    fn lets_through(&self, facts: impl FnOnce() -> Facts) -> bool {
        if self.insecure.is_none() && !self.typed.asks() {
            return true;
        }
        let facts = facts();
        self.typed.lets_through(&facts)
            && self.insecure.as_ref().is_none_or(|insecure| insecure.lets_through(&facts))
    }
}

fn channels(model: &Model, sieve: &Sieve) -> Vec<Row> {
    let (report, index) = (&*model.report, &model.index);
    let mut kept: Vec<_> = report
        .channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| sieve.lets_through(|| Facts::of_channel(report, index, channel)))
        .collect();
    let order = model.channels.order();
    kept.sort_by(|a, b| order.of_channels(a.1, b.1));
    let identities = |at: usize| index.channels.get(at).cloned().unwrap_or_default();
    rows(kept.into_iter().map(|(at, _)| at), model.channels.reversed(), identities)
}

fn findings(model: &Model, sieve: &Sieve) -> Vec<Row> {
    let (report, index) = (&*model.report, &model.index);
    let scope = model.scope.as_ref().and_then(|scope| findings_of(model, scope));
    let mut kept: Vec<_> = report
        .findings
        .iter()
        .enumerate()
        .filter(|(at, _)| scope.as_ref().is_none_or(|scope| scope.binary_search(at).is_ok()))
        .filter(|(_, finding)| sieve.lets_through(|| Facts::of_finding(report, index, finding)))
        .collect();
    let order = model.findings.order();
    kept.sort_by(|a, b| order.of_findings(a.1, b.1));
    let identities = |at: usize| index.findings.get(at).cloned().unwrap_or_default();
    rows(kept.into_iter().map(|(at, _)| at), model.findings.reversed(), identities)
}

/// Positions of the findings of a channel or host, in order; none for anything else.
pub(super) fn findings_of(model: &Model, subject: &Detail) -> Option<Vec<usize>> {
    match subject {
        Detail::Channel(identity) => Some(model.index.findings_of(model.channel(identity)?)),
        Detail::Host(ip) => Some(model.index.of_host(ip).1.to_vec()),
        Detail::Finding(_) => None,
    }
}

fn hosts(model: &Model, sieve: &Sieve) -> Vec<Row> {
    let (report, index) = (&*model.report, &model.index);
    let mut kept: Vec<_> = report
        .hosts
        .iter()
        .enumerate()
        .filter(|(_, host)| sieve.lets_through(|| Facts::of_host(report, index, host)))
        .collect();
    let order = model.hosts.order();
    kept.sort_by(|a, b| order.of_hosts(a.1, b.1));
    let identities = |at: usize| report.hosts.get(at).map(|host| host.ip.clone()).unwrap_or_default();
    rows(kept.into_iter().map(|(at, _)| at), model.hosts.reversed(), identities)
}

fn rows(
    positions: impl DoubleEndedIterator<Item = usize>,
    reversed: bool,
    identity: impl Fn(usize) -> String,
) -> Vec<Row> {
    let row = |at| Row { at, identity: identity(at) };
    if reversed { positions.rev().map(row).collect() } else { positions.map(row).collect() }
}
