//! What a filter may ask of a row, gathered from the row and from what belongs to it. All text in lower case.

use findings::report::{ChannelEntry, End, FindingEntry, HostEntry, Report};

use crate::index::Index;
use crate::mark::{Grade, Severity};

/// The facts of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Everything the row says, for words.
    pub(crate) text: String,
    /// Grades of its channels.
    pub(crate) grades: Vec<Grade>,
    /// Severities of its findings.
    pub(crate) severities: Vec<Severity>,
    /// Rule ids of its findings.
    pub(crate) rules: Vec<String>,
    /// Roles of the hosts at its ends.
    pub(crate) roles: Vec<String>,
    /// Addresses and names at its ends.
    pub(crate) hosts: Vec<String>,
    /// Purposes of its channels.
    pub(crate) purposes: Vec<String>,
    /// Site codes.
    pub(crate) sites: Vec<String>,
}

impl Facts {
    /// Of a channel.
    pub(crate) fn of_channel(report: &Report, index: &Index, channel: &ChannelEntry) -> Self {
        let mut facts = Self::default();
        facts.add_channel(channel);
        facts.add_end(report, index, &channel.client);
        facts.add_end(report, index, &channel.server);
        for text in [&channel.protocol, &channel.transport].into_iter().chain(&channel.reasons) {
            facts.say(text);
        }
        for finding in index.findings_of(channel).into_iter().filter_map(|at| report.findings.get(at)) {
            facts.add_finding(finding);
        }
        facts
    }

    /// Of a finding.
    pub(crate) fn of_finding(report: &Report, index: &Index, finding: &FindingEntry) -> Self {
        let mut facts = Self::default();
        facts.add_finding(finding);
        facts.add_end(report, index, &finding.source);
        facts.add_end(report, index, &finding.destination);
        for text in [&finding.message, &finding.title, &finding.confidence, &finding.transport] {
            facts.say(text);
        }
        // Of a single capture every finding is, and a word of its path would let all through.
        if report.coverage.captures.len() > 1 {
            facts.say(&finding.capture);
        }
        for channel in index.channels_of(finding).iter().filter_map(|&at| report.channels.get(at)) {
            facts.grades.push(Grade::of(&channel.grade));
            facts.purposes.push(channel.purpose.to_lowercase());
        }
        facts
    }

    /// Of a host.
    pub(crate) fn of_host(report: &Report, index: &Index, host: &HostEntry) -> Self {
        let mut facts = Self::default();
        facts.add_host(host);
        facts.say(&host.ip);
        for text in host.names.iter().chain(&host.macs).chain(&host.smsids) {
            facts.say(text);
            facts.hosts.push(text.to_lowercase());
        }
        facts.hosts.push(host.ip.to_lowercase());
        for role in &host.roles {
            facts.say(&role.role);
        }
        let (channels, findings) = index.of_host(&host.ip);
        for channel in channels.iter().filter_map(|&at| report.channels.get(at)) {
            facts.grades.push(Grade::of(&channel.grade));
            facts.purposes.push(channel.purpose.to_lowercase());
        }
        for finding in findings.iter().filter_map(|&at| report.findings.get(at)) {
            facts.severities.push(Severity::of(&finding.severity));
            facts.rules.push(finding.rule.to_lowercase());
        }
        facts
    }

    fn add_channel(&mut self, channel: &ChannelEntry) {
        self.grades.push(Grade::of(&channel.grade));
        self.purposes.push(channel.purpose.to_lowercase());
        self.sites.extend(channel.site_code.as_ref().map(|site| site.to_lowercase()));
        self.say(&channel.purpose);
        self.say(&channel.grade);
        self.say(channel.site_code.as_deref().unwrap_or_default());
    }

    fn add_finding(&mut self, finding: &FindingEntry) {
        self.severities.push(Severity::of(&finding.severity));
        self.rules.push(finding.rule.to_lowercase());
        self.sites.extend(finding.site_code.as_ref().map(|site| site.to_lowercase()));
        self.say(&finding.rule);
        self.say(&finding.severity);
    }

    fn add_end(&mut self, report: &Report, index: &Index, end: &End) {
        let port = end.port.map_or_else(String::new, |port| format!("{}:{port}", end.ip));
        for text in [end.ip.as_str(), end.name.as_deref().unwrap_or_default(), &port] {
            self.say(text);
            self.hosts.push(text.to_lowercase());
        }
        if let Some(host) = index.host(&end.ip).and_then(|at| report.hosts.get(at)) {
            self.add_host(host);
        }
    }

    fn add_host(&mut self, host: &HostEntry) {
        self.roles.extend(host.roles.iter().map(|role| role.role.to_lowercase()));
        self.hosts.extend(host.name.as_ref().map(|name| name.to_lowercase()));
        self.sites.extend(host.site_code.as_ref().map(|site| site.to_lowercase()));
        self.say(host.name.as_deref().unwrap_or_default());
    }

    /// Adds text for words; the line feed keeps a word from matching across two texts.
    fn say(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(&text.to_lowercase());
            self.text.push('\n');
        }
    }
}
