//! What was read and what was lost on the way: the capture's part of a result's coverage.

use std::collections::BTreeMap;

/// Counts kept while frames become flows. Sums of two halves of a run equal the counts of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames read.
    pub frames: u64,
    /// Bytes of those frames, as captured.
    pub bytes: u64,
    /// Frames cut by the snapshot length.
    pub frames_cut: u64,
    /// Frames whose link type we do not read, by link type.
    pub unknown_link: BTreeMap<u16, u64>,
    /// Frames that carry no IP packet (ARP, STP, ...).
    pub not_ip: u64,
    /// Frames with an IP packet of a protocol other than TCP and UDP.
    pub other_transport: u64,
    /// Frames with a header that contradicts itself.
    pub malformed: u64,
    /// Frames dropped because the same frame had just been seen (SPAN port, pktmon).
    pub duplicates: u64,
    /// IP fragments seen.
    pub fragments: u64,
    /// Fragmented datagrams given up: timeout, limit or contradiction.
    pub fragments_abandoned: u64,
    /// TCP flows seen.
    pub tcp_flows: u64,
    /// UDP flows seen.
    pub udp_flows: u64,
    /// TCP flows whose beginning was not captured.
    pub midstream_flows: u64,
    /// TCP flows of which only one direction was captured, counted when they end.
    pub one_sided_flows: u64,
    /// Flows evicted because the table was full.
    pub flows_evicted: u64,
    /// Holes in TCP streams.
    pub gaps: u64,
    /// Bytes missing in those holes.
    pub gap_bytes: u64,
    /// Times that out-of-order data hit a limit.
    pub reorder_limit_hits: u64,
    /// Times that TCP segments which came before what they answer hit a limit, and were delivered in that order.
    pub early_limit_hits: u64,
    /// TCP segments whose payload, or part of it, had already been seen.
    pub retransmitted_segments: u64,
    /// Retransmitted or overlapping bytes that differed from those first seen.
    pub conflicting_overlaps: u64,
}

impl Counters {
    /// Adds the counts of another part of the run.
    pub fn add(&mut self, other: &Self) {
        // Every field by name, so that a field added to the struct and forgotten here does not compile.
        let Self {
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
        } = other;
        self.frames += frames;
        self.bytes += bytes;
        self.frames_cut += frames_cut;
        for (link, count) in unknown_link {
            *self.unknown_link.entry(*link).or_default() += count;
        }
        self.not_ip += not_ip;
        self.other_transport += other_transport;
        self.malformed += malformed;
        self.duplicates += duplicates;
        self.fragments += fragments;
        self.fragments_abandoned += fragments_abandoned;
        self.tcp_flows += tcp_flows;
        self.udp_flows += udp_flows;
        self.midstream_flows += midstream_flows;
        self.one_sided_flows += one_sided_flows;
        self.flows_evicted += flows_evicted;
        self.gaps += gaps;
        self.gap_bytes += gap_bytes;
        self.reorder_limit_hits += reorder_limit_hits;
        self.early_limit_hits += early_limit_hits;
        self.retransmitted_segments += retransmitted_segments;
        self.conflicting_overlaps += conflicting_overlaps;
    }
}
