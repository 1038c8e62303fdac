//! A result made by hand, and what the report and its writers make of it.

mod building;
mod events;
mod schema;
mod writing;

use std::net::IpAddr;

use capture::{
    CaptureId, Counters, Direction, Endpoint, FlowId, FlowKey, FrameId, Moment, Timestamp, Traffic, Transport,
};
use decoders::tftp::TftpEvent;
use decoders::{Event, Record};

use super::Report;
use crate::channel::{
    Channel, ClientCertificate, Grade, Kind, Likely, Purpose, Reason, Sealed, Trust, Verified,
};
use crate::coverage::{CaptureNote, Coverage};
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::{Ledger, NameSource, Role};
use crate::limits::Limits;
use crate::rule::Metadata;

/// Rules of these tests alone, so that no text here hangs on that of a real rule.
static PUSH: Metadata = rule("push-test", "client push logs on with a password hash", Severity::High);
static LOOKUP: Metadata = rule("loc-test", "client asks everybody", Severity::Medium);
static FACT: Metadata = rule("fact-test", "a site was seen", Severity::Info);

const fn rule(id: &'static str, title: &'static str, severity: Severity) -> Metadata {
    Metadata {
        id,
        title,
        severity,
        confidence: Confidence::Certain,
        since: "0.1.0",
        tags: &["CWE-522"],
        explain: " ## Why it matters\n Because.\n\n ## Remedy\n Push with a\n computer account. Then look again.\n\n ## \
                  References\n - none\n",
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn moment(number: u64) -> Moment {
    Moment {
        frame: FrameId { order: number, number, capture: CaptureId(0) },
        time: Timestamp::new(1_769_903_990 + i64::try_from(number).unwrap(), 5_000),
    }
}

fn key(client: (&str, u16), server: (&str, u16), transport: Transport) -> FlowKey {
    let end = |(addr, port)| Endpoint { addr: ip(addr), port };
    FlowKey { client: end(client), server: end(server), transport }
}

fn record(number: u64, key: FlowKey, event: impl Into<Event>) -> Record {
    Record {
        at: moment(number),
        flow: FlowId(number),
        key,
        direction: Direction::ToServer,
        event: event.into(),
        excerpt: vec![0xff, 0x53].into(),
        opened: false,
    }
}

fn seen(key: FlowKey, numbers: &[u64], what: &str) -> Seen {
    let mut seen = Seen::default();
    for number in numbers {
        seen.note(&record(*number, key, TftpEvent::default()), || what.to_owned());
    }
    seen
}

/// A push from a site server to a client whose name tries to paint the terminal, and a lookup by broadcast.
struct Scene {
    ledger: Ledger,
    findings: Vec<Finding>,
    channels: Vec<Channel>,
    coverage: Coverage,
}

const SERVER: &str = "10.0.0.1";
const CLIENT: &str = "10.0.0.20";

fn scene() -> Scene {
    let smb = key((SERVER, 49_900), (CLIENT, 445), Transport::Tcp);
    let nbns = key((CLIENT, 137), ("10.0.0.255", 137), Transport::Udp);
    let mut ledger = Ledger::new(Limits::default());
    let push = record(52, smb, TftpEvent::default());
    ledger.claim(ip(SERVER), Role::SiteServer, Confidence::Likely, &push, "pushed a client");
    ledger.name(ip(SERVER), "CM01.lab.example", NameSource::Dns);
    ledger.name(ip(CLIENT), "PC\u{1b}[2J20", NameSource::Netbios);
    ledger.name(ip("10.0.0.77"), "bystander", NameSource::Dns);
    let hash = seen(smb, &[55, 52, 53], "NTLMv2 response of LAB\\push");
    let lookup = seen(nbns, &[7], "MP_PS1<1a>");
    Scene {
        ledger,
        findings: vec![
            Finding::new(&PUSH, ip(SERVER), ip(CLIENT), &hash)
                .tcp_port(445)
                .filter("ntlmssp")
                .site(Some("PS1"))
                .subject("LAB\\push")
                .message(
                    "10.0.0.1 logged on to 10.0.0.20 as LAB\\push\u{202e} with NTLMv2. Whoever owns the target can \
                     crack the response or relay it to another server where the account is an administrator.",
                ),
            Finding::new(&LOOKUP, ip(CLIENT), ip("10.0.0.255"), &lookup)
                .udp_port(137)
                .confidence(Confidence::Likely)
                .message("10.0.0.20 asked by broadcast for MP_PS1<1a>."),
            Finding::new(&FACT, ip(SERVER), ip(SERVER), &lookup).message("Site PS1 was seen."),
        ],
        channels: channels(smb, &hash, &lookup),
        coverage: coverage(),
    }
}

fn sealed() -> Sealed {
    Sealed {
        connections: 8,
        to_server: Traffic { packets: 90, bytes: 21_000 },
        to_client: Traffic { packets: 70, bytes: 64_000 },
        first: moment(1).time,
        last: moment(9).time,
        longest: 2,
        median_interval: Some(3_600),
        likely: Some(Likely {
            purpose: Purpose::Policy,
            confidence: Confidence::Likely,
            why: "8 short visits, one every 60 minutes, with at most 8 KiB to the client".to_owned(),
        }),
    }
}

/// Nothing of TLS 1.3, and something wrong of TLS 1.2.
fn trust(protocol: &str) -> Trust {
    let hidden = protocol == "TLS 1.3";
    Trust {
        kind: if hidden { Kind::NotObservable } else { Kind::Pki },
        verified: if hidden { Verified::NotChecked } else { Verified::No },
        problems: if hidden { Vec::new() } else { vec!["is not for mp\u{7}.example.test".to_owned()] },
        notes: Vec::new(),
        client_certificate: if hidden { ClientCertificate::NotObservable } else { ClientCertificate::Proved },
    }
}

fn channels(smb: FlowKey, hash: &Seen, lookup: &Seen) -> Vec<Channel> {
    let reason = |grade, text: &str| Reason { grade, text: text.to_owned() };
    let channel = |client: &str, server: &str, port, protocol: &str, purpose, reasons, seen: &Seen| {
        Channel {
            sealed: None,
            client: ip(client),
            server: ip(server),
            port,
            transport: smb.transport,
            protocol: protocol.to_owned(),
            purpose,
            grade: Grade::default(),
            reasons,
            trust: protocol.starts_with("TLS").then(|| trust(protocol)),
            site_code: Some("PS1".to_owned()),
            seen: seen.clone(),
        }
        .graded()
    };
    vec![
        channel(
            SERVER,
            CLIENT,
            135,
            "SMB 3.1.1",
            Purpose::ClientPush,
            vec![
                reason(Grade::Weak, "the server does not require signing"),
                reason(
                    Grade::Insecure,
                    "NTLM\u{7} instead of Kerberos, with an account that is not the server's",
                ),
            ],
            hash,
        ),
        Channel {
            sealed: Some(sealed()),
            ..channel(CLIENT, SERVER, 443, "TLS 1.3", Purpose::Unknown, vec![], lookup)
        },
        channel(
            CLIENT,
            "2001:db8::10",
            443,
            "TLS 1.2",
            Purpose::Policy,
            vec![reason(Grade::Secure, "both ends showed a certificate")],
            lookup,
        ),
    ]
}

fn coverage() -> Coverage {
    Coverage {
        capture: Counters { frames: 12_345, bytes: 9_876_543, gaps: 2, ..Counters::default() },
        captures: vec![CaptureNote {
            name: "site/push.pcap".to_owned(),
            frames: 12_345,
            problems: vec!["last record cut short at byte 99".to_owned()],
        }],
        tls_sealed: 2,
        span: Some((moment(1).time, moment(80).time)),
        ..Coverage::default()
    }
}

impl Scene {
    fn report(&self) -> Report {
        let mut report = Report::new(&self.ledger, &self.findings, &self.channels, &self.coverage);
        // The version of the program is none of what these tests look at.
        "0.0.0".clone_into(&mut report.tool.version);
        report
    }
}
