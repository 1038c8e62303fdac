//! Every bound of this crate, named. What is not kept because of one is counted in the coverage.

/// Places kept for one fact.
pub(crate) const EVIDENCE_KEPT: usize = 4;

/// Bounds on what a capture can make the ledger hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Hosts remembered.
    pub hosts: usize,
    /// Names, MAC addresses and client identifiers remembered for one host.
    pub identities_per_host: usize,
    /// Entries of any one table of the ledger (exchanges, messages, TLS peers, SMB sessions, lookups, ...).
    pub table: usize,
    /// Attempts to connect that failed, by client and server, remembered of any one kind. A scan or flood makes one an
    /// address.
    pub failures: usize,
    /// TLS servers, SMB connections that ended, and NTLM responses, remembered. Most are bystanders, which are forgotten
    /// first.
    pub peers: usize,
    /// SMB connections under way between two hosts that are looked at before and behind one of them, for what happened
    /// on them at the same time. A push has a handful.
    pub beside: usize,
    /// Items of any one list inside an entry.
    pub list: usize,
    /// Revocation lists taken from the capture, of up to [`decoders::Limits::crl`] bytes each; those given by file are
    /// not counted. Where they are full, a newer list takes the place of the oldest of the same key.
    pub revocation_lists: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hosts: 100_000,
            identities_per_host: 16,
            table: 100_000,
            failures: 20_000,
            peers: 10_000,
            beside: 128,
            list: 64,
            revocation_lists: 64,
        }
    }
}
