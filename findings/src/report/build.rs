//! From what the engine holds to what the report says. Here, and nowhere else, packet strings are scrubbed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use capture::{CaptureId, FlowKey, Moment, Transport};

use super::fingerprint::{fingerprint, hex};
use super::{
    ChannelEntry, End, EvidenceEntry, FindingEntry, HostEntry, Report, RoleEntry, SCHEMA, Summary, Tool,
    TrustEntry, community_id, notes, section,
};
use crate::channel::{Channel, Grade, Purpose, Trust};
use crate::coverage::Coverage;
use crate::evidence::Evidence;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::{Host, Ledger};
use crate::scrub;

/// Puts a result into its outward form.
pub(super) fn report(
    ledger: &Ledger,
    findings: &[Finding],
    channels: &[Channel],
    coverage: &Coverage,
) -> Report {
    let scene = Scene { ledger, coverage };
    let prints: Vec<String> = findings.iter().map(|finding| fingerprint(ledger, finding)).collect();
    let mut between: Between<'_> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        between.entry(pair(finding.source, finding.destination)).or_default().push((index, finding));
    }
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "ccmscope".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        summary: summary(ledger, findings, channels),
        findings: findings
            .iter()
            .zip(&prints)
            .map(|(finding, print)| scene.finding(finding, print))
            .collect(),
        channels: channels.iter().map(|channel| scene.channel(channel, &between, &prints)).collect(),
        hosts: scene.hosts(findings, channels),
        coverage: notes::coverage(coverage),
    }
}

/// Findings by the two hosts they are about, each with its place in the list.
type Between<'a> = BTreeMap<(IpAddr, IpAddr), Vec<(usize, &'a Finding)>>;

/// Two hosts, whichever way round.
fn pair(one: IpAddr, other: IpAddr) -> (IpAddr, IpAddr) {
    (one.min(other), one.max(other))
}

/// What entries are made from.
struct Scene<'a> {
    ledger: &'a Ledger,
    coverage: &'a Coverage,
}

impl Scene<'_> {
    fn finding(&self, finding: &Finding, print: &str) -> FindingEntry {
        let capture =
            finding.evidence().first().map_or(finding.first().frame.capture, |e| e.at.frame.capture);
        let numbers = finding.evidence().iter().map(|evidence| evidence.at.frame);
        let frames: BTreeSet<u64> =
            numbers.filter(|frame| frame.capture == capture).map(|frame| frame.number).collect();
        FindingEntry {
            rule: finding.rule.id.to_owned(),
            severity: finding.severity.name().to_owned(),
            confidence: finding.confidence.name().to_owned(),
            title: finding.rule.title.to_owned(),
            message: clean(&finding.message),
            source: self.end(finding.source, None),
            destination: self.end(finding.destination, finding.port),
            transport: finding.transport.name().to_owned(),
            site_code: finding.site_code.as_deref().map(clean),
            first_seen: finding.seen.first.time.to_string(),
            last_seen: finding.seen.last.time.to_string(),
            count: finding.seen.count,
            capture: self.capture(capture),
            frames: frames.into_iter().collect(),
            evidence: self.evidence(finding.evidence()),
            display_filter: clean(&finding.display_filter),
            remedy: section(finding.rule, "Remedy"),
            fingerprint: print.to_owned(),
        }
    }

    fn channel(&self, channel: &Channel, between: &Between<'_>, prints: &[String]) -> ChannelEntry {
        let candidates = between.get(&pair(channel.client, channel.server)).into_iter().flatten();
        let about: BTreeSet<&String> = candidates
            .filter(|(_, finding)| is_about(finding, channel))
            .filter_map(|(index, _)| prints.get(*index))
            .collect();
        ChannelEntry {
            client: self.end(channel.client, None),
            server: self.end(channel.server, Some(channel.port)),
            transport: channel.transport.name().to_owned(),
            protocol: clean(&channel.protocol),
            purpose: channel.purpose.name().to_owned(),
            grade: channel.grade.name().to_owned(),
            reasons: channel.reasons.iter().map(|reason| clean(&reason.text)).collect(),
            trust: channel.trust.as_ref().map(trust),
            site_code: channel.site_code.as_deref().map(clean),
            first_seen: channel.seen.first.time.to_string(),
            last_seen: channel.seen.last.time.to_string(),
            count: channel.seen.count,
            findings: about.into_iter().cloned().collect(),
            evidence: self.evidence(&channel.seen.evidence),
            sealed: channel.sealed.as_ref().map(Into::into),
        }
    }

    /// Hosts that have a role, or a part in a finding or channel.
    fn hosts(&self, findings: &[Finding], channels: &[Channel]) -> Vec<HostEntry> {
        let parts: BTreeSet<IpAddr> = findings
            .iter()
            .flat_map(|finding| [finding.source, finding.destination])
            .chain(channels.iter().flat_map(|channel| [channel.client, channel.server]))
            .collect();
        let hosts = self.ledger.hosts();
        hosts
            .filter(|host| !host.roles.is_empty() || parts.contains(&host.addr))
            .map(|host| self.host(host))
            .collect()
    }

    fn host(&self, host: &Host) -> HostEntry {
        let role = |(role, claim): (&crate::Role, &crate::ledger::RoleClaim)| {
            let first = claim.seen.evidence.first();
            let frame = first.map_or(claim.seen.first.frame, |evidence| evidence.at.frame);
            RoleEntry {
                role: role.name().to_owned(),
                confidence: claim.confidence.name().to_owned(),
                why: first.map(|evidence| clean(&evidence.what)).unwrap_or_default(),
                capture: self.capture(frame.capture),
                frame: frame.number,
            }
        };
        HostEntry {
            ip: host.addr.to_string(),
            name: host.name().map(clean),
            names: host.names.keys().map(|name| clean(name)).collect(),
            macs: host.macs.iter().copied().map(mac).collect(),
            smsids: host.smsids.iter().map(|smsid| clean(smsid)).collect(),
            site_code: host.site_code().map(clean),
            roles: host.roles.iter().map(role).collect(),
        }
    }

    fn evidence(&self, places: &[Evidence]) -> Vec<EvidenceEntry> {
        let entry = |evidence: &Evidence| {
            let Moment { frame, time } = evidence.at;
            EvidenceEntry {
                capture: self.capture(frame.capture),
                frame: frame.number,
                time: time.to_string(),
                flow: flow(&evidence.key),
                community_id: community_id(&evidence.key),
                what: clean(&evidence.what),
                bytes: hex(&evidence.bytes),
            }
        };
        places.iter().map(entry).collect()
    }

    fn end(&self, addr: IpAddr, port: Option<u16>) -> End {
        let name = self.ledger.host(addr).and_then(Host::name).map(clean);
        End { ip: addr.to_string(), port, name }
    }

    /// The name of a capture, as it was given.
    fn capture(&self, id: CaptureId) -> String {
        let known = self.coverage.captures.get(usize::from(id.0));
        known.map_or_else(|| format!("capture {}", u32::from(id.0) + 1), |capture| clean(&capture.name))
    }
}

/// Whether a finding about the two hosts of a channel is about the channel: the same port. A finding without a port
/// is about whatever is between them. What rules on client push and on name lookups find is about those channels at
/// any port, for a push has several (445, 135) and an answer to a lookup comes from anywhere.
fn is_about(finding: &Finding, channel: &Channel) -> bool {
    let port = finding.port.is_none_or(|port| (finding.transport, port) == (channel.transport, channel.port));
    let family = match channel.purpose {
        Purpose::ClientPush => finding.rule.id.starts_with("push-"),
        Purpose::NameService => finding.rule.id.starts_with("loc-") && finding.transport == Transport::Udp,
        _ => false,
    };
    port || family
}

fn summary(ledger: &Ledger, findings: &[Finding], channels: &[Channel]) -> Summary {
    let found = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let graded = |grade| channels.iter().filter(|channel| channel.grade == grade).count();
    let mut systems = ledger.hosts().filter_map(Host::site_system);
    Summary {
        critical: found(Severity::Critical),
        high: found(Severity::High),
        medium: found(Severity::Medium),
        low: found(Severity::Low),
        info: found(Severity::Info),
        insecure: graded(Grade::Insecure),
        weak: graded(Grade::Weak),
        not_observable: graded(Grade::NotObservable),
        secure: graded(Grade::Secure),
        highest: findings.iter().map(|finding| finding.severity).max().map(|worst| worst.name().to_owned()),
        relevant: !findings.is_empty()
            || !channels.is_empty()
            || systems.any(|confidence| confidence >= Confidence::Likely),
    }
}

fn trust(trust: &Trust) -> TrustEntry {
    let clean_all = |texts: &[String]| texts.iter().map(|text| clean(text)).collect();
    TrustEntry {
        kind: trust.kind.name().to_owned(),
        verified: trust.verified.name().to_owned(),
        problems: clean_all(&trust.problems),
        notes: clean_all(&trust.notes),
        client_certificate: trust.client_certificate.name().to_owned(),
    }
}

fn clean(text: &str) -> String {
    scrub(text).into_owned()
}

/// A flow as people write it: `10.0.0.1:50000 > 10.0.0.2:80/tcp`.
fn flow(key: &FlowKey) -> String {
    format!("{} > {}/{}", key.client, key.server, key.transport.name())
}

/// A MAC address as people write it: `00:15:5d:00:00:01`.
pub(super) fn mac(octets: [u8; 6]) -> String {
    octets.map(|octet| format!("{octet:02x}")).join(":")
}
