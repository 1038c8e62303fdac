//! What belongs to what in a report: identities of rows, and from finding to channel to host and back.
//!
//! Made once for every report that comes. The report stays as it is; everything here is positions in its lists.

use std::collections::BTreeMap;

use findings::report::{ChannelEntry, End, FindingEntry, Report};

/// The identity of a row: the same in the next report, whatever its position there.
pub(crate) type Identity = String;

/// Positions in the lists of one report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Identity of each finding, by position.
    pub(crate) findings: Vec<Identity>,
    /// Identity of each channel, by position.
    pub(crate) channels: Vec<Identity>,
    finding_at: BTreeMap<Identity, usize>,
    channel_at: BTreeMap<Identity, usize>,
    host_at: BTreeMap<String, usize>,
    by_fingerprint: BTreeMap<String, Vec<usize>>,
    channels_of: BTreeMap<String, Vec<usize>>,
    of_host: BTreeMap<String, (Vec<usize>, Vec<usize>)>,
}

impl Index {
    /// Reads a report once.
    pub(crate) fn new(report: &Report) -> Self {
        let mut index = Self::default();
        let (mut findings, mut channels) = (Counted::default(), Counted::default());
        for (at, finding) in report.findings.iter().enumerate() {
            let identity = findings.unique(identity_of_finding(finding));
            index.finding_at.insert(identity.clone(), at);
            index.findings.push(identity);
            index.by_fingerprint.entry(finding.fingerprint.clone()).or_default().push(at);
            for ip in ends(&finding.source, &finding.destination) {
                index.of_host.entry(ip.to_owned()).or_default().1.push(at);
            }
        }
        for (at, channel) in report.channels.iter().enumerate() {
            let identity = channels.unique(identity_of_channel(channel));
            index.channel_at.insert(identity.clone(), at);
            index.channels.push(identity);
            for fingerprint in &channel.findings {
                index.channels_of.entry(fingerprint.clone()).or_default().push(at);
            }
            for ip in ends(&channel.client, &channel.server) {
                index.of_host.entry(ip.to_owned()).or_default().0.push(at);
            }
        }
        for (at, host) in report.hosts.iter().enumerate() {
            index.host_at.insert(host.ip.clone(), at);
        }
        index
    }

    /// Position of a finding.
    pub(crate) fn finding(&self, identity: &str) -> Option<usize> {
        self.finding_at.get(identity).copied()
    }

    /// Position of a channel.
    pub(crate) fn channel(&self, identity: &str) -> Option<usize> {
        self.channel_at.get(identity).copied()
    }

    /// Position of a host.
    pub(crate) fn host(&self, ip: &str) -> Option<usize> {
        self.host_at.get(ip).copied()
    }

    /// Positions of the findings of a channel.
    pub(crate) fn findings_of(&self, channel: &ChannelEntry) -> Vec<usize> {
        let mut found: Vec<usize> = channel
            .findings
            .iter()
            .filter_map(|fingerprint| self.by_fingerprint.get(fingerprint))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Positions of the channels that a finding is about.
    pub(crate) fn channels_of(&self, finding: &FindingEntry) -> &[usize] {
        self.channels_of.get(&finding.fingerprint).map_or(&[], Vec::as_slice)
    }

    /// Positions of the channels and of the findings that have this host at an end.
    pub(crate) fn of_host(&self, ip: &str) -> (&[usize], &[usize]) {
        self.of_host.get(ip).map_or((&[], &[]), |(channels, findings)| (channels, findings))
    }
}

/// The addresses of two ends, once where they are the same.
fn ends<'a>(one: &'a End, other: &'a End) -> impl Iterator<Item = &'a str> {
    let second = (other.ip != one.ip).then_some(other.ip.as_str());
    std::iter::once(one.ip.as_str()).chain(second)
}

/// One fingerprint may be there once for every capture.
fn identity_of_finding(finding: &FindingEntry) -> Identity {
    format!("{} {}", finding.fingerprint, finding.capture)
}

/// Protocol, grade and counts may change while a channel is watched; these may not.
fn identity_of_channel(channel: &ChannelEntry) -> Identity {
    format!(
        "{} {} {} {} {}",
        channel.client.ip,
        channel.server.ip,
        channel.server.port.unwrap_or_default(),
        channel.transport,
        channel.purpose
    )
}

/// Counts how often each identity was there; a second of the same kind gets a number.
#[derive(Default)]
struct Counted(BTreeMap<Identity, u64>);

impl Counted {
    fn unique(&mut self, identity: Identity) -> Identity {
        let count = self.0.entry(identity.clone()).or_default();
        *count += 1;
        if *count == 1 { identity } else { format!("{identity} #{count}") }
    }
}
