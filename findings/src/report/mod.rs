//! The result as others see it: plain, ordered, versioned data, every packet string scrubbed, and its writers.
//!
//! These structs are the JSON report, field by field (`schema/report-1.json` describes it). Internal types are never
//! dumped: a change inside the house must not change what a CI job parses.

mod build;
mod community;
pub mod events;
mod explain;
mod fingerprint;
mod format;
mod headline;
mod json;
mod jsonl;
mod junit;
mod layout;
mod markdown;
mod matrix;
mod notes;
mod sarif;
mod sealed;
#[cfg(test)]
mod tests;
mod text;
mod trust;
pub mod verdict;

use serde::Serialize;

use crate::channel::Channel;
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;

pub use community::community_id;
pub use explain::{explanation, section};
pub use format::{Format, Style, UnknownFormat, write};
pub use notes::{grouped, many};
pub use sealed::{AmountEntry, LikelyEntry, SealedEntry};
pub use trust::TrustEntry;
use verdict::severity;

/// Version of the report's format.
pub const SCHEMA: &str = "ccmscope-report/1";

/// A result.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Program name and version.
    pub tool: Tool,
    /// Counts for a glance.
    pub summary: Summary,
    /// Worst first.
    pub findings: Vec<FindingEntry>,
    /// By client, server, port, purpose.
    pub channels: Vec<ChannelEntry>,
    /// Hosts that play a part in a finding or a channel, or have a role; by address.
    pub hosts: Vec<HostEntry>,
    /// What was read and what was not.
    pub coverage: CoverageEntry,
}

/// Who made the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// `ccmscope`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Counts for a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Findings by severity.
    pub critical: usize,
    /// High.
    pub high: usize,
    /// Medium.
    pub medium: usize,
    /// Low.
    pub low: usize,
    /// Info.
    pub info: usize,
    /// Channels graded insecure.
    pub insecure: usize,
    /// Channels graded weak.
    pub weak: usize,
    /// Channels that cannot be judged.
    pub not_observable: usize,
    /// Channels graded secure.
    pub secure: usize,
    /// Highest severity among the findings, in lower case; absent without findings.
    pub highest: Option<String>,
    /// Whether anything of ConfigMgr, or around it, was recognised at all.
    pub relevant: bool,
}

/// One end of a finding or channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct End {
    /// Address.
    pub ip: String,
    /// Port, where one end has a meaningful one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Best name known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FindingEntry {
    /// Rule id.
    pub rule: String,
    /// `info` to `critical`.
    pub severity: String,
    /// `possible`, `likely`, `certain`.
    pub confidence: String,
    /// The rule's title.
    pub title: String,
    /// What was seen and what it means.
    pub message: String,
    /// Initiator.
    pub source: End,
    /// Responder.
    pub destination: End,
    /// `tcp` or `udp`.
    pub transport: String,
    /// Site code, where seen.
    pub site_code: Option<String>,
    /// First time, RFC 3339 UTC.
    pub first_seen: String,
    /// Last time.
    pub last_seen: String,
    /// How often.
    pub count: u64,
    /// The capture that `frames` number frames of.
    pub capture: String,
    /// Frame numbers of the evidence in that capture.
    pub frames: Vec<u64>,
    /// Where it shows.
    pub evidence: Vec<EvidenceEntry>,
    /// For Wireshark.
    pub display_filter: String,
    /// What to do, from the rule's documentation.
    pub remedy: String,
    /// The same finding in another capture has the same fingerprint.
    pub fingerprint: String,
}

/// A place that shows something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceEntry {
    /// Capture name.
    pub capture: String,
    /// Frame number in it.
    pub frame: u64,
    /// RFC 3339 UTC.
    pub time: String,
    /// The flow, as `10.0.0.1:50000 > 10.0.0.2:80/tcp`.
    pub flow: String,
    /// Community ID of the flow, version 1.
    pub community_id: String,
    /// What is there.
    pub what: String,
    /// The bytes meant, in hex; empty where none are shown.
    pub bytes: String,
}

/// A channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChannelEntry {
    /// Who opens it.
    pub client: End,
    /// The site system, or the target of a push.
    pub server: End,
    /// `tcp` or `udp`.
    pub transport: String,
    /// `HTTP`, `TLS 1.2`, `SMB 3.1.1`, `NBNS`.
    pub protocol: String,
    /// What it is for.
    pub purpose: String,
    /// `secure`, `weak`, `insecure`, `not observable`.
    pub grade: String,
    /// Why, worst first.
    pub reasons: Vec<String>,
    /// Who its two sides show to be; of channels over TLS only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<TrustEntry>,
    /// Site code, where seen.
    pub site_code: Option<String>,
    /// First time, RFC 3339 UTC.
    pub first_seen: String,
    /// Last time.
    pub last_seen: String,
    /// Exchanges, messages or sessions seen.
    pub count: u64,
    /// Fingerprints of findings about it.
    pub findings: Vec<String>,
    /// First places.
    pub evidence: Vec<EvidenceEntry>,
    /// What shows from outside of what nobody opened; only for channels over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<SealedEntry>,
}

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostEntry {
    /// Address.
    pub ip: String,
    /// Best name.
    pub name: Option<String>,
    /// All names.
    pub names: Vec<String>,
    /// MAC addresses.
    pub macs: Vec<String>,
    /// Client identifiers.
    pub smsids: Vec<String>,
    /// Site code seen most often.
    pub site_code: Option<String>,
    /// Roles with confidence and the first place that shows each.
    pub roles: Vec<RoleEntry>,
}

/// A role of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RoleEntry {
    /// In words.
    pub role: String,
    /// `possible`, `likely`, `certain`.
    pub confidence: String,
    /// What shows it.
    pub why: String,
    /// Capture of the first place.
    pub capture: String,
    /// Frame of the first place.
    pub frame: u64,
}

/// What was read and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CoverageEntry {
    /// Whether something that should have been read was not.
    pub partial: bool,
    /// Whether conclusions from absence may be drawn.
    pub complete: bool,
    /// Captures read.
    pub captures: Vec<CaptureEntry>,
    /// First frame's time.
    pub from: Option<String>,
    /// Last frame's time.
    pub to: Option<String>,
    /// Every count by name, zeros included.
    pub counts: std::collections::BTreeMap<String, u64>,
    /// Link types not read, as `LINKTYPE number: frames`.
    pub unknown_link_types: std::collections::BTreeMap<String, u64>,
    /// Limits hit, by name.
    pub limits_hit: std::collections::BTreeMap<String, u64>,
    /// The same in sentences, worst first: what a person must know before trusting the rest.
    pub notes: Vec<String>,
}

/// A capture read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaptureEntry {
    /// Name as given.
    pub name: String,
    /// Frames read.
    pub frames: u64,
    /// What went wrong with it.
    pub problems: Vec<String>,
}

impl Report {
    /// Puts a result into its outward form.
    #[must_use]
    pub fn new(ledger: &Ledger, findings: &[Finding], channels: &[Channel], coverage: &Coverage) -> Self {
        build::report(ledger, findings, channels, coverage)
    }
}
