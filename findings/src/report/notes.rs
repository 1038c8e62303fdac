//! Coverage in its outward form: every count by name, and in sentences what a person must know before trusting the
//! rest.

use std::collections::BTreeMap;

use capture::Counters;

use super::{CaptureEntry, CoverageEntry};
use crate::coverage::{CaptureNote, Coverage};
use crate::scrub;

/// Puts the coverage into its outward form.
pub(super) fn coverage(coverage: &Coverage) -> CoverageEntry {
    let (from, to) = coverage.span.unzip();
    CoverageEntry {
        partial: coverage.is_partial(),
        complete: coverage.is_complete(),
        captures: coverage.captures.iter().map(capture).collect(),
        from: from.map(|time| time.to_string()),
        to: to.map(|time| time.to_string()),
        counts: counts(coverage),
        unknown_link_types: by_number(&coverage.capture.unknown_link),
        limits_hit: coverage.limits_hit.clone(),
        notes: notes(coverage),
    }
}

fn capture(note: &CaptureNote) -> CaptureEntry {
    CaptureEntry {
        name: scrub(&note.name).into_owned(),
        frames: note.frames,
        problems: note.problems.iter().map(|problem| scrub(problem).into_owned()).collect(),
    }
}

fn by_number(links: &BTreeMap<u16, u64>) -> BTreeMap<String, u64> {
    links.iter().map(|(link, frames)| (link.to_string(), *frames)).collect()
}

fn counts(coverage: &Coverage) -> BTreeMap<String, u64> {
    // Every field by name, so that a count added to the capture and forgotten here does not compile.
    let Counters {
        frames,
        bytes,
        frames_cut,
        unknown_link,
        not_ip,
        other_transport,
        malformed,
        duplicates,
        fragments,
        fragments_abandoned,
        tcp_flows,
        udp_flows,
        midstream_flows,
        one_sided_flows,
        flows_evicted,
        gaps,
        gap_bytes,
        reorder_limit_hits,
        early_limit_hits,
        retransmitted_segments,
        conflicting_overlaps,
    } = &coverage.capture;
    let counts = [
        ("frames", *frames),
        ("bytes", *bytes),
        ("frames_cut", *frames_cut),
        ("frames_of_unknown_link_type", unknown_link.values().sum()),
        ("frames_not_ip", *not_ip),
        ("frames_of_other_transport", *other_transport),
        ("frames_malformed", *malformed),
        ("frames_duplicate", *duplicates),
        ("frames_dropped", coverage.dropped),
        ("frames_dropped_here", coverage.dropped_here),
        ("fragments", *fragments),
        ("fragments_abandoned", *fragments_abandoned),
        ("tcp_flows", *tcp_flows),
        ("udp_flows", *udp_flows),
        ("flows_midstream", *midstream_flows),
        ("flows_one_sided", *one_sided_flows),
        ("flows_evicted", *flows_evicted),
        ("gaps", *gaps),
        ("gap_bytes", *gap_bytes),
        ("reorder_limit_hits", *reorder_limit_hits),
        ("early_limit_hits", *early_limit_hits),
        ("retransmitted_segments", *retransmitted_segments),
        ("conflicting_overlaps", *conflicting_overlaps),
        ("events", coverage.events),
        ("malformed_messages", coverage.malformed_messages),
        ("ledger_full", coverage.ledger_full),
        ("tls_sealed", coverage.tls_sealed),
        ("tls_opened", coverage.tls_opened),
        ("smb_sealed", coverage.smb_sealed),
        ("smb_over_quic", coverage.smb_over_quic),
    ];
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Worst first: what was not read at all, then what was read in part, then what cannot be read.
fn notes(coverage: &Coverage) -> Vec<String> {
    let seen = &coverage.capture;
    let mut notes = Vec::new();
    let mut note = |count: u64, text: &dyn Fn(&str) -> String, what: &str| {
        if count > 0 {
            notes.push(text(&many(count, what)));
        }
    };
    note(
        coverage.dropped,
        &|n| format!("{n} dropped by the kernel or the interface: what was in there is unknown."),
        "frame",
    );
    note(
        coverage.dropped_here,
        &|n| format!("{n} dropped here, because traffic came faster than it could be read."),
        "frame",
    );
    for capture in &coverage.captures {
        for problem in &capture.problems {
            note(1, &|_| format!("{}: {}.", scrub(&capture.name), scrub(problem).trim_end_matches('.')), "");
        }
    }
    for (link, frames) in &seen.unknown_link {
        note(
            *frames,
            &|n| format!("{n} of link type {link} not read: this link type is not known here."),
            "frame",
        );
    }
    let rows: [(u64, &str, &str); 12] = [
        (seen.frames_cut, "frame", "cut by the snapshot length: capture with -s 0."),
        (seen.gaps, "gap", "in TCP streams: what stood there was not captured."),
        (seen.one_sided_flows, "TCP flow", "seen in one direction only: check the mirror port."),
        (seen.midstream_flows, "TCP flow", "joined in the middle: the beginning was not captured."),
        (seen.flows_evicted, "flow", "given up to keep the limit on open flows."),
        (coverage.ledger_full, "fact", "not remembered, because a table was full."),
        (seen.fragments_abandoned, "fragmented datagram", "given up: pieces were missing or contradicted."),
        (seen.conflicting_overlaps, "overlapping byte", "differed from what was first seen there."),
        (coverage.tls_sealed, "TLS connection", "not readable inside: what went through cannot be judged."),
        (coverage.tls_opened, "TLS connection", "opened with the keys given, and judged by what is inside."),
        (coverage.smb_sealed, "SMB connection", "encrypted: what went through cannot be judged."),
        (coverage.smb_over_quic, "connection", "of SMB over QUIC seen, not decoded."),
    ];
    for (count, what, text) in rows {
        note(count, &|n| format!("{n} {text}"), what);
    }
    for (reason, count) in &coverage.tls_sealed_because {
        note(*count, &|n| format!("{n} not opened: {reason}."), "TLS connection");
    }
    for (limit, count) in &coverage.limits_hit {
        note(*count, &|n| format!("limit {limit:?} ended the reading of {n}."), "message or flow");
    }
    note(coverage.malformed_messages, &|n| format!("{n} contradicted their own format."), "message");
    notes
}

/// A count and what is counted: `1 frame`, `1,234 frames`.
#[must_use]
pub fn many(count: u64, what: &str) -> String {
    let what = match (count, what.strip_prefix("message or flow")) {
        (1, _) => what.to_owned(),
        (_, Some("")) => "messages or flows".to_owned(),
        _ => format!("{what}s"),
    };
    format!("{} {what}", grouped(count))
}

/// A number with its thousands set apart: `1,234,567`.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(count), text);
        }
        assert_eq!(many(1, "frame"), "1 frame");
        assert_eq!(many(2_000, "message or flow"), "2,000 messages or flows");
    }

    #[test]
    fn notes_begin_with_what_was_lost_and_end_with_what_is_sealed() {
        let poor = Coverage {
            capture: Counters {
                gaps: 2,
                frames_cut: 1,
                unknown_link: [(147, 3)].into(),
                ..Counters::default()
            },
            captures: vec![CaptureNote {
                name: "a\u{1b}.pcap".into(),
                frames: 1,
                problems: vec!["last record cut short".into()],
            }],
            dropped: 1_500,
            tls_sealed: 4,
            ..Coverage::default()
        };
        let entry = coverage(&poor);
        assert!(entry.partial && !entry.complete);
        assert_eq!(
            entry.notes,
            [
                "1,500 frames dropped by the kernel or the interface: what was in there is unknown.",
                "a\\u{1b}.pcap: last record cut short.",
                "3 frames of link type 147 not read: this link type is not known here.",
                "1 frame cut by the snapshot length: capture with -s 0.",
                "2 gaps in TCP streams: what stood there was not captured.",
                "4 TLS connections not readable inside: what went through cannot be judged.",
            ]
        );
        assert_eq!(entry.unknown_link_types, [("147".to_owned(), 3)].into());
        assert_eq!(entry.counts["frames_dropped"], 1_500);
    }

    #[test]
    fn nothing_wrong_is_nothing_to_note() {
        let entry = coverage(&Coverage::default());
        assert!(entry.complete && entry.notes.is_empty());
        assert_eq!(entry.counts["frames"], 0, "zeros are told");
    }
}
