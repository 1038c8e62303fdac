//! A made-up report for tests and for the example: a site with one of everything that screens must show.

use std::collections::BTreeMap;

use findings::report::{
    AmountEntry, CaptureEntry, ChannelEntry, CoverageEntry, End, EvidenceEntry, FindingEntry, HostEntry,
    LikelyEntry, Report, RoleEntry, SealedEntry, Summary,
};

use super::Status;

/// The whole.
pub(crate) fn report() -> Report {
    Report {
        schema: "ccmscope-report/1".to_owned(),
        summary: Summary {
            critical: 1,
            high: 1,
            medium: 1,
            low: 1,
            info: 1,
            insecure: 3,
            weak: 2,
            not_observable: 1,
            secure: 2,
            highest: Some("critical".to_owned()),
            relevant: true,
        },
        findings: findings(),
        channels: channels(),
        hosts: hosts(),
        coverage: coverage(),
        ..Report::default()
    }
}

/// How far reading is.
pub(crate) fn status() -> Status {
    Status {
        source: vec!["captures/site-p01.pcapng".to_owned()],
        frames: 12_345,
        progress: Some((630, 1000)),
        dropped: 3,
        ..Status::default()
    }
}

/// The documentation of a rule.
pub(crate) fn explain(rule: &str) -> Option<&'static str> {
    (rule == "push-ntlm-fallback").then_some(
        "## What it detects\nA client push whose account used NTLM.\n\n\
         ## Why it matters\nWhoever answers in the target's place receives an NTLM response of an account that is an \
         administrator on every client, and can relay it.\n\n## Evidence\nThe AUTHENTICATE message.\n",
    )
}

/// The documentation of no rule: panics, to see what becomes of the terminal.
#[allow(dead_code, reason = "the example calls it, the library's tests do not")]
pub(crate) fn refuse(rule: &str) -> Option<&'static str> {
    assert!(rule.is_empty(), "a panic while drawing {rule}, as wished");
    None
}

/// Adds one more channel, insecure each third time: it comes before others.
#[allow(dead_code, reason = "the example calls it, the library's tests do not")]
pub(crate) fn grow(report: &mut Report, number: u64) {
    let insecure = number.is_multiple_of(3);
    let client = end(&format!("10.0.2.{}", number % 250), None, &format!("PC{:04}", number % 10_000));
    let grade = if insecure { "insecure" } else { "secure" };
    let reason = if insecure {
        "policy travels over HTTP, neither signed nor encrypted"
    } else {
        "client certificate"
    };
    let mut added = channel(client, mp(443), "policy", "TLS 1.2", grade, &[reason]);
    added.count = number;
    report.channels.push(added);
    if insecure {
        report.summary.insecure += 1;
    } else {
        report.summary.secure += 1;
    }
}

fn end(ip: &str, port: Option<u16>, name: &str) -> End {
    End { ip: ip.to_owned(), port, name: (!name.is_empty()).then(|| name.to_owned()) }
}

fn mp(port: u16) -> End {
    end("10.0.0.5", Some(port), "mp01.corp.test")
}

fn pc(number: u8) -> End {
    end(&format!("10.0.1.{number}"), None, &format!("PC{number:04}"))
}

fn channel(
    client: End,
    server: End,
    purpose: &str,
    protocol: &str,
    grade: &str,
    reasons: &[&str],
) -> ChannelEntry {
    ChannelEntry {
        client,
        server,
        transport: "tcp".to_owned(),
        protocol: protocol.to_owned(),
        purpose: purpose.to_owned(),
        grade: grade.to_owned(),
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        site_code: Some("P01".to_owned()),
        first_seen: "2026-03-01T08:00:01Z".to_owned(),
        last_seen: "2026-03-01T08:04:11Z".to_owned(),
        count: 3,
        ..ChannelEntry::default()
    }
}

fn sealed() -> SealedEntry {
    SealedEntry {
        connections: 1,
        to_server: AmountEntry { packets: 60, bytes: 9_120 },
        to_client: AmountEntry { packets: 58, bytes: 12_400 },
        first_seen: "2026-03-01T08:00:01Z".to_owned(),
        last_seen: "2026-03-01T09:04:11Z".to_owned(),
        longest_seconds: 3_850,
        median_interval_seconds: None,
        likely: Some(LikelyEntry {
            purpose: "notification".to_owned(),
            confidence: "likely".to_owned(),
            why: "a connection of 64 minutes in which at most 410 bytes came every 900 seconds or so"
                .to_owned(),
        }),
    }
}

fn channels() -> Vec<ChannelEntry> {
    let push = ChannelEntry {
        findings: vec!["f-ntlm".to_owned()],
        evidence: vec![authenticate()],
        count: 1,
        ..channel(
            end("10.0.0.4", None, "SITE01"),
            End { port: Some(445), ..pc(42) },
            "client push",
            "SMB 3.1.1",
            "insecure",
            &["the push account fell back to NTLM", "SMB signing is not required by the target"],
        )
    };
    let policy = ChannelEntry {
        findings: vec!["f-http".to_owned(), "f-sign".to_owned()],
        evidence: vec![evidence(7, "CCM_POST /ccm_system/request", "43434d5f504f5354202f63636d")],
        ..channel(
            pc(42),
            mp(80),
            "policy",
            "HTTP",
            "insecure",
            &["requests are not signed", "bodies can be read by anyone"],
        )
    };
    let wins = ChannelEntry {
        transport: "udp".to_owned(),
        findings: vec!["f-wins".to_owned()],
        ..channel(
            pc(43),
            end("10.0.0.9", Some(137), ""),
            "name service",
            "NBNS",
            "insecure",
            &["names a management point without any proof"],
        )
    };
    let content = channel(
        pc(43),
        end("10.0.0.6", Some(80), "dp01.corp.test"),
        "content",
        "HTTP",
        "weak",
        &["content is checked by hash, but who fetches what can be read"],
    );
    let state = channel(pc(43), mp(80), "state", "HTTP", "weak", &["signed, but not encrypted"]);
    let hidden = ChannelEntry {
        sealed: Some(sealed()),
        ..channel(
            pc(44),
            mp(10123),
            "notification",
            "TLS 1.3",
            "not observable",
            &["certificates are hidden by TLS 1.3"],
        )
    };
    let wide = End { name: Some("端末-四十五".to_owned()), ..pc(45) };
    let good = channel(wide, mp(443), "policy", "TLS 1.2", "secure", &["client certificate, current cipher"]);
    let six = end("2001:db8::46", None, "PC0046");
    let other = channel(six, mp(443), "registration", "TLS 1.2", "secure", &["client certificate"]);
    vec![push, policy, content, wins, state, hidden, good, other]
}

fn evidence(frame: u64, what: &str, bytes: &str) -> EvidenceEntry {
    EvidenceEntry {
        capture: "site-p01.pcapng".to_owned(),
        frame,
        time: "2026-03-01T08:00:01.250000Z".to_owned(),
        flow: "10.0.0.4:50122 > 10.0.1.42:445/tcp".to_owned(),
        community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=".to_owned(),
        what: what.to_owned(),
        bytes: bytes.to_owned(),
    }
}

fn authenticate() -> EvidenceEntry {
    evidence(42, "NTLMSSP AUTHENTICATE of CORP\\svc-push", "4e544c4d53535000030000001800180088000000")
}

fn finding(rule: &str, severity: &str, from: End, to: End, message: &str, fingerprint: &str) -> FindingEntry {
    FindingEntry {
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        confidence: "certain".to_owned(),
        title: format!("title of {rule}"),
        message: message.to_owned(),
        source: from,
        destination: to,
        transport: "tcp".to_owned(),
        site_code: Some("P01".to_owned()),
        first_seen: "2026-03-01T08:00:01Z".to_owned(),
        last_seen: "2026-03-01T08:00:01Z".to_owned(),
        count: 1,
        capture: "site-p01.pcapng".to_owned(),
        frames: vec![42],
        display_filter: "ntlmssp && ip.addr == 10.0.1.42".to_owned(),
        remedy: "Turn off the fallback to NTLM in the properties of client push installation.".to_owned(),
        fingerprint: fingerprint.to_owned(),
        ..FindingEntry::default()
    }
}

fn findings() -> Vec<FindingEntry> {
    let site = || end("10.0.0.4", None, "SITE01");
    let smb = || End { port: Some(445), ..pc(42) };
    let ntlm = FindingEntry {
        title: "client push fell back to NTLM".to_owned(),
        evidence: vec![evidence(38, "KRB-ERROR KDC_ERR_S_PRINCIPAL_UNKNOWN", ""), authenticate()],
        ..finding(
            "push-ntlm-fallback",
            "critical",
            site(),
            smb(),
            "SITE01 pushed to PC0042 with NTLM after Kerberos had failed: whoever answers as PC0042 can relay the account.",
            "f-ntlm",
        )
    };
    vec![
        ntlm,
        finding(
            "http-client",
            "high",
            pc(42),
            mp(80),
            "PC0042 talks to its management point over HTTP.",
            "f-http",
        ),
        finding(
            "http-unsigned",
            "medium",
            pc(42),
            mp(80),
            "Messages of PC0042 carry no signature.",
            "f-sign",
        ),
        finding(
            "loc-wins-query",
            "low",
            pc(43),
            end("10.0.0.9", Some(137), ""),
            "PC0043 asked WINS for its management point.",
            "f-wins",
        ),
        finding("client-version", "info", pc(45), mp(443), "PC0045 runs an old client.", "f-version"),
    ]
}

fn host(ip: &str, name: &str, roles: &[(&str, &str)]) -> HostEntry {
    HostEntry {
        ip: ip.to_owned(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        names: vec![name.to_owned()],
        macs: vec!["00:15:5d:00:00:05".to_owned()],
        site_code: Some("P01".to_owned()),
        roles: roles
            .iter()
            .map(|&(role, why)| RoleEntry {
                role: role.to_owned(),
                confidence: "certain".to_owned(),
                why: why.to_owned(),
                capture: "site-p01.pcapng".to_owned(),
                frame: 12,
            })
            .collect(),
        ..HostEntry::default()
    }
}

fn hosts() -> Vec<HostEntry> {
    vec![
        host("10.0.0.4", "SITE01", &[("site server", "pushes clients")]),
        host(
            "10.0.0.5",
            "mp01.corp.test",
            &[("management point", "answers CCM_POST"), ("distribution point", "serves content")],
        ),
        host("10.0.0.6", "dp01.corp.test", &[("distribution point", "serves content")]),
        host("10.0.0.9", "", &[("WINS server", "answers NBNS")]),
        host("10.0.1.42", "PC0042", &[("client", "registers")]),
        host("10.0.1.43", "PC0043", &[("client", "registers")]),
    ]
}

fn coverage() -> CoverageEntry {
    let counts = [("frames", 12_345), ("gaps", 2), ("dropped", 3), ("malformed", 0), ("one_sided_flows", 1)];
    CoverageEntry {
        partial: true,
        complete: false,
        captures: vec![CaptureEntry {
            name: "site-p01.pcapng".to_owned(),
            frames: 12_345,
            problems: vec!["the last record is cut off".to_owned()],
        }],
        from: Some("2026-03-01T08:00:00Z".to_owned()),
        to: Some("2026-03-01T08:05:00Z".to_owned()),
        counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
        unknown_link_types: BTreeMap::from([("147".to_owned(), 4)]),
        limits_hit: BTreeMap::new(),
        notes: vec![
            "3 frames were dropped by the system before they were read.".to_owned(),
            "2 gaps in streams: what was in them is not known.".to_owned(),
        ],
    }
}
