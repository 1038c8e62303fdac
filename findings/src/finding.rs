//! A finding: a judgement about two hosts, with what it rests on.

use std::net::IpAddr;

use capture::{Moment, Transport};

use crate::evidence::{Evidence, Seen};
use crate::rule::Metadata;

/// How bad it is. The order is from harmless to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A fact worth knowing, never an alarm.
    #[default]
    Info,
    /// Should be mended some time.
    Low,
    /// Weakens the site.
    Medium,
    /// Can be used against the site.
    High,
    /// Is an open door.
    Critical,
}

impl Severity {
    /// In lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// All, from worst to harmless.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];
}

/// How sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A heuristic says so.
    #[default]
    Possible,
    /// Inferred from what was seen.
    Likely,
    /// The bytes say so.
    Certain,
}

impl Confidence {
    /// In lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A judgement.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that made it.
    pub rule: &'static Metadata,
    /// How bad it is here; never worse than the rule's own severity unless the rule says so in its documentation.
    pub severity: Severity,
    /// How sure it is here.
    pub confidence: Confidence,
    /// What was seen and what it means, in one or two sentences. Not yet scrubbed.
    pub message: String,
    /// Initiator of the flow or exchange.
    pub source: IpAddr,
    /// Responder.
    pub destination: IpAddr,
    /// Responder's port.
    pub port: Option<u16>,
    /// Transport of that port.
    pub transport: Transport,
    /// Site code, where it was seen.
    pub site_code: Option<String>,
    /// How often, when, and where.
    pub seen: Seen,
    /// Wireshark's display filter for the packets meant.
    pub display_filter: String,
    /// What the fingerprint tells this finding apart by, besides the rule and the hosts' identities: a purpose, an
    /// account, a name. Never a frame number or a time.
    pub subject: String,
}

impl Finding {
    /// A finding of a rule between two hosts, resting on what was seen.
    #[must_use]
    pub fn new(rule: &'static Metadata, source: IpAddr, destination: IpAddr, seen: &Seen) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: rule.confidence,
            message: String::new(),
            source,
            destination,
            port: None,
            transport: Transport::Tcp,
            site_code: None,
            seen: seen.clone(),
            display_filter: host_filter(source, destination),
            subject: String::new(),
        }
    }

    /// States what was seen and what it means.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the responder's TCP port and narrows the filter to it.
    #[must_use]
    pub fn tcp_port(self, port: u16) -> Self {
        self.on_port(Transport::Tcp, port)
    }

    /// Sets the responder's port, of UDP unless the first place shows TCP, and narrows the filter to it.
    #[must_use]
    pub fn udp_port(self, port: u16) -> Self {
        let transport = self.seen.transport().unwrap_or(Transport::Udp);
        self.on_port(transport, port)
    }

    fn on_port(mut self, transport: Transport, port: u16) -> Self {
        self.port = Some(port);
        self.transport = transport;
        self.display_filter = format!("{} && {}.port == {port}", self.display_filter, transport.name());
        self
    }

    /// Narrows the display filter by one more term.
    #[must_use]
    pub fn filter(mut self, term: &str) -> Self {
        self.display_filter = format!("{} && {term}", self.display_filter);
        self
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets another confidence than the rule's.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Sets the site code, where known.
    #[must_use]
    pub fn site(mut self, site_code: Option<impl Into<String>>) -> Self {
        self.site_code = site_code.map(Into::into);
        self
    }

    /// Sets what tells this finding apart from others of its rule between the same hosts.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Adds further places that show it.
    #[must_use]
    pub fn also(mut self, seen: &Seen) -> Self {
        let count = self.seen.count;
        self.seen.support(seen);
        self.seen.count = count;
        self
    }

    /// Its first frame.
    #[must_use]
    pub fn first(&self) -> Moment {
        self.seen.first
    }

    /// The places that show it.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.seen.evidence
    }
}

/// Wireshark's display filter for traffic between two hosts.
fn host_filter(one: IpAddr, other: IpAddr) -> String {
    let term = |addr: IpAddr| match addr {
        IpAddr::V4(addr) => format!("ip.addr == {addr}"),
        IpAddr::V6(addr) => format!("ipv6.addr == {addr}"),
    };
    format!("{} && {}", term(one), term(other))
}
