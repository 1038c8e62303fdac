//! Every bound of this crate, named. Whatever is hit is counted in [`crate::Counters`].

/// Bounds on what a capture can make us hold. Each is for the whole run unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Flows held at once; beyond it the least recently seen flow is evicted, a half-open one first where those
    /// fill more than half of the table, so that a SYN flood does not push out the connections we read.
    pub flows: usize,
    /// Bytes of out-of-order TCP payload held for one direction of one flow; beyond it the hole before
    /// them becomes a gap.
    pub reorder_bytes_per_direction: usize,
    /// Out-of-order segments held for one direction of one flow. Bounds tiny segments with a hole between each.
    pub reorder_segments_per_direction: usize,
    /// Bytes of out-of-order TCP payload held in all, with about a hundred more for each segment; beyond it the flow that asks for more gets a gap.
    pub reorder_bytes_total: usize,
    /// TCP segments of one flow held because they acknowledge bytes of the other direction that have not come yet;
    /// beyond it they are delivered before those. More than two taps or queues are apart in frames.
    pub early_segments_per_flow: usize,
    /// Packet time after which a hole in a TCP stream is given up although nothing tells whether its bytes arrived,
    /// because the other direction is not captured, in nanoseconds.
    pub hole_patience: i64,
    /// Datagrams in reassembly from fragments at once; beyond it the oldest is given up.
    pub fragmented_datagrams: usize,
    /// Fragments held for one datagram.
    pub fragments_per_datagram: usize,
    /// Bytes of fragments held in all; beyond it the oldest datagram is given up.
    pub fragment_bytes_total: usize,
    /// Packet time after which an unfinished fragmented datagram is given up, in nanoseconds (RFC 8200 4.5: 60 s).
    pub fragment_timeout: i64,
    /// Tunnel headers (VXLAN, GRE, IP in IP) opened inside one another, and compression headers.
    pub tunnel_depth: u8,
    /// Bytes that one compressed datagram may inflate to; beyond it it is malformed, for IP carries no more.
    pub inflated_datagram: usize,
    /// Packet time without traffic after which an established TCP flow ends, in nanoseconds.
    pub tcp_idle: i64,
    /// The same for a TCP flow that never got past its first SYN, in nanoseconds.
    pub tcp_half_open: i64,
    /// Packet time that a TCP flow stays in the table after its end, so that late segments are not taken
    /// for a new midstream flow, in nanoseconds.
    pub tcp_linger: i64,
    /// Packet time without traffic after which a UDP flow ends, in nanoseconds. Hosts ask for an address anew every five
    /// minutes, and RFC 4787 4.3 has translators keep a mapping for as long.
    pub udp_idle: i64,
    /// The same for a UDP flow whose questions are answered and whose protocol needs no more ([`Demand::Little`]), in
    /// nanoseconds. Zeek waits as long for DNS (`dns_session_timeout`).
    ///
    /// [`Demand::Little`]: crate::Demand::Little
    pub udp_answered: i64,
    /// Packet time for which a SPAN port's second copy of a frame counts as a duplicate, in nanoseconds.
    pub duplicate_window: i64,
    /// The same for datagrams that carry no IPv4 identification: only time tells a copy from another packet.
    pub unmarked_duplicate_window: i64,
}

/// A second, in the nanoseconds of packet time.
const SECOND: i64 = 1_000_000_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 200_000,
            reorder_bytes_per_direction: 2 << 20,
            reorder_segments_per_direction: 2_048,
            reorder_bytes_total: 64 << 20,
            early_segments_per_flow: 64,
            hole_patience: 10 * SECOND,
            fragmented_datagrams: 4_096,
            fragments_per_datagram: 128,
            fragment_bytes_total: 32 << 20,
            fragment_timeout: 60 * SECOND,
            tunnel_depth: 4,
            inflated_datagram: 65_535,
            tcp_idle: 3_600 * SECOND,
            tcp_half_open: 60 * SECOND,
            tcp_linger: 10 * SECOND,
            udp_idle: 400 * SECOND,
            udp_answered: 10 * SECOND,
            duplicate_window: SECOND / 100,
            unmarked_duplicate_window: SECOND / 20_000,
        }
    }
}
